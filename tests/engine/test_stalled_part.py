"""A part that another worker finished meanwhile: what its first worker stored is taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cxport.domain.run import PartState
from cxport.engine.parts import export_part
from cxport.engine.planning import plan_run
from cxport.engine.resources import Resources
from cxport.export.process import ReaderProcess
from cxport.export.task import ExportPart, NeedsNumbering, PartExported
from cxport.store import runs
from tests.engine.exporting import a_run, a_tenant
from tests.store.samples import a_result


@pytest.mark.promise("R2")
def test_an_object_that_comes_too_late_is_removed(
    at: Resources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store keeps the other worker's, the storage nothing of the first, and its run goes on."""
    tenant = a_tenant(at)
    run = a_run(at, tenant, "history", tmp_path / "history.sqlite")
    attempt = plan_run(at, tenant.id, run)
    real = ReaderProcess.export
    stored: list[str] = []

    def stalled(
        self: ReaderProcess,
        task: ExportPart,
        progress: Callable[[int], None],
        cancelled: Callable[[], bool],
    ) -> PartExported | NeedsNumbering:
        outcome = real(self, task, progress, cancelled)
        stored.extend(at.blobs.keys(f"{tenant.id}/"))
        starts = runs.start_part(at.db, tenant.id, run, attempt, 1).starts
        runs.finish_part(at.db, tenant.id, run, attempt, 1, starts, a_result("theirs"), ())
        return outcome

    monkeypatch.setattr(ReaderProcess, "export", stalled)

    assert export_part(at, (tenant.id, run, attempt), 1) == ""

    (part,) = runs.parts(at.db, tenant.id, run)
    assert len(stored) == 1
    assert list(at.blobs.keys(f"{tenant.id}/")) == []
    assert (part.state, part.result) == (PartState.DONE, a_result("theirs"))
