"""What scripts rely on: JSON from every command, every exit code, and no secret in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cxport.cli.exit_codes import ExitCode
from tests.cli.commands import Cxport
from tests.cli.sealed import seal_set
from tests.cli.test_help import commands
from tests.client.scripted import Scripted, as_json
from tests.client.served import SOURCE, Served
from tests.servers import free_port

#: Commands that have no document to give: they run until they are ended, or tell a story.
WITHOUT_JSON = {("serve",), ("worker",), ("demo",)}
#: Commands that act on what a test has to make for them: test_control and test_notices do.
ACTING = {
    *(("job", verb) for verb in ("suspend", "resume", "cancel", "delete", "clone")),
    *(("run", verb) for verb in ("suspend", "resume", "cancel", "delete", "retry", "rerun", "now")),
    *(("run", verb) for verb in ("hold", "release", "revoke")),
    *(("webhook", verb) for verb in ("add", "remove", "rotate", "test", "deliveries", "replay")),
}


def json_calls(served: Served, folder: Path) -> dict[tuple[str, ...], tuple[object, ...]]:
    """Give a call of every command that prints JSON, in an order in which they can be made."""
    sealed = seal_set(folder, parts=1)
    database = served.folder / "db.sqlite"
    return {
        ("init",): ("--data", folder / "data"),
        ("sample",): (f"sqlite:///{folder / 'db'}", "--interactions", "20"),
        ("upgrade",): (),
        ("source", "add"): ("for-json", "--dsn", f"sqlite:///{database}"),
        ("source", "check"): ("for-json",),
        ("source", "refresh"): ("for-json",),
        ("source", "set"): ("for-json", "--max-rows-per-second", "5000"),
        ("source", "list"): (),
        ("source", "remove"): ("for-json",),
        ("tenant", "create"): ("for-json",),
        ("tenant", "list"): (),
        ("tenant", "key"): ("for-json",),
        ("tenant", "limits"): ("for-json",),
        ("key", "show"): (),
        ("key", "rotate"): ("--data", folder / "data"),
        ("key", "reseal"): ("--data", folder / "data"),
        ("key", "list"): (),
        ("cert", "new"): ("--key", folder / "k", "--cert", folder / "c", "--bits", "2048"),
        ("cert", "upload"): (served.certificate,),
        ("cert", "show"): (),
        ("cert", "list"): (),
        ("job", "create"): ("--source", SOURCE, "--title", "json", "--entity", "Chat"),
        ("job", "estimate"): ("--source", SOURCE, "--entity", "Chat"),
        ("job", "list"): (),
        ("job", "show"): (served.job_id,),
        ("job", "ticks"): (served.job_id,),
        ("job", "watch"): (served.job_id,),
        ("run", "list"): (),
        ("run", "show"): (served.run_id,),
        ("run", "manifest"): (served.run_id,),
        ("file", "retention"): (),
        ("audit", "list"): (),
        ("audit", "verify"): (),
        ("webhook", "list"): (),
        ("file", "list"): (),
        ("file", "download"): ("--run", served.run_id, "--to", folder),
        ("open",): ("--key", sealed.key, *sealed.files),
        ("verify",): sealed.files,
        ("version",): (),
    }


def test_every_command_gives_json(cxport: Cxport, as_user: Served, tmp_path: Path) -> None:
    """Each command with --json prints one JSON object on standard output and nothing beside."""
    calls = json_calls(as_user, tmp_path)

    assert set(calls) == set(commands()) - WITHOUT_JSON - ACTING
    for command, words in calls.items():
        ended = cxport.done(*command, *words, "--json")
        assert ended.document, command
        assert ended.err == "", command


def test_no_secret_is_printed_but_where_it_is_made(
    cxport: Cxport, as_user: Served, tmp_path: Path
) -> None:
    """No command but those that make a secret prints one, or where a source is."""
    known = as_user.service.credentials
    secrets = {known[name] for name in ("api_key", "client_secret", "password")}
    printed = []
    for command, words in json_calls(as_user, tmp_path).items():
        for form in (("--json",), ()):
            if command not in {("init",), ("tenant", "create"), ("tenant", "key")}:
                ended = cxport(*command, *words, *form)
                printed.append(ended.out + ended.err)

    assert len(printed) > 30
    found = [secret for secret in (*secrets, "sqlite:///") if secret in "".join(printed)]
    assert found == []


def exit_calls(served: Served, folder: Path, server: Scripted) -> dict[ExitCode, list[object]]:
    """Give a command for every exit code."""
    sealed = seal_set(folder, parts=1)
    asked = ["--url", server.url, "--client-id", "id", "--client-secret", "s"]
    renamed = folder / "renamed.smime"
    renamed.write_bytes(sealed.files[0].read_bytes())
    return {
        ExitCode.OK: ["version"],
        ExitCode.FAILED: ["tenant", "list", "--data", folder / "none"],
        ExitCode.USAGE: ["file", "download"],
        ExitCode.DAMAGED: ["verify", "--sha256", "0" * 64, sealed.files[0]],
        ExitCode.NOT_VERIFIED: ["open", "--key", sealed.key, renamed],
        ExitCode.REFUSED: ["job", "show", "999999", "--profile", served.profile],
        ExitCode.UNREACHABLE: ["job", "list", *asked, "--url", f"http://127.0.0.1:{free_port()}"],
        ExitCode.RUN_FAILED: ["job", "watch", "1", *asked],
        ExitCode.STILL_RUNNING: ["job", "watch", "2", "--timeout", "0.1", *asked],
    }


def test_every_exit_code_is_reached(cxport: Cxport, served: Served, tmp_path: Path) -> None:
    """For each documented exit code there is a way in which a command ends with it."""
    job = {"fileSize": 0, "progress": 1, "parentId": None}
    script = {
        "/udm/v10/export/history/1": lambda _: as_json({**job, "id": 1, "status": "Failed"}),
        "/udm/v10/export/history/2": lambda _: as_json({**job, "id": 2, "status": "In Progress"}),
    }
    with Scripted(script) as server:
        calls = exit_calls(served, tmp_path, server)
        ended = {wanted: cxport(*words) for wanted, words in calls.items()}

    assert {wanted: one.code for wanted, one in ended.items()} == {code: code for code in calls}
    assert set(calls) == set(ExitCode) - {ExitCode.INTERRUPTED}  # the next test
    for wanted, one in ended.items():
        assert wanted == ExitCode.OK or one.err.startswith(("error: ", "warning: ")), wanted


def test_an_interrupt_ends_with_its_code(tmp_path: Path) -> None:
    """Ctrl-C while waiting ends at once, with the code that shells use, and without a stack."""
    running = {"id": 1, "fileSize": 0, "progress": 1, "parentId": None, "status": "In Progress"}
    with Scripted({"/udm/v10/export/history/1": lambda _: as_json(running)}) as server:
        words = [
            "job",
            "watch",
            "1",
            "--url",
            server.url,
            "--client-id",
            "i",
            "--client-secret",
            "s",
        ]
        process = subprocess.Popen(
            [sys.executable, "-m", "cxport", *words], stderr=subprocess.PIPE, cwd=tmp_path
        )
        try:
            # at its second look it waits: at its first it still imports, and what is imported
            # may swallow a signal in a callback of the interpreter's
            while server.asked.count("GET /udm/v10/export/history/1") < 2:
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            _, printed = process.communicate(timeout=30)
        finally:
            process.kill()

    assert process.returncode == ExitCode.INTERRUPTED
    assert printed == b""


def test_a_pipe_that_closes_is_no_crash(as_user: Served) -> None:
    """A reader such as `head` may leave early: no stack is printed."""
    command = [sys.executable, "-m", "cxport", "job", "list", "--json"]
    environment = {**os.environ, "CXPORT_PROFILE": str(as_user.profile)}
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        command, stdout=writer, stderr=subprocess.PIPE, env=environment, check=False
    )
    os.close(writer)

    assert b"Traceback" not in process.stderr
    assert process.returncode != 0


@pytest.mark.parametrize("module", ["cxport", "cxport.cli"])
def test_the_command_can_be_run_as_a_module(module: str) -> None:
    """`python -m cxport` is the command; the package of commands alone is none."""
    done = subprocess.run(
        [sys.executable, "-m", module, "version"], capture_output=True, check=False
    )

    assert (done.returncode == 0) == (module == "cxport")
