"""Help, and mistakes: at once, and in one form."""

from __future__ import annotations

import ast
import inspect
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from cxport.cli import exit_codes
from cxport.cli.app import app
from cxport.cli.exit_codes import ExitCode, worst
from tests.cli.commands import Cxport

HEAVY = {
    "argon2",
    "asn1crypto",
    "cryptography",
    "dbos",
    "fastapi",
    "httpx",
    "isal",
    "obstore",
    "psycopg",
    "pydantic",
    "rich",
    "sqlalchemy",
    "uvicorn",
}


def commands() -> Iterator[tuple[str, ...]]:
    """Give the words of every command."""
    root = typer.main.get_command(app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]  # a group
        below = getattr(command, "commands", None)
        yield from ((name, word) for word in below) if below else ((name,),)


def test_help_imports_nothing_heavy() -> None:
    """What the command line imports before it knows the command is small."""
    code = "import sys, cxport.cli.app; print(*{m.partition('.')[0] for m in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "typer" in done.stdout.split()
    assert HEAVY & set(done.stdout.split()) == set()


def test_help_answers_at_once(tmp_path: Path) -> None:
    """`cxport --help` takes less than 0.3 s of the processor, the best of three."""
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(tmp_path),
    }
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "cxport", "--help"],
            env=environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    assert min(seconds) < 0.3


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_has_help(cxport: Cxport, words: tuple[str, ...]) -> None:
    """Each command says what it does and what each of its options means."""
    ended = cxport.done(*words, "--help")

    assert ended.out.startswith("Usage: cxport ")
    described = [line for line in ended.out.splitlines() if line.startswith("  --")]
    assert described
    for parameter in _command(words).params:
        assert getattr(parameter, "help", None), f"{words}: {parameter.name}"


def _command(words: tuple[str, ...]) -> typer.core.TyperCommand:
    command = typer.main.get_command(app)
    for word in words:
        command = command.commands[word]  # type: ignore[attr-defined]  # a group
    assert isinstance(command, typer.core.TyperCommand)
    return command


def test_a_mistake_is_one_line_and_a_hint(cxport: Cxport) -> None:
    """An unknown option ends with the usage code, on standard error, in our form."""
    ended = cxport("job", "list", "--xyz")

    assert ended.code == ExitCode.USAGE
    assert ended.out == ""
    assert ended.err == "error: no such option: --xyz\nhint: cxport job list --help\n"


def test_every_exit_code_is_documented() -> None:
    """Each code has a sentence in the one place where codes are defined."""
    tree = ast.parse(inspect.getsource(exit_codes))
    (codes,) = (node for node in tree.body if isinstance(node, ast.ClassDef))
    _, *body = codes.body
    named = [node for node in body if isinstance(node, ast.Assign)]
    explained = [node for node in body if isinstance(node, ast.Expr)]

    assert len(named) == len(explained) == len(ExitCode)


def test_the_worst_code_counts() -> None:
    """Damage is graver than anything else; nothing done is success."""
    assert worst() == ExitCode.OK
    assert worst(ExitCode.OK, ExitCode.NOT_VERIFIED) == ExitCode.NOT_VERIFIED
    assert worst(*(code for code in ExitCode if code < ExitCode.INTERRUPTED)) == ExitCode.DAMAGED
