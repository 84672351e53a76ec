"""Commands, run in this process: what they print, and the exit code that they give."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from cxport.cli.app import run
from cxport.cli.exit_codes import ExitCode


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document that it printed; anything else on standard output is an error."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


class Cxport:
    """Runs commands."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: object) -> Ended:
        """Run a command, however it ends."""
        self._capsys.readouterr()
        code = run([str(word) for word in words])
        out, err = self._capsys.readouterr()
        return Ended(code, out, err)

    def done(self, *words: object) -> Ended:
        """Run a command that succeeds."""
        ended = self(*words)
        assert ended.code == ExitCode.OK, ended.err
        return ended

    def json(self, *words: object) -> dict[str, Any]:
        """Run a command that succeeds with --json, and give its document."""
        return self.done(*words, "--json").document
