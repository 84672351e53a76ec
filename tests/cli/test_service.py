"""Commands that ask a running service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cxport.cli.exit_codes import ExitCode
from tests.cli.commands import Cxport
from tests.client.scripted import Scripted, as_json
from tests.client.served import SOURCE, Served
from tests.servers import free_port

JOB = {
    "id": 1,
    "title": "\x1b[31mred",
    "status": "Completed",
    "fileSize": 0,
    "progress": 100,
    "exportAttachments": False,
    "parentId": None,
}
RUN = "/udm/v10/export/history/1"


def scripted_words(server: Scripted) -> tuple[str, ...]:
    """Give the options by which a scripted server is asked."""
    return ("--url", server.url, "--client-id", "id", "--client-secret", "hidden")


def test_an_export_is_made_waited_for_and_opened(
    cxport: Cxport, as_user: Served, tmp_path: Path
) -> None:
    """The whole path by commands: certificate, job, files, download, open, verify."""
    cxport.done("cert", "upload", as_user.certificate)
    words = ("job", "create", "--source", SOURCE, "--title", "by commands", "--entity", "Chat")
    made = cxport.json(*words, "--wait")
    run, (file,) = made["run"], made["files"]
    folder = tmp_path / "downloads"
    got = cxport.json("file", "download", "--run", run["id"], "--to", folder)
    opened = cxport.json("open", "--key", as_user.key, "--unpack", tmp_path / "out", *got["files"])
    cxport.done("verify", *got["files"])

    assert run["status"] == "Completed"
    assert [Path(path).name for path in got["files"]] == [file["name"]]
    assert len(got["manifests"]) == 1
    assert opened["files"][0]["verified"]
    chats = (tmp_path / "out" / f"Chat-{run['id']}.json").read_text("utf-8").splitlines()
    assert len(chats) == file["rows"]


def test_what_is_there_is_listed_and_shown(cxport: Cxport, as_user: Served) -> None:
    """Jobs, runs, files and the certificate are shown to people and to scripts."""
    jobs = cxport.json("job", "list", "--title", "first")["jobs"]
    shown = cxport.json("job", "show", as_user.job_id)
    files = cxport.json("file", "list", "--run", as_user.run_id)["files"]
    certificate = cxport.json("cert", "show")

    assert as_user.job_id in [job["id"] for job in jobs]
    assert [run["id"] for run in shown["runs"]] == [as_user.run_id]
    assert cxport.json("job", "show", as_user.run_id)["job"] == shown["job"]
    assert [file["sha256"] for file in files] == [as_user.file.sha256]
    assert certificate["tenant"] == "default"
    assert as_user.file.name in cxport.done("file", "list").out
    assert "first" in cxport.done("job", "list").out
    assert "first" in cxport.done("job", "show", as_user.job_id).out
    assert "default" in cxport.done("cert", "show").out


def test_a_file_is_downloaded_by_its_name(cxport: Cxport, as_user: Served, tmp_path: Path) -> None:
    """A name is enough; the manifest comes along, so that `open` finds it."""
    cxport.done("file", "download", as_user.file.name)

    archive = as_user.file.name.removesuffix(".smime")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {as_user.file.name, f"{archive}.manifest.json"}


def test_a_job_is_watched_to_its_end(cxport: Cxport, as_user: Served) -> None:
    """A run that ended well ends the command well, and says what to type next."""
    out = cxport.done("job", "watch", as_user.job_id).out

    assert f"cxport file download --run {as_user.run_id}" in out


def test_a_run_that_failed_has_its_own_exit_code(cxport: Cxport) -> None:
    """Scripts tell a failed run from a failed command; the document says which run."""
    with Scripted({RUN: lambda _: as_json({**JOB, "status": "Failed"})}) as server:
        ended = cxport("job", "watch", "1", "--json", *scripted_words(server))

    assert ended.code == ExitCode.RUN_FAILED
    assert ended.document["run"]["status"] == "Failed"
    assert ended.err.startswith("error: run 1 ended as Failed\n")


def test_a_run_that_goes_on_has_its_own_exit_code(cxport: Cxport) -> None:
    """When the time given is over, the command ends and says that the run does not."""
    with Scripted({RUN: lambda _: as_json({**JOB, "status": "In Progress"})}) as server:
        ended = cxport("job", "watch", "1", "--timeout", "0.1", *scripted_words(server))

    assert ended.code == ExitCode.STILL_RUNNING


def test_text_of_others_cannot_steer_the_terminal(cxport: Cxport) -> None:
    """Control characters in a title are shown, not obeyed."""
    page = {"items": [JOB], "count": 1, "from": 0, "size": 1000}
    with Scripted({"/udm/v10/export/jobs": lambda _: as_json(page)}) as server:
        out = cxport.done("job", "list", *scripted_words(server)).out

    assert "\x1b" not in out
    assert "\N{REPLACEMENT CHARACTER}[31mred" in out


def test_a_hostile_name_leaves_nothing(cxport: Cxport, tmp_path: Path) -> None:
    """A service that names a file `../evil` is refused; nothing is written anywhere."""
    row = {
        "name": "../evil",
        "size": 1,
        "jobId": 1,
        "historyId": 2,
        "remainingDays": 1,
        "rows": 1,
        "sha256": "0" * 64,
        "part": 1,
        "parts": 1,
    }
    page = {"items": [row], "count": 1, "from": 0, "size": 1000}
    folder = tmp_path / "target"
    with Scripted({"/udm/v10/file-metadatas": lambda _: as_json(page)}) as server:
        words = ("file", "download", "--run", "2", "--to", folder)
        ended = cxport(*words, *scripted_words(server))

    assert ended.code == ExitCode.DAMAGED
    assert list(tmp_path.rglob("*")) == [folder]


def test_what_is_not_there_is_refused(cxport: Cxport, as_user: Served) -> None:
    """Unknown ids and names end with the code that says so."""
    for words in (
        ("job", "show", "999999"),
        ("job", "watch", "999999"),
        ("file", "download", "export-none.smime"),
        ("file", "download", "--run", "999999"),
    ):
        assert cxport(*words).code == ExitCode.REFUSED, as_user.url


def test_a_request_that_is_refused_says_what_it_takes(cxport: Cxport, as_user: Served) -> None:
    """The field is named, and the hint lists what would be right."""
    words = ("job", "create", "--source", SOURCE, "--title", "x", "--media", "telepathy")
    ended = cxport(*words)

    assert ended.code == ExitCode.USAGE, as_user.url
    assert "'telepathy' is unknown" in ended.err
    assert "hint: it takes " in ended.err
    assert "email" in ended.err


def test_a_private_key_is_not_uploaded_by_mistake(cxport: Cxport, as_user: Served) -> None:
    """The service refuses it, and says what to do."""
    ended = cxport("cert", "upload", as_user.key)

    assert ended.code == ExitCode.USAGE
    assert "private key" in ended.err


def test_wrong_credentials_are_refused(cxport: Cxport, as_user: Served) -> None:
    """A wrong secret or key is refused with a hint and never repeated."""
    wrong_secret = cxport("job", "list", "--client-secret", "hidden")
    wrong_key = cxport("job", "list", "--api-key", "hidden")

    for ended in (wrong_secret, wrong_key):
        assert ended.code == ExitCode.REFUSED, as_user.url
        assert "hint: check API key, client id and client secret" in ended.err
        assert "hidden" not in ended.err


def test_a_service_that_does_not_answer_may_be_tried_again(cxport: Cxport, as_user: Served) -> None:
    """A wrong URL has an exit code of its own and a hint."""
    ended = cxport("job", "list", "--url", f"http://127.0.0.1:{free_port()}")

    assert ended.code == ExitCode.UNREACHABLE, as_user.url
    assert "hint: is the service running" in ended.err


def test_options_go_before_the_profile_and_the_profile_before_variables(
    cxport: Cxport, as_user: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is nearer to the command counts."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("CXPORT_URL", nowhere)
    by_profile = cxport("cert", "show")
    by_option = cxport("cert", "show", "--url", nowhere)
    known = json.loads(as_user.profile.read_text())
    monkeypatch.delenv("CXPORT_PROFILE")
    for name in ("url", "api_key", "client_id", "client_secret"):
        monkeypatch.setenv(f"CXPORT_{name.upper()}", known[name])
    by_variables = cxport("cert", "show")

    codes = (by_profile.code, by_option.code, by_variables.code)
    assert codes == (ExitCode.OK, ExitCode.UNREACHABLE, ExitCode.OK)


@pytest.mark.parametrize("content", ["[1]", "not json", None])
def test_a_profile_that_cannot_be_read_is_refused(
    cxport: Cxport, tmp_path: Path, content: str | None
) -> None:
    """A wrong profile is named before anything is asked."""
    profile = tmp_path / "profile.json"
    if content is not None:
        profile.touch(0o600)
        profile.write_text(content)
    ended = cxport("job", "list", "--profile", profile)

    assert ended.code == ExitCode.USAGE
    assert "cannot be read as JSON" in ended.err


def test_a_profile_that_others_can_read_is_refused(
    cxport: Cxport, as_user: Served, tmp_path: Path
) -> None:
    """Secrets in a file that others can read are not used, and the cure is named."""
    open_to_all = tmp_path / "profile.json"
    open_to_all.write_text(as_user.profile.read_text())
    open_to_all.chmod(0o644)
    ended = cxport("job", "list", "--profile", open_to_all)

    assert ended.code == ExitCode.USAGE
    assert f"hint: chmod 600 {open_to_all}" in ended.err


def test_without_credentials_the_ways_to_give_them_are_named(cxport: Cxport) -> None:
    """Nothing is sent where nobody has said who signs in."""
    ended = cxport("job", "list")

    assert ended.code == ExitCode.USAGE
    assert "CXPORT_CLIENT_ID" in ended.err


def test_names_or_a_run_are_downloaded_not_both(cxport: Cxport, as_user: Served) -> None:
    """Neither and both are mistakes."""
    neither = cxport("file", "download")
    both = cxport("file", "download", as_user.file.name, "--run", as_user.run_id)

    assert {neither.code, both.code} == {ExitCode.USAGE}
