"""Lists of a tenant with a million records.

Fills a store of each kind by set-based inserts, then asks for pages of 100 of jobs, history and
files at random (the seed is fixed), one after the other: in every order, with filters that match
all, half, few, one or no record.
"""

from __future__ import annotations

import math
import random
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from bench.kept import Json
from bench.many import LATER, START, fill
from bench.work import Grounds
from cxport.domain.listing import Page, Query
from cxport.store import files, jobs, runs
from cxport.store.database import Database, connect

_PAGE = 100
_DESCRIBED = ("id", "title", "type", "data_type", "source")
_OF_RUN = ("status", "file_name", "size", "progress", "created_at")
_ASKED_FOR = ("description", "media", "split_bytes", "attachments", "date_from", "date_to")
#: Of a text: what is in all titles, in half, in few, in one and in none.
_TITLES = ("export", "weekly", "part 77", "999", "number 123456", "nowhere")
_CONTAINS = {
    "title": _TITLES,
    "source": ("source", "source 1", "source 17", "nowhere"),
    "data_type": ("interaction", "contact"),
    "type": ("ucs", "sync"),
}
_FILE_NAMES = (".smime", "export-1", "export-777", "-123456", "nowhere")


@dataclass(frozen=True, kw_only=True)
class Noun:
    """A list: how to ask it, its orders, and filters to choose from."""

    name: str
    page: Callable[[Query], Page[Any]]
    orders: Sequence[str]
    filters: Sequence[Query]


@dataclass(frozen=True)
class Timing:
    """What pages of a kind took."""

    store: str
    noun: str
    kind: str
    limit_ms: int
    p95_ms: float
    worst_ms: float
    worst: str


def nouns(db: Database, tenant_id: str) -> list[Noun]:
    """Give the three lists."""
    text = [Query(contains={name: part}) for name, parts in _CONTAINS.items() for part in parts]
    named = [Query(contains={"file_name": part}) for part in _FILE_NAMES]
    stated = [Query(equals={"status": (one,)}) for one in ("completed", "failed", "inProgress")]
    bounds = [
        Query(at_least={"uploaded_at": START + timedelta(days=1500)}),
        Query(before={"uploaded_at": START + timedelta(days=10)}),
    ]
    files_page = partial(_files, db, tenant_id)
    both = (*_DESCRIBED, *_OF_RUN, *_ASKED_FOR)
    return [
        Noun(
            name="jobs",
            page=partial(jobs.page, db, tenant_id),
            orders=(*both, "schedule_type", "suspended"),
            filters=[*text, Query(equals={"suspended": (True,)})],
        ),
        Noun(
            name="history",
            page=partial(runs.page, db, tenant_id),
            orders=(*both, "rows", "job_id"),
            filters=[*text, *named, *stated, Query(equals={"job_id": (777,)})],
        ),
        Noun(
            name="files",
            page=files_page,
            orders=(*_DESCRIBED, "name", "run_id", "uploaded_at", "expires_at", "size", "rows"),
            filters=[
                *text,
                *(Query(contains={"name": part}) for part in _FILE_NAMES),
                *bounds,
            ],
        ),
    ]


def _files(db: Database, tenant_id: str, query: Query) -> Page[Any]:
    return files.page(db, tenant_id, query, LATER - timedelta(days=1))


def measured(store: str, noun: Noun, samples: int) -> Iterator[Timing]:
    """Time pages of each kind."""
    chance = random.Random(7)  # noqa: S311 - the same questions each time
    kinds: tuple[tuple[str, int, int, int], ...] = (
        ("no filter", 150, 0, 0),
        ("one filter", 150, 1, 0),
        ("two to four filters", 600, 4, 0),
        ("no filter, from half a million", 600, 0, 500_000),
        ("one filter, from 200,000", 600, 1, 200_000),
    )
    for kind, limit_ms, most, offset in kinds:
        times = []
        for _ in range(samples):
            count = chance.randint(min(2, most), most)
            chosen = [chance.choice(noun.filters) for _ in range(count)]
            query = replace(
                _joined(chosen),
                order=chance.choice(noun.orders),
                descending=chance.choice((True, False)),
                offset=offset,
                limit=_PAGE,
            )
            begun = time.perf_counter()
            noun.page(query)
            times.append(((time.perf_counter() - begun) * 1000, _told(query)))
        taken = [each for each, _ in times]
        p95 = sorted(taken)[math.ceil(len(taken) * 0.95) - 1]
        yield Timing(store, noun.name, kind, limit_ms, p95, *max(times))


def _joined(queries: Sequence[Query]) -> Query:
    """Give the query that asks for all at once; of two for one column the later."""
    joined = Query()
    for one in queries:
        joined = replace(
            joined,
            contains={**joined.contains, **one.contains},
            equals={**joined.equals, **one.equals},
            at_least={**joined.at_least, **one.at_least},
            before={**joined.before, **one.before},
        )
    return joined


def _told(query: Query) -> str:
    filters = {**query.contains, **query.equals, **query.at_least, **query.before}
    words = [f"{name} {value}" for name, value in filters.items()]
    return ", ".join([*words, f"by {query.order}", "descending" if query.descending else ""])


def lists(grounds: Grounds, given: Namespace) -> Json:
    """Fill, and ask; `failed` where a kind of page takes longer than it may."""
    found = [
        one
        for store, url in grounds.stores("lists").items()
        for one in _of_store(store, url, given.records, given.samples)
    ]
    return {
        "records": given.records,
        "samples": given.samples,
        "pages": [asdict(one) for one in found],
        "failed": any(one.p95_ms > one.limit_ms for one in found),
    }


def _of_store(store: str, url: str, records: int, samples: int) -> Iterator[Timing]:
    db = connect(url)
    tenant_id = fill(db, records)
    for noun in nouns(db, tenant_id):
        for one in measured(store, noun, samples):
            print(f"  {one}", flush=True)
            yield one
    db.close()
