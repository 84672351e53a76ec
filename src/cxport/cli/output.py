"""What commands print: words and tables for people, or one JSON document for scripts.

Results go to standard output; errors, hints and progress to standard error. Text that comes from
elsewhere is shown without control characters, so that nothing it holds can steer a terminal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

#: The option of every command that scripts may want to read.
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]

_KILO = 1000
#: A table in a pipe is cut by whoever reads it, not by us.
_PIPE_WIDTH = 1000


def print_json(document: Mapping[str, object]) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def say(text: str = "") -> None:
    """Print a line for people."""
    sys.stdout.write(printable(text) + "\n")


def note(text: str) -> None:
    """Print a line on standard error: a warning, or what is going on."""
    sys.stderr.write(printable(text) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; numbers stand to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    kept = list(rows)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, name in enumerate(columns):
        numbers = bool(kept) and all(isinstance(row[place], int) for row in kept)
        table.add_column(name, justify="right" if numbers else "left", overflow="fold")
    for row in kept:
        table.add_row(*(Text(_in_table(value)) for value in row))
    console().print(table)


def _in_table(value: object) -> str:
    """Show a number so that it can be read at a glance."""
    return f"{value:,}" if type(value) is int else _shown(value)


def print_pairs(pairs: Mapping[str, object]) -> None:
    """Print names and values, one a line."""
    width = max(map(len, pairs))
    for name, value in pairs.items():
        say(f"{name:<{width}}  {_shown(value)}")


def console(*, stderr: bool = False) -> Console:
    """Give a console that shows text as it is, and to a pipe in lines as long as they are."""
    from rich.console import Console

    screen = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not screen.is_terminal:
        screen.width = _PIPE_WIDTH
    return screen


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return printable(str(value))


def time_text(moment: str) -> str:
    """Show an ISO 8601 time to the second; times are UTC."""
    return moment[:19].replace("T", " ")


def printable(text: str) -> str:
    """Replace what a terminal would obey rather than show."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def count_text(count: int, noun: str, several: str = "") -> str:
    """Say how many: `1 file`, `2 files`; `several` is a plural that does not end in s alone."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {several or noun + 's'}"


def size_text(size_bytes: int) -> str:
    """Say a size the way the service takes it: 512 bytes, 1.4 kB, 20.1 MB."""
    if size_bytes < _KILO:
        return f"{size_bytes} bytes"
    size, units = size_bytes / _KILO, iter(("kB", "MB", "GB"))
    unit = next(units)
    while size >= _KILO and (larger := next(units, "")):
        size, unit = size / _KILO, larger
    return f"{size:.1f} {unit}"
