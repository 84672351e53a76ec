"""Conversations by e-mail, with what is attached to them."""

from __future__ import annotations

from html import escape

from cxport.domain.catalogue import Entity
from cxport.sources.sample.clock import HOUR, SECOND, moment
from cxport.sources.sample.documents import HOSTILE_NAME, Documents
from cxport.sources.sample.ids import attachment_id
from cxport.sources.sample.interactions import Interaction, Ledger, Thread
from cxport.sources.sample.text import Tokens, pick

_NEW = ("Inbound", "InboundNew")
_CUSTOMER_REPLY = ("Inbound", "InboundCustomerReply")
_REPLY = ("Outbound", "OutboundReply")
_ACKNOWLEDGEMENT = ("Outbound", "OutboundAcknowledgement")

_SERVICE = "service@contact.example.com"
_COPIES = 'colleague@example.org, "Büro, 2. Stock" <office@example.net>'
#: An answer quotes so many characters of what it answers.
_QUOTED = 240


class Mails:
    """Makes conversations by e-mail."""

    def __init__(self, ledger: Ledger, documents: Documents) -> None:
        self.attachments = 0
        self._ledger = ledger
        self._documents = documents
        self._letter = ""
        for row in documents.make_brochures():
            ledger.add("Document", row)

    def converse(self, thread: Thread) -> None:
        """Make an e-mail, mostly acknowledged and answered, sometimes with a further round."""
        subject = pick(self._ledger.draw, thread.person.language.subjects)
        at, parent = thread.at, self._receive(thread, _NEW, subject, None, thread.at)
        if thread.number % 5 and not self._ledger.full:
            self._send(thread, _ACKNOWLEDGEMENT, f"Ack: {subject}", parent, at + 40 * SECOND)
        for turn in range(thread.number % 4):
            if self._ledger.full:
                break
            at += HOUR + int(self._ledger.draw() * 20 * HOUR)
            if turn % 2:
                parent = self._receive(thread, _CUSTOMER_REPLY, f"Re: {subject}", parent, at)
            else:
                parent = self._send(thread, _REPLY, f"Re: {subject}", parent, at)

    def _receive(
        self, thread: Thread, kind: tuple[str, str], subject: str, parent: str | None, at: int
    ) -> str:
        """Make an e-mail from the customer."""
        draw, person = self._ledger.draw, thread.person
        name = f"{person.first_name} {person.last_name}"
        self._letter = pick(draw, person.language.letters)
        text = f"{self._letter}\n\n{pick(draw, person.language.closings)}\n{name}\n{person.phone}\n"
        html = thread.number % 5 == 0
        mail = Interaction(
            entity=Entity.EMAIL_IN,
            medium="email",
            kind=kind,
            begin=at,
            end=at + int(draw() * 30 * HOUR),
            parent=parent,
            subject=subject,
            text=text,
            structured=_html(text) if html else None,
            mime_type="text/html" if html else None,
            reason="Normal" if thread.number % 29 else "Forwarded",
        )
        key = self._ledger.open(thread, mail)
        row = (
            key,
            person.email,
            name,
            None if thread.number % 4 else f"reply.{person.email}",
            _SERVICE,
            None if thread.number % 7 else _COPIES,
            None,
            "service",
            moment(at),
            _header(person.email, at, self._ledger.tokens),
        )
        self._ledger.add("EmailIn", row)
        self._attach_letters(thread, key, at)
        return key

    def _send(
        self, thread: Thread, kind: tuple[str, str], subject: str, parent: str, at: int
    ) -> str:
        """Make an e-mail to the customer, which quotes the letter that it answers."""
        draw, language = self._ledger.draw, thread.person.language
        text = pick(draw, language.answers)
        automatic = kind is _ACKNOWLEDGEMENT
        if not automatic:
            quoted = self._letter[:_QUOTED].replace("\n", "\n> ")
            text = f"{text}\n{pick(draw, language.closings)}\n\n> {quoted}"
        mail = Interaction(
            entity=Entity.EMAIL_OUT,
            medium="email",
            kind=kind,
            begin=at,
            end=at + int(draw() * HOUR),
            parent=parent,
            subject=subject,
            text=text,
            comment=None if automatic or thread.number % 6 else "called back before answering",
            reason="AutoResponded" if automatic else "Sent",
        )
        key = self._ledger.open(thread, mail)
        row = (
            key,
            _SERVICE,
            thread.person.email,
            None if thread.number % 11 else _COPIES,
            None if thread.number % 13 else "archive@contact.example.com",
            moment(at),
            None if automatic or thread.number % 3 else 900 + thread.number % 9,
            f"0001H{thread.number % 40:011X}" if automatic else None,
        )
        self._ledger.add("EmailOut", row)
        if not automatic and thread.number % 8 == 1:
            self._attach(key, pick(draw, self._documents.brochures))
        return key

    def _attach_letters(self, thread: Thread, key: str, at: int) -> None:
        """Attach one to three documents in every sixth conversation; one name of all is hostile."""
        if thread.number % 6 != 1:
            return
        for _ in range(1 + thread.number % 18 // 6):
            hostile = not self.attachments
            document = self._documents.make(self._letter, at, HOSTILE_NAME if hostile else None)
            self._ledger.add("Document", document)
            self._attach(key, str(document[0]))

    def _attach(self, key: str, document: str) -> None:
        self._ledger.add("Attachment", (attachment_id(self.attachments), key, document))
        self.attachments += 1


def _html(text: str) -> str:
    paragraphs = escape(text).replace("\n\n", "</p>\n<p>").replace("\n", "<br>")
    return f"<html><body>\n<p>{paragraphs}</p>\n</body></html>"


def _header(sender: str, at: int, tokens: Tokens) -> str:
    """Write the header of a message as it came (RFC 5322), signed (RFC 6376) with noise."""
    return (
        f"Received: from relay.example.net by mail.contact.example.com; {moment(at)} +0000\r\n"
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=sample; h=from:to:subject;\r\n"
        f" bh={tokens.base64(43)}=;\r\n b={tokens.base64(342)}==\r\n"
        f"Message-ID: <{tokens.hexadecimal(24)}@mail.example.com>\r\nFrom: {sender}\r\n"
        f"To: {_SERVICE}\r\nMIME-Version: 1.0\r\n"
    )
