"""Lists: filters, order and pages, the same on both databases."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from unicodedata import normalize

import pytest

from cxport.domain.artifact import Artifact
from cxport.domain.catalogue import DataType, Family
from cxport.domain.job import Job, Schedule
from cxport.domain.listing import Query
from cxport.domain.run import Run, Status
from cxport.domain.tenant import Tenant
from cxport.store import files, jobs, runs
from cxport.store.columns import fold
from cxport.store.database import Database
from tests.store.samples import NOON, a_begun_run, a_run, a_spec, an_artifact, new_tenant, publish

DECOMPOSED = normalize("NFD", "ЧЁРНЫЙ")
TITLES = (
    "Straße",
    "strasse 2",
    "İstanbul",
    "istanbul",
    "ΟΔΟΣ",
    "οδος",
    "Чёрный",
    DECOMPOSED,
    "100% _done_",
    "100 percent",
    "日本語",
    "😀 smile",
    "Éclair",
    "e\u0301clair",
    "zebra",
    "Zebra",
    "",
    "a\\b",
)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("STRASSE", {"Straße", "strasse 2"}),
        ("ß", {"Straße", "strasse 2"}),
        ("İSTANBUL", {"İstanbul"}),
        ("STANBUL", {"İstanbul", "istanbul"}),
        ("ΔΟΣ", {"ΟΔΟΣ", "οδος"}),
        ("δος", {"ΟΔΟΣ", "οδος"}),
        ("чёр", {"Чёрный", DECOMPOSED}),
        ("0%", {"100% _done_"}),
        ("_DONE", {"100% _done_"}),
        ("本", {"日本語"}),
        ("😀", {"😀 smile"}),
        ("ÉCL", {"Éclair", "e\u0301clair"}),
        ("\\B", {"a\\b"}),
        ("'; --", set()),
        ("x" * 100_000, set()),
        ("", set(TITLES)),
    ],
)
def test_text_is_found_without_regard_to_case(
    db: Database, titled: Tenant, part: str, found: set[str]
) -> None:
    """In any script, composed or not, and taken literally, however long it is."""
    page = runs.page(db, titled.id, Query(contains={"title": part}))

    assert {run.spec.title for run in page.items} == found
    assert page.count == len(found)


@pytest.fixture(scope="module")
def titled(db: Database) -> Tenant:
    """Give a tenant with a run of each title."""
    tenant = new_tenant(db)
    for title in TITLES:
        a_run(db, tenant, title=title)
    return tenant


Value = Callable[[Any], Any]

RUN_COLUMNS: dict[str, Value] = {
    "id": lambda run: run.id,
    "job_id": lambda run: run.job_id,
    "title": lambda run: fold(run.spec.title),
    "type": lambda run: run.spec.family.lower(),
    "data_type": lambda run: fold(run.spec.data_type),
    "source": lambda run: fold(run.spec.source),
    "status": lambda run: run.status.lower(),
    "file_name": lambda run: run.first_file,
    "size": lambda run: run.size_bytes,
    "created_at": lambda run: run.created_at,
}

JOB_COLUMNS: dict[str, Value] = {
    "id": lambda item: item[0].id,
    "title": lambda item: fold(item[0].spec.title),
    "type": lambda item: item[0].spec.family.lower(),
    "data_type": lambda item: fold(item[0].spec.data_type),
    "source": lambda item: fold(item[0].spec.source),
    "schedule_type": lambda item: item[0].spec.schedule.kind,
    "suspended": lambda item: item[0].spec.suspended,
    "created_at": lambda item: item[0].created_at,
    "status": lambda item: _status(item).lower(),
}

FILE_COLUMNS: dict[str, Value] = {
    "id": lambda file: int(file.object_key),
    "name": lambda file: fold(file.name),
    "type": lambda file: file.family.lower(),
    "data_type": lambda file: fold(file.data_type),
    "source": lambda file: fold(file.source),
    "title": lambda file: fold(file.title),
    "run_id": lambda file: file.run_id,
    "job_id": lambda file: file.job_id,
    "uploaded_at": lambda file: file.created_at,
    "expires_at": lambda file: file.expires_at,
    "size": lambda file: file.size_bytes,
    "rows": lambda file: file.rows,
    "sha256": lambda file: file.sha256,
    "part": lambda file: file.part,
    "parts": lambda file: file.parts,
}


def _status(item: tuple[Job, Run | None]) -> Status:
    job, run = item
    if run is not None:
        return run.status
    return Status.SUSPENDED if job.spec.suspended else Status.SCHEDULED


@pytest.fixture(scope="module")
def mixed(db: Database) -> Tenant:
    """Give a tenant whose jobs, runs and files differ, and tie, in every column."""
    tenant, chance = new_tenant(db), random.Random(5)
    for title in TITLES * 2:
        spec = a_spec(
            title=title,
            source=chance.choice(("alpha", "Beta", "ähre", "Ähre")),
            family=chance.choice(tuple(Family)),
            data_type=chance.choice(tuple(DataType)),
            suspended=chance.random() < 0.5,
            schedule=Schedule(cron=chance.choice(("", "0 3 * * *"))),
        )
        _, run = jobs.create(db, tenant.id, spec, "user:ann", run_now=chance.random() < 0.7)
        if run is not None and chance.random() < 0.3:
            runs.fail(db, tenant.id, run.id, 0, "reason")
    for number in range(1, 20):
        run = a_begun_run(db, tenant, ())
        publish(db, run, [_a_file(run, number, chance)], manifest=None)
    return tenant


def _a_file(run: Run, number: int, chance: random.Random) -> Artifact:
    """Give a file whose object key tells the order in which files appeared."""
    return an_artifact(
        run,
        object_key=str(number),
        size_bytes=chance.randrange(3) * 2**40,
        rows=chance.randrange(3),
        sha256=chance.choice("abc") * 64,
        title=chance.choice(TITLES),
        parts=chance.randrange(3),
        created_at=_a_moment(chance),
        expires_at=_a_moment(chance) + timedelta(days=30),
    )


def _a_moment(chance: random.Random) -> datetime:
    """Give moments that differ by microseconds, and some by their time zone's offset alone."""
    moment = NOON + chance.choice((timedelta(0), timedelta(microseconds=1), timedelta(days=-1)))
    return moment.astimezone(timezone(timedelta(hours=chance.choice((-11, 0, 14)))))


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", RUN_COLUMNS)
def test_runs_are_ordered(db: Database, mixed: Tenant, column: str, *, descending: bool) -> None:
    """By any column, ties by id in the same direction, text by code point once folded."""
    page = runs.page(db, mixed.id, Query(order=column, descending=descending))

    assert _ordered(page.items, RUN_COLUMNS, column, descending=descending)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", JOB_COLUMNS)
def test_jobs_are_ordered(db: Database, mixed: Tenant, column: str, *, descending: bool) -> None:
    """By any column, ties by id in the same direction, text by code point once folded."""
    page = jobs.page(db, mixed.id, Query(order=column, descending=descending))

    assert _ordered(page.items, JOB_COLUMNS, column, descending=descending)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", FILE_COLUMNS)
def test_files_are_ordered(db: Database, mixed: Tenant, column: str, *, descending: bool) -> None:
    """By any column, ties by id (the order in which files appeared) in the same direction."""
    page = files.page(db, mixed.id, Query(order=column, descending=descending), NOON)

    assert _ordered(page.items, FILE_COLUMNS, column, descending=descending)


def _ordered(
    items: tuple[Any, ...], columns: dict[str, Value], column: str, *, descending: bool
) -> bool:
    expected = sorted(
        items, key=lambda item: (columns[column](item), columns["id"](item)), reverse=descending
    )
    assert len(items) > 10
    return list(items) == expected


def test_pages_make_up_the_list(db: Database, mixed: Tenant) -> None:
    """Each item once, in order, whatever the size of a page; the count stays the same."""
    whole = runs.page(db, mixed.id, Query(order="source"))
    pages = [
        runs.page(db, mixed.id, Query(order="source", offset=offset, limit=7))
        for offset in range(0, whole.count + 7, 7)
    ]

    assert [run for page in pages for run in page.items] == list(whole.items)
    assert {page.count for page in pages} == {whole.count}
    assert pages[-1].items == ()


def test_a_page_beyond_any_number_is_empty(db: Database, mixed: Tenant) -> None:
    """Numbers that no database holds are answered, not refused."""
    beyond = runs.page(db, mixed.id, Query(offset=10**30, limit=10**30))

    assert beyond.items == ()
    assert beyond.count > 0


def test_filters_hold_together(db: Database, mixed: Tenant) -> None:
    """Every filter that is given must hold; the count is that of what matches."""
    every = runs.page(db, mixed.id, Query()).items
    query = Query(
        contains={"title": "A", "source": "E"},
        equals={"status": (Status.QUEUED, Status.FAILED), "type": (Family.UCS,)},
        limit=1,
    )

    page = runs.page(db, mixed.id, query)

    matching = [
        run
        for run in every
        if "a" in fold(run.spec.title)
        and "e" in fold(run.spec.source)
        and run.status in {Status.QUEUED, Status.FAILED}
        and run.spec.family is Family.UCS
    ]
    assert page.count == len(matching) > 1
    assert list(page.items) == matching[:1]


def test_bounds_are_half_open(db: Database, mixed: Tenant) -> None:
    """A moment belongs to the span that starts with it, to the microsecond."""
    moment = NOON + timedelta(microseconds=1)
    every = files.page(db, mixed.id, Query(), NOON).items

    since = files.page(db, mixed.id, Query(at_least={"uploaded_at": moment}), NOON)
    until = files.page(db, mixed.id, Query(before={"uploaded_at": moment}), NOON)

    assert list(since.items) == [file for file in every if file.created_at >= moment]
    assert list(until.items) == [file for file in every if file.created_at < moment]
    assert since.count > 0 < until.count


def test_a_moment_comes_back_as_it_was(db: Database, tenant: Tenant) -> None:
    """In UTC, to the microsecond, from whatever zone it was given in."""
    run = a_begun_run(db, tenant, ())
    there = NOON.astimezone(timezone(timedelta(hours=14)))
    publish(db, run, [an_artifact(run, created_at=there)])

    (file,) = files.page(db, tenant.id, Query(equals={"uploaded_at": (there,)}), NOON).items

    assert (file.created_at, file.created_at.tzinfo) == (NOON, UTC)


def test_no_allowed_value_matches_nothing(db: Database, mixed: Tenant) -> None:
    """A filter for no value at all is not the same as no filter."""
    assert runs.page(db, mixed.id, Query(equals={"status": ()})).count == 0


@pytest.mark.parametrize(
    "query",
    [
        Query(order="spec"),
        Query(contains={"reason": "x"}),
        Query(equals={"tenant_id": ("x",)}),
        Query(contains={"id": "1"}),
    ],
)
def test_an_unknown_column_is_a_mistake(db: Database, mixed: Tenant, query: Query) -> None:
    """Names are checked before the store is asked; it takes no others."""
    with pytest.raises(KeyError):
        runs.page(db, mixed.id, query)
