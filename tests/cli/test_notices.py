"""Commands about the audit record and about subscriptions, against a running service."""

from __future__ import annotations

import sqlite3
import time

from cxport.cli.exit_codes import ExitCode
from tests.cli.commands import Cxport
from tests.client.served import Served


def test_the_record_is_listed_and_verified(cxport: Cxport, as_user: Served) -> None:
    """By its filters; the end that a check prints is found again by a later one."""
    named = ("--act", "job.create", "--object", as_user.job_id)
    (entry,) = cxport.json("audit", "list", *named)["entries"]
    assert (entry["object"], entry["outcome"]) == (str(as_user.job_id), "done")
    assert str(as_user.job_id) in cxport.done("audit", "list", "--object", as_user.job_id).out

    chains = cxport.json("audit", "verify")["chains"]
    assert [one["fault"] for one in chains] == ["", ""]
    end = cxport.done("audit", "verify").out.rpartition("end: ")[2].strip()
    cxport.done("audit", "verify", "--expect", end)
    wrong = end[:-1] + ("0" if end[-1] != "0" else "1")
    assert cxport("audit", "verify", "--expect", wrong).code == ExitCode.DAMAGED
    assert cxport("audit", "verify", "--expect", "nonsense").code == ExitCode.USAGE


def test_a_record_that_was_changed_is_told(cxport: Cxport, as_user: Served) -> None:
    """With the tenant, and which entry."""
    store = as_user.data / "store.sqlite"
    edit = "UPDATE audit SET actor = ? WHERE act = 'job.create' AND object = ?"
    job = str(as_user.job_id)
    with sqlite3.connect(store, isolation_level=None) as connection:
        find = "SELECT actor FROM audit WHERE act = 'job.create' AND object = ?"
        (before,) = connection.execute(find, (job,)).fetchone()
        connection.execute(edit, ("user:eve", job))
        ended = cxport("audit", "verify")
        connection.execute(edit, (before, job))
    connection.close()

    assert ended.code == ExitCode.DAMAGED
    assert "was changed" in ended.err
    cxport.done("audit", "verify")


def test_a_subscription_is_made_tried_and_removed(cxport: Cxport, as_user: Served) -> None:
    """The service's own worker sends it; a name that nobody has is said in the log."""
    assert as_user.url
    made = cxport.json(
        "webhook", "add", "--to", "https://receiver.invalid/?x=1", "--event", "run.failed"
    )
    assert made["secret"].startswith("whsec_")
    (listed,) = cxport.json("webhook", "list")["webhooks"]
    assert (listed["id"], listed["url"]) == (made["id"], "https://receiver.invalid/")
    assert "secret" not in listed

    sent = cxport.json("webhook", "test", made["id"])["delivery"]
    deadline = time.monotonic() + 30
    while not (one := cxport.json("webhook", "deliveries", made["id"])["deliveries"][0])["answer"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert (one["id"], one["state"]) == (sent, "waiting")
    assert one["answer"] == "not sent: the name of the host cannot be resolved"
    cxport.json("webhook", "replay", made["id"], sent)
    assert cxport.json("webhook", "rotate", made["id"])["secret"] != made["secret"]
    cxport.json("webhook", "remove", made["id"])
    assert cxport.json("webhook", "list")["webhooks"] == []


def test_mistakes_are_said(cxport: Cxport, as_user: Served) -> None:
    """Both kinds at once, a hostile URL, a mail without a server, an unknown id."""
    assert as_user.url
    both = cxport("webhook", "add", "--to", "https://x.example/", "--mail", "a@x.example")
    hostile = cxport("webhook", "add", "--to", "http://169.254.169.254/latest/")
    mail = cxport("webhook", "add", "--mail", "ann@company.example")
    unknown = cxport("webhook", "test", "unknown")

    assert [one.code for one in (both, hostile, mail)] == [ExitCode.USAGE] * 3
    assert "no mail server is set up" in mail.err
    assert unknown.code == ExitCode.REFUSED
