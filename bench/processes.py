"""What processes have used, as the kernel counts it."""

from __future__ import annotations

import os
from pathlib import Path

from tests.scenarios.memory import descendants

_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(root: int) -> float:
    """Give the processor time of a process, those below it, and those that ended below it."""
    return sum(map(_used, (root, *descendants(root))))


def _used(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS
