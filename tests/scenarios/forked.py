"""Processes that begin with all of `cxport` imported, as importing takes most of a start."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.scenarios import faulty

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        *("pytest", "uvicorn", "cxport.api.settings", "cxport.bootstrap.application"),
        *("cxport.bootstrap.serving", "cxport.cli.service", "cxport.engine.worker"),
        __name__,
    ]
)


class Forked:
    """`faulty.main` in a process of its own group; as `subprocess.Popen` to its callers."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._process = _CONTEXT.Process(target=_run, args=(words, dict(environment), log))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Give the exit code, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code; raises TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("faulty", timeout or 0.0)
        return self._process.exitcode

    def terminate(self) -> None:
        """Ask it to stop."""
        self._process.terminate()


def _run(words: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as written:
        os.dup2(written.fileno(), 1)
        os.dup2(written.fileno(), 2)
    faulty.main(*words)
