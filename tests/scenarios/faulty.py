"""`python -m tests.scenarios.faulty TRAP serve ...`: a service that can be killed at a point.

TRAP is a file. While it holds the name of a point, the process that comes there takes the file
away and kills itself and all that belongs to it, as a power cut would. Nothing else differs from
`cxport`, but that the janitor comes every second.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests.scenarios.fault_points import POINTS, Moment, Point

READER = "reader"
_JANITOR_SECONDS = 1.0

Function = Callable[..., Any]


class Trap:
    """Kills at the point that its file names."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._met = 0
        self._within = threading.local()

    def watch(self, points: Sequence[Point]) -> None:
        """Wrap all that the points name."""
        event.listen(Engine, "commit", self._commits)
        for place, there in groupby(sorted(points, key=attrgetter("place")), attrgetter("place")):
            _replace(place, functools.partial(self._wrapped, tuple(there)))

    def _wrapped(self, points: Sequence[Point], real: Function) -> Function:
        """Give a function that does the same, with the points on the way."""
        if any(point.moment is Moment.FIRST for point in points):
            return lambda *words: self._iterated(points, real(*words))

        def wrapper(*words: Any, **named: Any) -> Any:
            meant = [point for point in points if not point.step or point.step in words]
            self._reach(meant, Moment.CALLED)
            with self._inside(meant):
                result = real(*words, **named)
            self._reach(meant, Moment.RETURNED)
            return result

        return wrapper

    def _iterated(self, points: Sequence[Point], items: Iterator[bytes]) -> Iterator[bytes]:
        for number, item in enumerate(items):
            yield item
            if not number:
                self._reach(points, Moment.FIRST)
        self._reach(points, Moment.LAST)

    @contextmanager
    def _inside(self, points: Sequence[Point]) -> Iterator[None]:
        outer = getattr(self._within, "points", ())
        self._within.points = (*outer, *points)
        try:
            yield
        finally:
            self._within.points = outer

    def _commits(self, _connection: object) -> None:
        """Be told by the database's driver that all was written, and is about to be committed."""
        self._reach(getattr(self._within, "points", ()), Moment.COMMITS)

    def _reach(self, points: Sequence[Point], moment: Moment) -> None:
        for point in points:
            if point.moment is moment and self._armed() == point.name:
                self._met += 1
                if self._met == point.time:
                    self._file.unlink()
                    os.killpg(0, signal.SIGKILL)

    def _armed(self) -> str:
        try:
            return self._file.read_text()
        except FileNotFoundError:
            return ""


def _replace(place: str, wrap: Callable[[Function], Function]) -> None:
    """Put another function in the place of one that a dotted name stands for."""
    owner, _, name = place.rpartition(".")
    found = _found(owner)
    real = getattr(found, name)
    wrapped = wrap(real)
    setattr(found, name, staticmethod(wrapped) if inspect.ismethod(real) else wrapped)


def _found(owner: str) -> Any:
    """Give the module, or the class of a module, of a dotted name."""
    try:
        return importlib.import_module(owner)
    except ModuleNotFoundError:
        module, _, name = owner.rpartition(".")
        return getattr(importlib.import_module(module), name)


def _readers_alike(trap: str) -> None:
    """Let reader processes be started by this module too."""
    real = subprocess.Popen.__init__

    def popen(self: Any, words: Any, *others: Any, **named: Any) -> None:
        if "cxport.export.child" in words:
            words = [sys.executable, "-m", __spec__.name, trap, READER, words[-1]]
        real(self, words, *others, **named)

    setattr(subprocess.Popen, "__init__", popen)  # noqa: B010 - a name that mypy holds for final


def main(trap: str, role: str, *words: str) -> None:
    """Be a reader process, or whatever command of `cxport` is named."""
    if role == READER:
        from cxport.export import child

        Trap(Path(trap)).watch([point for point in POINTS if point.reader])
        child.main(int(words[0]))
        return
    from cxport.cli import main as cxport

    _readers_alike(trap)
    _replace("cxport.engine.worker.JANITOR_SECONDS", lambda _: _JANITOR_SECONDS)  # type: ignore[arg-type,return-value]  # a number
    Trap(Path(trap)).watch([point for point in POINTS if not point.reader])
    sys.argv = ["cxport", role, *words]
    cxport()


if __name__ == "__main__":
    main(*sys.argv[1:])
