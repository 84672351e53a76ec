"""Progress bars: how far, how fast, how long yet. Shown on standard error, to a person only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cxport.cli.output import console

if TYPE_CHECKING:
    from rich.progress import ProgressColumn, Task

#: Told how much is done and how much it is in all.
Report = Callable[[int, int], None]


@contextmanager
def bar(what: str, unit: str, *, quiet: bool) -> Iterator[Report]:
    """Show a bar while something is done; `unit` is `bytes`, `%`, or a word as `rows`."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    screen = console(stderr=True)
    hidden = quiet or not screen.is_terminal
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        *_columns(unit),
        TimeRemainingColumn(compact=True),
        console=screen,
        disable=hidden,
    ) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _columns(unit: str) -> tuple[ProgressColumn, ...]:
    """Say how far and how fast, in the unit."""
    from rich.progress import DownloadColumn, ProgressColumn, TransferSpeedColumn
    from rich.text import Text

    if unit == "bytes":
        return DownloadColumn(), TransferSpeedColumn()

    class Rate(ProgressColumn):
        """How far, and how many a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{_amount(task, unit)}  {_speed(task, unit)}")

    return (Rate(),)


def _amount(task: Task, unit: str) -> str:
    if unit == "%":
        return f"{task.completed:.0f} %"
    total = f" of {task.total:,.0f}" if task.total else ""
    return f"{task.completed:,.0f}{total} {unit}"


def _speed(task: Task, unit: str) -> str:
    speed = task.finished_speed or task.speed
    return f"{speed:,.0f} {unit}/s" if speed else ""
