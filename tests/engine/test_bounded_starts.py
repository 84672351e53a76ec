"""A part that ends its process each time takes its run down after so many starts, and no other."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from cxport.domain.run import PartState, Status
from cxport.engine.ending import end_run, publish_run
from cxport.engine.parts import MOST_STARTS, export_part
from cxport.engine.planning import plan_run
from cxport.engine.resources import Resources
from cxport.store import runs
from tests.engine.exporting import a_run, a_tenant


@contextmanager
def poisoned(file: Path) -> Iterator[set[int]]:
    """Kill every process that this one starts and that opens a file; give whom it killed."""
    over, killed = threading.Event(), set[int]()

    def kill() -> None:
        while not over.is_set():
            for process in _children():
                if _has_open(process, file):
                    with suppress(ProcessLookupError):
                        os.kill(process, 9)
                    killed.add(process)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def _children() -> list[int]:
    try:
        threads = list(Path("/proc/self/task").iterdir())
        return [int(pid) for one in threads for pid in (one / "children").read_text().split()]
    except OSError:  # a thread that has ended meanwhile
        return []


def _has_open(process: int, file: Path) -> bool:
    try:
        return any(one.readlink() == file for one in Path(f"/proc/{process}/fd").iterdir())
    except OSError:
        return False


def test_a_poison_part_is_given_up_and_harms_no_other(at: Resources, tmp_path: Path) -> None:
    """Its run fails and says why after that many starts; another one completes meanwhile."""
    tenant = a_tenant(at)
    poison = a_run(at, tenant, "poison", tmp_path / "poison.sqlite")
    good = a_run(at, tenant, "good", tmp_path / "good.sqlite")
    attempt = plan_run(at, tenant.id, poison)
    at.readers.end((tenant.id, poison, attempt))

    with poisoned(tmp_path / "poison.sqlite") as killed:
        reason = export_part(at, (tenant.id, poison, attempt), 1)
        other = plan_run(at, tenant.id, good)
        assert export_part(at, (tenant.id, good, other), 1) == ""
    end_run(at, runs.get(at.db, tenant.id, poison), reason)
    publish_run(at, tenant.id, good, other)

    (part,) = runs.parts(at.db, tenant.id, poison)
    failed = runs.get(at.db, tenant.id, poison)
    assert (part.state, part.starts) == (PartState.RUNNING, MOST_STARTS + 1)
    assert len(killed) == MOST_STARTS
    assert failed.status is Status.FAILED
    assert f"was begun {MOST_STARTS} times" in failed.reason
    assert runs.get(at.db, tenant.id, good).status is Status.COMPLETED
    queued, _ = runs.retry(at.db, tenant.id, poison, fingerprint="f" * 64, now=datetime.now(UTC))
    assert queued.status is Status.QUEUED, "what was repaired may be tried again"
