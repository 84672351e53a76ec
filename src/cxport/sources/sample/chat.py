"""The transcripts of chats: XML, as the vendor's products keep them in `structuredText`."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from cxport.sources.sample.text import Draw, Language, pick


def transcript(draw: Draw, language: Language, *, started: str, session: str, nick: str) -> str:
    """Write the events of one chat, in order; `started` is ISO 8601.

    A customer and an agent join, write in turn, and leave; a line of each event says who
    (`userId`), when (`timeShift`, seconds since `startAt`), and for whom (`visibility`).
    """
    client, agent = f"{session[-8:]}C", f"{session[-8:]}A"
    events = "".join(_events(draw, language, client=client, agent=agent, nick=nick))
    return (
        f'<?xml version="1.0"?><chatTranscript startAt="{started}" sessionId="{session}">'
        f"{events}</chatTranscript>"
    )


def _events(draw: Draw, language: Language, *, client: str, agent: str, nick: str) -> Iterator[str]:
    """Write each event, two of them for who comes, then what they say, two for who leaves."""
    seconds = 4 + int(draw() * 60)
    yield _event("newParty", client, 0, 1, _user(client, nick, "CLIENT"))
    yield _event("newParty", agent, seconds, 2, _user(agent, "Service", "AGENT"))
    number = 3
    for number in range(3, 6 + int(draw() * 6)):
        seconds += 2 + int(draw() * 40)
        who, lines = (
            (client, language.customer_lines) if number % 2 else (agent, language.agent_lines)
        )
        yield _event("message", who, seconds, number, f"<msgText>{pick(draw, lines)}</msgText>")
    notice = '<noticeText noticeType="USER_CUSTOM">transcript sent</noticeText>'
    yield _event("notice", agent, seconds + 1, number + 1, notice)
    for offset, who in ((2, client), (3, agent)):
        reason = '<reason code="1">left</reason>'
        yield _event("partyLeft", who, seconds + offset, number + offset, reason)


def _user(person: str, nick: str, kind: str) -> str:
    return f'<userInfo personId="{person}" userNick={quoteattr(nick)} userType="{kind}"/>'


def _event(name: str, user: str, seconds: int, number: int, content: str) -> str:
    return (
        f'<{name} userId="{user}" timeShift="{seconds}" visibility="ALL" eventId="{number}">'
        f"{content}</{name}>"
    )
