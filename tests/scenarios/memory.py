"""The memory of a service and the processes below it, as the kernel counts it."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_LOOK_SECONDS = 0.1


class MemoryWatch:
    """Looks at a process tree until it is left; figures are bytes of proportional set size."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        #: The most that the root took, that any one process below it took, and all together.
        self.root_peak = 0
        self.child_peak = 0
        self.tree_peak = 0

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        below = [resident(pid) for pid in descendants(self._root)]
        root = resident(self._root)
        self.root_peak = max(self.root_peak, root)
        self.child_peak = max(self.child_peak, *below, 0)
        self.tree_peak = max(self.tree_peak, root + sum(below))


def resident(pid: int) -> int:
    """Give a process's share of memory in bytes; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(one.split()[1]) * 1024 for one in lines if one.startswith("Pss:")), 0)


def descendants(root: int) -> list[int]:
    """Give the processes below one."""
    found: list[int] = []
    for child in _children(root):
        found += [child, *descendants(child)]
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, task.read_text().split())
        except OSError:
            continue
    return found
