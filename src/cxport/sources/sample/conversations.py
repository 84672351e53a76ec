"""The conversations of the sample, one after the other, of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cxport.domain.catalogue import Entity
from cxport.sources.sample.chat import transcript
from cxport.sources.sample.clock import DAY, DAYS, HOUR, MINUTE, SECOND, moment
from cxport.sources.sample.documents import Documents
from cxport.sources.sample.ids import thread_id
from cxport.sources.sample.interactions import Interaction, Ledger, Tables, Thread
from cxport.sources.sample.mails import Mails
from cxport.sources.sample.people import People
from cxport.sources.sample.text import pick

#: Conversations begin in all but the last days, so that they end within the sample's time.
_LAST_DAYS = 12

_INBOUND = ("Inbound", "InboundNew")
_OUTBOUND = ("Outbound", "OutboundNew")
_INVITE = ("Internal", "InternalConferenceInvite")

_OUTCOMES = ("Answered", "Answered", "Answered", "NoAnswer", "Busy", "Transferred")
_OPEN_MEDIA = ("sms", "facebook", "twitter", "workitem", "fax")

Kind = Callable[[Ledger, Thread], None]


class Conversations:
    """Fills a ledger with conversations, each from beginning to end or until it is full."""

    def __init__(self, ledger: Ledger, people: People, documents: Documents) -> None:
        self._ledger = ledger
        self._people = people
        self._mails = Mails(ledger, documents)
        self._threads = 0
        # How often of twenty a conversation is of each kind
        mails, chats = [self._mail] * 7, [_chat] * 7
        self._kinds: list[Kind] = [*mails, *chats, _call, _call, _call, *_RARE]

    @property
    def attachments(self) -> int:
        """How many attachments were made."""
        return self._mails.attachments

    def batches(self, size: int) -> Iterator[Tables]:
        """Yield rows until the ledger is full; of at least `size` interactions but at the end."""
        while not self._ledger.full:
            enough = min(self._ledger.total, self._ledger.made + size)
            while self._ledger.made < enough:
                self._converse()
            yield self._ledger.take()

    def _converse(self) -> None:
        """Make one conversation; the first are one of each kind, so that none is missing."""
        elapsed = self._ledger.made / self._ledger.total
        draw = self._ledger.draw
        thread = Thread(
            id=thread_id(self._threads),
            number=self._threads,
            person=self._people[int(draw() * elapsed * self._people.count)],
            at=int(elapsed * (DAYS - _LAST_DAYS) * DAY + draw() * DAY),
        )
        first: tuple[Kind, ...] = (_chat, self._mail, *_RARE)
        kind = first[self._threads] if self._threads < len(first) else pick(draw, self._kinds)
        kind(self._ledger, thread)
        self._threads += 1

    def _mail(self, _: Ledger, thread: Thread) -> None:
        self._mails.converse(thread)


def _chat(ledger: Ledger, thread: Thread) -> None:
    """Make a chat with its transcript, which the agents kept a note about now and then."""
    draw, person = ledger.draw, thread.person
    seconds = 60 + int(draw() * 1500)
    end = thread.at + seconds * SECOND
    chat = Interaction(
        entity=Entity.CHAT,
        medium="chat",
        kind=_INBOUND,
        begin=thread.at,
        end=end,
        subject=pick(draw, person.language.subjects) if thread.number % 3 else None,
        structured=transcript(
            draw,
            person.language,
            started=moment(thread.at).replace(" ", "T") + "Z",
            session=thread.id,
            nick=person.first_name,
        ),
        mime_type="text/xml",
        comment=None if thread.number % 10 else pick(draw, person.language.subjects),
        reason="Normal" if thread.number % 12 else "Terminated",
    )
    established = None if thread.number % 31 == 0 else moment(thread.at + 3 * SECOND)
    ledger.add("Chat", (ledger.open(thread, chat), established, moment(end)))


def _call(ledger: Ledger, thread: Thread) -> None:
    """Make a call from the customer."""
    _phone(ledger, thread, _INBOUND, thread.at, None)


def _phone(
    ledger: Ledger, thread: Thread, kind: tuple[str, str], at: int, parent: str | None
) -> None:
    draw = ledger.draw
    seconds = int(draw() * draw() * 1800)
    call = Interaction(
        entity=Entity.PHONE_CALL,
        medium="voice",
        kind=kind,
        begin=at,
        end=at + seconds * SECOND,
        parent=parent,
        subject=None if thread.number % 4 else pick(draw, thread.person.language.subjects),
        comment=pick(draw, thread.person.language.letters) if thread.number % 3 else None,
        reason="Normal" if thread.number % 17 else "Re-directed",
    )
    connection = f"{thread.number * 2_246_822_519 % 2**64:016X}"
    row = (
        ledger.open(thread, call),
        seconds,
        pick(draw, _OUTCOMES),
        thread.person.phone,
        connection,
    )
    ledger.add("PhoneCall", row)


def _callback(ledger: Ledger, thread: Thread) -> None:
    """Make a callback, and the call that it led to."""
    draw, person = ledger.draw, thread.person
    wanted = thread.at + HOUR + int(draw() * DAY)
    callback = Interaction(
        entity=Entity.CALLBACK,
        medium="callback",
        kind=_INBOUND,
        begin=thread.at,
        end=wanted + 20 * MINUTE,
        subject=pick(draw, person.language.subjects),
        text=pick(draw, person.language.letters),
    )
    key = ledger.open(thread, callback)
    row = (
        key,
        int(draw() * 5),
        int(draw() * 3),
        moment(wanted),
        moment(wanted + 2 * HOUR),
        person.phone,
        int(draw() * 4),
        f"{8000 + thread.number % 100}",
        "Switch North" if thread.number % 2 else None,
        f"0001J{thread.number % 3:011X}",
        None if thread.number % 5 == 0 else thread.number % 7,
        f"reason={thread.number % 12};lang={person.language.code}",
    )
    ledger.add("Callback", row)
    if not ledger.full:
        _phone(ledger, thread, _OUTBOUND, wanted, key)


def _co_browse(ledger: Ledger, thread: Thread) -> None:
    """Make a session in which agent and customer look at a page together."""
    draw = ledger.draw
    session = Interaction(
        entity=Entity.CO_BROWSE,
        medium="cobrowsing",
        kind=_INVITE,
        begin=thread.at,
        end=thread.at + int(draw() * HOUR),
        subject=pick(draw, thread.person.language.subjects),
        text=f"https://shop.example.com/order/{thread.number * 7919 % 1_000_000}",
    )
    ledger.open(thread, session)


def _open_media(ledger: Ledger, thread: Thread) -> None:
    """Make a message of a medium that has no table of its own."""
    draw, language = ledger.draw, thread.person.language
    message = Interaction(
        entity=Entity.OPEN_MEDIA,
        medium=pick(draw, _OPEN_MEDIA),
        kind=_INBOUND,
        begin=thread.at,
        end=thread.at + int(draw() * DAY),
        text=f"{pick(draw, language.subjects)}: {pick(draw, language.closings)} 🙂",
    )
    ledger.open(thread, message)


_RARE: tuple[Kind, ...] = (_callback, _co_browse, _open_media)
