"""Results of steps are kept beside each other, never those of two machines."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bench import kept, pages
from bench.goals import goals
from bench.picture import growth_picture
from bench.rows import read_rows
from bench.steps import STEPS

MACHINE = {"cores": 2, "processor": "one", "system": "Linux", "python": "3.11", "programs": []}
ABOUT = {"on": "2026-01-01", "load": 0.0, "took_seconds": 1}


def race(**seconds: float) -> dict[str, Any]:
    """Give the result of a race."""
    sides = [
        {
            "name": name.replace("_", " ").replace("typed ", "typed, "),
            "seconds": taken,
            "processor_seconds": taken,
            "raw_bytes": 200,
            "file_bytes": 100,
            "peak_bytes": 0,
        }
        for name, taken in seconds.items()
    ]
    return {**ABOUT, "rows": 10, "runs": 1, "sides": sides, "missing": ["dlt, plain"]}


def test_a_step_leaves_those_of_others() -> None:
    """A quiet quarter of an hour renews a part of the page."""
    before = kept.merged({"machine": {}, "steps": {}}, {"sqlite": 1, "zip": 1}, MACHINE)

    after = kept.merged(before, {"zip": 2}, MACHINE)

    assert after["steps"] == {"sqlite": 1, "zip": 2}


def test_another_machine_begins_anew() -> None:
    """Figures of two machines never stand on one page."""
    before = {"machine": MACHINE, "steps": {"sqlite": 1}}

    after = kept.merged(before, {"zip": 2}, {**MACHINE, "processor": "another"})

    assert after["steps"] == {"zip": 2}


def test_the_page_says_who_was_missing_and_what_was_missed() -> None:
    """A goal that is not reached is called missed; a peer that is not there is named."""
    steps = {"zip": race(typed_zip_1=8.0, CXPort=4.0)}
    page = pages.benchmarks({"machine": MACHINE, "steps": steps})

    assert "| against zip, at equal ratio | 2.00, missed | at least 4 | 4.7 |" in page
    assert "| dlt, plain | not installed |" in page
    assert "missed" not in goals({"zip": race(typed_zip_1=17.0, CXPort=4.0)})


def test_the_slowest_page_is_what_is_judged() -> None:
    """Of lists the worst of its kind on any store, of the console the worst of all."""
    lists = {"pages": [{"kind": "one filter", "p95_ms": ms} for ms in (20.0, 160.0, 90.0)]}
    console = {"pages": [{"path": "/", "p95_ms": ms} for ms in (180.0, 30.0)]}
    rows = goals({"lists": lists, "console": console})

    assert "| lists, one filter | 160.00 ms, missed | at most 150 ms |" in rows
    assert "| pages of the console | 180.00 ms | at most 200 ms |" in rows
    assert "| lists, no filter | not measured |" in rows


def test_every_step_can_be_named() -> None:
    """Steps have names of their own, and minutes by which a quiet slot is filled."""
    assert len({one.name for one in STEPS}) == len(STEPS)
    assert all(one.minutes > 0 for one in STEPS)


def test_the_picture_says_what_it_shows() -> None:
    """The SVG is well formed, needs nothing else, and has a title for who cannot see it."""
    points = [
        {"rows": rows, "readers": readers, "seconds": rows / 1e5 / readers, "peak_bytes": 6e7}
        for rows in (10_000, 100_000)
        for readers in (1, 2, 4)
    ]
    picture = growth_picture({"by_rows": points})
    root = ET.fromstring(picture)  # noqa: S314 - our own text

    assert root[0].text is not None
    assert "memory of a reader stays between 60 and 60 MB" in root[0].text
    assert root.get("aria-labelledby") == root[0].get("id")
    assert "href" not in picture


@pytest.mark.parametrize(
    ("changed", "differs"),
    [
        ([b'{"id":"a","content":"y"}', b'{"id":"b","content":"x"}'], False),
        ([b'{"id":"a","content":"y"}'], True),
        ([b'{"id":"a","content":"y"}', b'{"id":"c","content":"x"}'], True),
    ],
)
def test_rows_are_the_same_in_any_order(changed: list[bytes], *, differs: bool) -> None:
    """A row too few, or another one, is seen; their order is not."""
    rows = [b'{"id":"b","content":"x"}', b'{"id":"a","content":"y"}']

    found, other = read_rows(rows, whole=False), read_rows(changed, whole=False)

    assert ((found.count, found.identities) != (other.count, other.identities)) is differs
