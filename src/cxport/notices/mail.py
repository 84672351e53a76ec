"""Mail over SMTP (RFC 5321): plain text, over TLS unless the operator says otherwise."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from cxport.domain.errors import InvalidInput
from cxport.domain.notice import Attempt
from cxport.domain.said import Said
from cxport.notices.limit import time_limit
from cxport.notices.outgoing import Outgoing
from cxport.notices.words import mail_text

#: Recipients of one subscription at most.
MOST_RECIPIENTS = 20
#: To connect and for each answer, and for all that follows together.
_SECONDS, _TOTAL_SECONDS = 10.0, 30.0
_LONGEST = 254
#: Plain addresses (RFC 5321, section 4.1.2) without quoting: nothing in them ends a header.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+"
)


@dataclass(frozen=True, kw_only=True, repr=False)
class MailServer:
    """How mail is handed over; `security` is `starttls`, `tls` or `none`."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = ""
    sender: str


def check_recipients(text: str) -> tuple[str, ...]:
    """Read mail addresses separated by commas; InvalidInput for one that will not do."""
    found = tuple(dict.fromkeys(word.strip() for word in text.split(",")))
    if len(found) > MOST_RECIPIENTS or not all(map(is_address, found)):
        raise InvalidInput.at(
            "recipients",
            Said("not mail addresses, or too many"),
            Said(
                "1 to {most_recipients} plain addresses, as name@example.com",
                most_recipients=MOST_RECIPIENTS,
            ),
        )
    return found


def is_address(text: str) -> bool:
    """Tell whether a text is a plain mail address."""
    return len(text) <= _LONGEST and bool(_ADDRESS.fullmatch(text))


class Mail:
    """Sends mails over one server."""

    def __init__(self, server: MailServer, tls: ssl.SSLContext) -> None:
        self._server = server
        self._tls = tls

    def send(self, message: Outgoing, now: datetime) -> Attempt:
        """Try once; delivered is what the server takes for one recipient at least."""
        try:
            recipients = check_recipients(message.address)
            mail = self._mail(message, now)
            with self._session() as session:
                refused = session.send_message(mail, self._server.sender, recipients)
        except smtplib.SMTPRecipientsRefused:
            return Attempt(delivered=False, answer=Said("the mail server refused every recipient"))
        except smtplib.SMTPResponseException as error:
            answer = Said("the mail server answered {code}", code=error.smtp_code)
            return Attempt(delivered=False, answer=answer)
        except ssl.SSLError:
            return Attempt(delivered=False, answer=Said("the mail server's TLS was not accepted"))
        except (OSError, smtplib.SMTPException):
            return Attempt(delivered=False, answer=Said("the mail server was not reached"))
        except InvalidInput as error:
            return Attempt(delivered=False, answer=Said("not sent: {message}", message=error.said))
        return Attempt(delivered=True, answer=_taken(recipients, refused))

    def _mail(self, message: Outgoing, now: datetime) -> EmailMessage:
        subject, text = mail_text(message.event, message.body, message.language)
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._server.sender
        # recipients do not learn of each other
        mail["To"] = "undisclosed-recipients:;"
        mail["Subject"] = subject
        mail["Date"] = format_datetime(now)
        # the same however often it is tried
        mail["Message-ID"] = f"<{message.id}@{self._server.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        return mail

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        server = self._server
        if server.security == "tls":
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=_SECONDS, context=self._tls
            )
        else:
            session = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
        with session:
            if session.sock is None:
                raise OSError
            with time_limit(session.sock, _TOTAL_SECONDS):
                if server.security == "starttls":
                    session.starttls(context=self._tls)
                if server.user:
                    session.login(server.user, server.password)
                yield session


def _taken(recipients: Sequence[str], refused: dict[str, tuple[int, bytes]]) -> Said:
    if not refused:
        return Said("the mail server took it")
    return Said(
        "the mail server took it, and refused {refused} of {count} recipients",
        refused=len(refused),
        count=len(recipients),
    )
