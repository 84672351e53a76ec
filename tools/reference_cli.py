"""The commands and exit codes of the reference, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.testing import CliRunner

from cxport.cli import exit_codes as codes
from cxport.cli.app import app
from tools.table import table
from tools.vocabulary import members

#: Columns that help is laid out for, whatever terminal it is written from.
_WIDTH = "100"


def commands() -> str:
    """Give the help of every command, as it prints it."""
    return "\n".join(f"## {name}\n\n```text\n{help_of(name)}\n```\n" for name in command_names())


def command_names() -> list[str]:
    """Name every command with its groups: `cxport job create`."""
    return list(_walk("cxport", app))


def _walk(path: str, group: Any) -> Iterator[str]:
    """Yield a group's commands in the order in which help lists them."""
    yield path
    for command in group.registered_commands:
        yield f"{path} {command.name or command.callback.__name__}"
    for inner in group.registered_groups:
        yield from _walk(f"{path} {inner.name}", inner.typer_instance)


def help_of(name: str) -> str:
    """Give what `<name> --help` prints, in a terminal of one width."""
    words = [*name.split()[1:], "--help"]
    environment = {"COLUMNS": _WIDTH, "TERMINAL_WIDTH": _WIDTH, "NO_COLOR": "1"}
    done = CliRunner().invoke(app, words, prog_name="cxport", env=environment)
    if done.exit_code:
        raise RuntimeError(f"{name} --help failed: {done.output}")
    return "\n".join(line.rstrip() for line in done.output.strip().splitlines())


def exit_codes() -> str:
    """List the exit codes with the sentence that stands below each."""
    rows = [(f"`{code}`", text) for code, text in members(codes, "ExitCode")]
    return table(("Code", "Meaning"), rows)
