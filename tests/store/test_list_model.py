"""Lists against a plain model of them in Python: any filters, any order, any page."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxport.domain.catalogue import DataType, Family
from cxport.domain.job import Job, JobSpec, Schedule
from cxport.domain.listing import Query
from cxport.domain.run import Run, Status
from cxport.domain.tenant import Tenant
from cxport.store import choice, jobs, runs
from cxport.store.columns import fold
from cxport.store.database import Database
from tests.store.samples import a_spec, an_artifact, begin, new_tenant, publish
from tests.store.test_lists import TITLES

Value = Callable[[Any], Any]
#: Texts to look for: of one character, folded alike, of all titles, of none.
PARTS = ("a", "S", "ss", "ß", "ΟΣ", "ёр", "É", "_", "%", "0", "istan", "Ä", "t", "nowhere")
RUNS = 120


def _described(spec: Value, run: Value, item_id: Value) -> dict[str, Value]:
    """Give the columns of a job or run; `run` may give none."""
    return {
        "id": item_id,
        "title": lambda item: fold(spec(item).title),
        "type": lambda item: spec(item).family.value,
        "data_type": lambda item: fold(spec(item).data_type),
        "source": lambda item: fold(spec(item).source),
        "file_name": lambda item: fold(run(item).first_file) if run(item) else "",
        "size": lambda item: run(item).size_bytes if run(item) else 0,
        "progress": lambda item: run(item).progress if run(item) else 0,
        "description": lambda item: fold(spec(item).description)[:200],
        "media": lambda item: fold(",".join(spec(item).media)),
        "split_bytes": lambda item: spec(item).split_bytes,
        "attachments": lambda item: spec(item).attachments,
    }


def _status(item: tuple[Job, Run | None]) -> str:
    job, run = item
    if run is not None:
        return run.status.value
    return (Status.SUSPENDED if job.spec.suspended else Status.SCHEDULED).value


RUN_COLUMNS: Mapping[str, Value] = {
    **_described(lambda run: run.spec, lambda run: run, lambda run: run.id),
    "status": lambda run: run.status.value,
    "created_at": lambda run: run.created_at,
    "job_id": lambda run: run.job_id,
    "rows": lambda run: run.counts.exported,
}
JOB_COLUMNS: Mapping[str, Value] = {
    **_described(lambda item: item[0].spec, lambda item: item[1], lambda item: item[0].id),
    "status": _status,
    "suspended": lambda item: item[0].spec.suspended,
    "schedule_type": lambda item: item[0].spec.schedule.kind,
}
TEXTS = ("title", "type", "data_type", "source", "file_name", "status")


@pytest.fixture(scope="module", params=["as it is", "few and far", "few of many values"])
def mixed(db: Database, request: pytest.FixtureRequest) -> Iterator[Tenant]:
    """Give a tenant of many jobs and runs, to lists as they are and to ones that take few for many.

    So each way of reading a page is taken.
    """
    tenant, chance = new_tenant(db), random.Random(11)
    for _ in range(RUNS):
        _add(db, tenant, chance)
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "as it is":
            patch.setattr(choice, "FEW", 6)
            patch.setattr(choice, "WAYS", (4, 12, 15))
            if request.param == "few and far":
                patch.setattr(choice, "DISTINCT", 1)
        yield tenant


def _add(db: Database, tenant: Tenant, chance: random.Random) -> None:
    """Add a job, perhaps with a run, perhaps begun, ended or deleted again."""
    _, run = jobs.create(db, tenant.id, _spec(chance), "user:ann", run_now=chance.random() < 0.8)
    if run is None:
        return
    fate = chance.randrange(6)
    if fate == 0:
        runs.suspend(db, tenant.id, run.id)
    if fate == 1:
        runs.cancel(db, tenant.id, run.id)
        runs.delete(db, tenant.id, run.id)
    if fate > 2:
        begun = begin(db, run)
        runs.save_plan(db, tenant.id, run.id, begun.attempt, (), 10 * fate, False)
        if fate > 3:
            name = f"export-{chance.choice('aÄbß')}-{run.id}.smime"
            publish(db, begun, [an_artifact(begun, name=name, size_bytes=chance.randrange(3))])


def _spec(chance: random.Random) -> JobSpec:
    return a_spec(
        title=chance.choice(TITLES),
        source=chance.choice(("alpha", "Beta", "ähre", "Ähre")),
        family=chance.choice(tuple(Family)),
        data_type=chance.choice(tuple(DataType)),
        description=chance.choice(("", "Größe", "b" * 300)),
        media=chance.choice(((), ("chat",), ("email", "Chat"))),
        split_bytes=chance.choice((1 << 20, 1 << 30)),
        attachments=chance.choice((True, False)),
        suspended=chance.choice((True, False)),
        schedule=Schedule(cron=chance.choice(("", "0 3 * * *"))),
    )


def _queries(columns: Mapping[str, Value]) -> st.SearchStrategy[Query]:
    contains = st.dictionaries(st.sampled_from(TEXTS), st.sampled_from(PARTS), max_size=3)
    status = st.sampled_from([(), ("completed",), ("queued", "suspended", "inProgress")])
    return st.builds(
        Query,
        contains=contains,
        equals=st.just({}) | st.fixed_dictionaries({"status": status}),
        order=st.sampled_from(sorted(columns)),
        descending=st.booleans(),
        offset=st.sampled_from([0, 1, 7, 40, 10**6]),
        limit=st.sampled_from([1, 5, 30, 10**6]),
    )


def _model(query: Query, items: list[Any], columns: Mapping[str, Value]) -> tuple[int, list[Any]]:
    """Give the count and the ids that a list must answer with."""
    found = [
        item
        for item in items
        if all(fold(part) in fold(columns[name](item)) for name, part in query.contains.items())
        and all(columns[name](item) in values for name, values in query.equals.items())
    ]
    found.sort(
        key=lambda item: (columns[query.order](item), columns["id"](item)),
        reverse=query.descending,
    )
    page = found[query.offset : query.offset + query.limit]
    return len(found), [columns["id"](item) for item in page]


THOROUGH = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def test_history_is_as_its_model(db: Database, mixed: Tenant) -> None:
    """Any filters, order and page of history give what a search in Python gives, and the count."""
    every = list(runs.page(db, mixed.id, Query()).items)
    assert len(every) > 60

    @THOROUGH
    @given(query=_queries(RUN_COLUMNS))
    def ask(query: Query) -> None:
        page = runs.page(db, mixed.id, query)
        assert _model(query, every, RUN_COLUMNS) == (page.count, [run.id for run in page.items])

    ask()


def test_jobs_are_as_their_model(db: Database, mixed: Tenant) -> None:
    """So it is with jobs, which show what their newest run does, and themselves without one."""
    every = list(jobs.page(db, mixed.id, Query()).items)
    assert len(every) == RUNS

    @THOROUGH
    @given(query=_queries(JOB_COLUMNS))
    def ask(query: Query) -> None:
        page = jobs.page(db, mixed.id, query)
        found = [job.id for job, _ in page.items]
        assert _model(query, every, JOB_COLUMNS) == (page.count, found)

    ask()


@pytest.mark.parametrize("part", ["", "weekly"])
def test_walking_up_sees_each_record_once(db: Database, tenant: Tenant, part: str) -> None:
    """Those of the beginning, each exactly once in the order of ids, while others are added."""
    contains = {"title": part} if part else {}
    begun = [_queued(db, tenant) for _ in range(20)]
    seen: list[int] = []
    while True:
        page = runs.page(db, tenant.id, Query(contains=contains, offset=len(seen), limit=3))
        seen += [run.id for run in page.items]
        if len(seen) >= page.count:
            break
        if len(seen) < 30:
            _queued(db, tenant)

    assert seen[: len(begun)] == begun
    assert len(seen) == len(set(seen)) > len(begun)
    assert seen == sorted(seen)


def _queued(db: Database, tenant: Tenant) -> int:
    _, run = jobs.create(db, tenant.id, a_spec(), "user:ann", run_now=True)
    assert run is not None
    return run.id
