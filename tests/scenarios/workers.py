"""Processes of `cxport worker` beside a service that has no worker of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.scenarios.running import RunningService


class Workers:
    """The workers of one installation, each with a data folder of its own."""

    def __init__(self, service: RunningService, folder: Path, **settings: str) -> None:
        key = (service.data / "master.key").read_text().strip()
        named = {f"CXPORT_{name.upper()}": value for name, value in settings.items()}
        self._environment = {**os.environ, **named, "CXPORT_MASTER_KEY": key}
        self._folder = folder
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self.log = folder / "workers.log"

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Kill all that are left."""
        for number in self._running:
            self.kill(number)

    def start(self, number: int, program: Sequence[str] = ("-m", "cxport")) -> None:
        """Start the worker of a number; one that was killed starts in its old folder."""
        command = [sys.executable, *program, "worker"]
        with self.log.open("ab") as log:
            self._running[number] = subprocess.Popen(
                [*command, "--data", str(self._folder / f"worker-{number}")],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pids(self) -> list[int]:
        """The processes of the workers, not those that read for them."""
        return [one.pid for one in self._running.values()]

    def signal(self, number: int, what: signal.Signals) -> None:
        """Send a signal to a worker's own process, not to those that read for it."""
        os.kill(self._running[number].pid, what)

    def stop(self, number: int) -> int:
        """Ask a worker to stop, and give its exit code."""
        self._running[number].terminate()
        return self._running[number].wait(timeout=60)

    def kill(self, number: int) -> None:
        """Kill a worker at once; what reads for it ends by itself."""
        worker = self._running[number]
        if worker.poll() is None:
            worker.kill()
            worker.wait()
