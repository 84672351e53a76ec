"""The tours that README and documentation invite to: every command that they show works."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import free_port

ROOT = Path(__file__).parents[2]

_SHELL = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
_LEFT_OUT = ("make ", ". .venv/")


def script(page: str, port: int) -> str:
    """Give the commands of a page, but for setting up and for what only removes the tour."""
    blocks = _SHELL.findall((ROOT / page).read_text())
    tour = "".join(block for block in blocks if "example" not in block)
    lines = [line for line in tour.splitlines() if not line.startswith(_LEFT_OUT)]
    started = f"\nuntil curl -s http://127.0.0.1:{port}/udm/v10/version; do sleep 0.2; done\n"
    lines.insert(0, "trap 'kill $(jobs -p)' EXIT")
    return "\n".join(lines).replace("8080", str(port)).replace(" &\n", f" &{started}")


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md"])
def test_every_step_of_a_tour_works(page: str, tmp_path: Path) -> None:
    """Typed one after the other, the commands lead from nothing to an opened export."""
    port = free_port()
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    variables = {"PATH": programs, "CXPORT_PORT": str(port), "HOME": str(tmp_path)}
    variables["CXPORT_URL"] = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", script(page, port)],
        cwd=tmp_path,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as shell:
        try:
            output, _ = shell.communicate(timeout=120)
        finally:
            os.killpg(shell.pid, signal.SIGTERM)

    assert shell.returncode == 0, output
    assert "EmailIn" in output
