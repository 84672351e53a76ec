"""Mails as a server sees them: over TLS, in a language, without names, and never injected into."""

from __future__ import annotations

import email
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from cxport.domain.errors import InvalidInput
from cxport.domain.notice import Attempt, Event
from cxport.domain.said import Said
from cxport.notices.mail import Mail, MailServer, check_recipients, is_address
from cxport.notices.words import LANGUAGES, mail_text
from tests.notices.receiver import a_message
from tests.notices.test_webhook import pair
from tests.servers import free_port

__all__ = ["pair"]

NAME = "receiver.example"


class Inbox:
    """Keeps what a server takes."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []
        self.refused: set[str] = set()

    async def handle_RCPT(  # noqa: N802 - the library's word
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        """Take a recipient, or refuse it."""
        del server, session, options
        if address in self.refused:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 - the same
        """Keep a mail."""
        del server, session
        self.got.append(envelope)
        return "250 OK"

    def mail(self) -> Message:
        """Give the one mail that came."""
        (envelope,) = self.got
        assert isinstance(envelope.content, bytes)
        return email.message_from_bytes(envelope.content, policy=default)


@contextmanager
def serving(pair: tuple[Path, Path], **given: Any) -> Iterator[tuple[Inbox, int]]:
    """Run a mail server that wants STARTTLS."""
    inbox = Inbox()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=free_port(),
        **{"tls_context": context, "require_starttls": True, **given},
    )
    controller.start()
    try:
        yield inbox, controller.port
    finally:
        controller.stop()


class _Named(ssl.SSLContext):
    """Expects the name of the test certificate: the server listens on an address."""

    def wrap_socket(self, *args: Any, **given: Any) -> ssl.SSLSocket:
        return super().wrap_socket(*args, **{**given, "server_hostname": NAME})


def trusting(pair: tuple[Path, Path]) -> ssl.SSLContext:
    """Trust the test certificate."""
    context = _Named(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(pair[0])
    return context


def server(port: int, **changed: Any) -> MailServer:
    """Describe a server."""
    given = {"host": "127.0.0.1", "port": port, "security": "starttls"}
    return MailServer(**{**given, "sender": "cxport@company.example", **changed})


def sent(to: MailServer, tls: ssl.SSLContext, recipients: str, **changed: Any) -> Attempt:
    """Send a mail."""
    message = replace(a_message(recipients), **changed)
    return Mail(to, tls).send(message, datetime.now(UTC))


def test_a_mail_says_what_happened_in_a_language(pair: tuple[Path, Path]) -> None:
    """Plain text with ids and counts; recipients do not see each other; its id stays the same."""
    with serving(pair) as (inbox, port):
        attempt = sent(
            server(port), trusting(pair), "ann@company.example,bob@company.example", language="de"
        )

    assert attempt == Attempt(delivered=True, answer=Said("the mail server took it"))
    mail = inbox.mail()
    assert mail["subject"] == "CXPort: Export 7: abgeschlossen"
    assert "Lauf: 7" in mail.get_payload()
    assert mail["message-id"] == "<msg_1@company.example>"
    assert "ann@" not in mail.as_string()
    assert inbox.got[0].rcpt_tos == ["ann@company.example", "bob@company.example"]


def test_a_server_that_is_not_vouched_for_gets_nothing(pair: tuple[Path, Path]) -> None:
    """Neither mail nor password."""
    with serving(pair) as (inbox, port):
        attempt = sent(server(port), ssl.create_default_context(), "ann@company.example")

    assert attempt == Attempt(
        delivered=False, answer=Said("the mail server's TLS was not accepted")
    )
    assert inbox.got == []


def test_the_password_is_given_over_tls(pair: tuple[Path, Path]) -> None:
    """A right one is taken; a wrong one is said by the server's code alone."""

    def check(*args: Any) -> AuthResult:
        data = args[-1]
        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == b"right", handled=False)

    with serving(pair, authenticator=check, auth_required=True) as (inbox, port):
        wrong = server(port, user="cxport", password="wrong")
        right = server(port, user="cxport", password="right")
        first = sent(wrong, trusting(pair), "ann@company.example")
        assert first == Attempt(delivered=False, answer=Said("the mail server answered 535"))
        assert sent(right, trusting(pair), "ann@company.example").delivered

    assert len(inbox.got) == 1


def test_refused_recipients_are_counted(pair: tuple[Path, Path]) -> None:
    """Those that are taken get it once; where none is, it is tried again."""
    with serving(pair) as (inbox, port):
        inbox.refused = {"bob@company.example"}
        some = sent(server(port), trusting(pair), "ann@company.example,bob@company.example")
        none = sent(server(port), trusting(pair), "bob@company.example")

    assert some.delivered
    assert some.answer == "the mail server took it, and refused 1 of 2 recipients"
    assert none == Attempt(delivered=False, answer=Said("the mail server refused every recipient"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@company.example",
        "ann@",
        "ann@localhost",
        "ann@company.example\r\nBcc: eve@evil.example",
        "ann@company.example\nSubject: x",
        "ann@company.example>\r\nRCPT TO:<eve@evil.example",
        "Ann <ann@company.example>",
        '"ann\r\n"@company.example',
        "ann@company.example;eve@evil.example",
        "ann@company.example eve@evil.example",
        "ann@company.example,,bob@company.example",
        "änn@company.example",
        "ann@[127.0.0.1]",
        ".ann@company.example",
        "ann..b@company.example",
        "a" * 300 + "@company.example",
        ",".join(f"a{n}@company.example" for n in range(21)),
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """A line break, a second address or a quote cannot get into a header or a command."""
    with pytest.raises(InvalidInput) as refused:
        check_recipients(text)

    assert refused.value.field == "recipients"


def test_addresses_are_taken() -> None:
    """Plain ones, each once."""
    assert check_recipients("a.b+c@x.example, a.b+c@x.example") == ("a.b+c@x.example",)
    assert is_address("o'neill@sub.company.example")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", list(Event))
def test_every_event_has_words_in_every_language(event: Event, language: str) -> None:
    """One line as subject, nothing left to fill in."""
    body = '{"data": {"runId": 7, "withinDays": 30}}'
    subject, text = mail_text(event, body, language)

    assert "{" not in subject + text
    assert "\n" not in subject
