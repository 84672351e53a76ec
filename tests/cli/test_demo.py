"""The demo: from nothing to an opened export, by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cxport.cli.demo.folder import DemoFolder
from cxport.cli.exit_codes import ExitCode
from cxport.cli.stop import Stop
from tests.scenarios.running import cxport as run_command
from tests.servers import free_port

WORDS = [sys.executable, "-m", "cxport", "demo"]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the demo once, in an environment whose settings must not reach it."""
    folder = tmp_path_factory.mktemp("demo")
    misleading = {"CXPORT_DATABASE": "postgresql://nowhere/db", "CXPORT_PORT": "1"}
    done = subprocess.run(
        [*WORDS, "--interactions", "300"],
        cwd=folder,
        env={**os.environ, **misleading},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == ExitCode.OK, done.stderr + done.stdout
    return folder / "demo", done.stdout


def test_the_demo_ends_by_itself_and_says_what_it_made(ended: tuple[Path, str]) -> None:
    """It tells that every row is there, what it made, and what to type next."""
    folder, printed = ended

    assert "Every row is there." in printed
    assert (folder / "opened" / "Chat-2.json").is_file()
    assert len(list((folder / "downloads").glob("*.smime"))) == 1
    for word in (
        "cxport serve --data demo/data\n",
        "http://127.0.0.1:8080/ in a browser",
        "curl",
        "openssl smime -decrypt",
    ):
        assert word in printed
    assert (folder / "profile.json").read_text() not in printed


def test_nobody_else_can_look_in(ended: tuple[Path, str]) -> None:
    """All that is left is for its owner alone."""
    folder, _ = ended
    paths = [folder, *folder.rglob("*")]

    assert [path for path in paths if path.stat().st_mode & 0o077] == []


def test_the_printed_steps_work_as_they_are_printed(ended: tuple[Path, str]) -> None:
    """The same steps with curl and openssl, run as printed, open a further export."""
    folder, _ = ended
    port = str(free_port())
    serve = ["serve", "--data", str(folder / "data"), "--port", port]
    with (folder / "again.log").open("wb") as log:
        service = subprocess.Popen([sys.executable, "-m", "cxport", *serve], stderr=log, stdout=log)
    try:
        url = f"http://127.0.0.1:{port}"
        retry = ["curl", "-s", "--retry", "60", "--retry-connrefused", "--retry-delay", "1"]
        subprocess.run([*retry, f"{url}/health/ready"], check=True, capture_output=True)
        done = subprocess.run(
            ["sh", folder / "with-curl.sh", url], capture_output=True, text=True, check=False
        )
    finally:
        service.terminate()
        service.wait(30)

    assert done.returncode == 0, done.stderr
    assert "Chat-4.json" in done.stdout
    assert not (folder / "headers.txt").exists()


def test_only_a_folder_of_a_demo_is_replaced(tmp_path: Path) -> None:
    """A folder of somebody else's stays as it is; a demo's own is made anew."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "work").write_text("mine")
    link = tmp_path / "link"
    own = DemoFolder.made_anew(tmp_path / "own")
    (own.path / "old").touch()
    link.symlink_to(own.path)

    for path in (mine, link, mine / "work"):
        with pytest.raises(Stop, match="not made by a demo"):
            DemoFolder.made_anew(path)
    DemoFolder.made_anew(own.path)

    assert (mine / "work").read_text() == "mine"
    assert not (own.path / "old").exists()


def test_a_service_that_does_not_start_is_a_clear_failure(tmp_path: Path) -> None:
    """The demo ends with a message and the log's place when its service cannot run."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nif 'serve' in sys.orig_argv: sys.exit('no service today')\n"
    )
    done = subprocess.run(
        [*WORDS, str(tmp_path / "demo"), "--interactions", "100"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == ExitCode.FAILED
    assert "error: the service did not start" in done.stderr
    assert "no service today" in (tmp_path / "demo/service.log").read_text()


def test_help_of_the_demo_runs_nothing(tmp_path: Path) -> None:
    """Asking what it does makes no folder."""
    run_command("demo", "--help")

    assert list(tmp_path.iterdir()) == []
