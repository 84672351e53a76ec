"""What goes with a deletion: stored objects first, so that none is left that nobody knows of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from cxport.blobs.base import Blobs
from cxport.domain.errors import CxportError, UnderHold
from cxport.domain.run import Run
from cxport.store import files, runs
from cxport.store.database import Database

Name = TypeVar("Name")


def remove_objects(db: Database, blobs: Blobs, tenant_id: str, run_id: int) -> None:
    """Remove every stored object of a run; raises StorageError where the storage refuses."""
    keys = {file.object_key for file in files.of_run(db, tenant_id, run_id)}
    keys |= {part.result.object_key for part in runs.parts(db, tenant_id, run_id) if part.result}
    for key in sorted(keys):
        blobs.delete(key)


def check_free(run: Run) -> None:
    """Raise UnderHold where nothing of a run may be deleted."""
    if run.hold is not None:
        raise UnderHold(run.hold.reason)


def each(names: Iterable[Name], delete: Callable[[Name], None]) -> tuple[Name, ...]:
    """Delete what can be deleted, each name once, and give those that could not be."""
    left: list[Name] = []
    for name in dict.fromkeys(names):
        try:
            delete(name)
        except CxportError:
            left.append(name)
    return tuple(left)
