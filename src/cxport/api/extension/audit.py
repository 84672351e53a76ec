"""`/audit`: what was done, by whom, to what, and what was refused."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.instants import iso
from cxport.api.paging import Paging, given
from cxport.api.shapes import Answer
from cxport.domain.audit import Act, AuditEvent
from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said
from cxport.services.values import moment

router = APIRouter(prefix="/audit", tags=["audit"])

_ORDER = {"id": "id", "date": "at", "actor": "actor", "act": "act", "object": "object"}


class AuditEntry(Answer):
    """An entry; `id` counts from 1 without a gap, `digest` covers all entries before."""

    id: int
    date: str
    actor: str
    act: str
    outcome: str
    object: str
    digest: str


class AuditPage(Answer):
    """A page of the record; `size` is the limit that was applied."""

    count: int
    items: list[AuditEntry]
    size: int
    offset: int = Field(validation_alias="offset", serialization_alias="from")


@router.get("", responses=documented(400))
def list_audit(  # noqa: PLR0913 - the filters
    *,
    caller: SignedIn,
    services: Use,
    paging: Paging,
    actor: str | None = None,
    act: str | None = None,
    named: Annotated[str | None, Query(alias="object")] = None,
    date_from: Annotated[str | None, Query(alias="dateFrom")] = None,
    date_to: Annotated[str | None, Query(alias="dateTo")] = None,
) -> AuditPage:
    """List the tenant's record by actor, act, object and time: `dateFrom <= date < dateTo`."""
    start, end = moment("dateFrom", date_from or ""), moment("dateTo", date_to or "")
    words = given({"actor": ("actor", actor), "object": ("object", named)})
    query = paging.query(
        _ORDER,
        contains={},
        equals={**{name: (word,) for name, word in words.items()}, **_act(act)},
        at_least={"at": start} if start else {},
        before={"at": end} if end else {},
    )
    page = services.audit.list(caller, query)
    items = [_entry(event) for event in page.items]
    return AuditPage(count=page.count, offset=page.offset, items=items, size=page.limit)


def _act(word: str | None) -> dict[str, tuple[object, ...]]:
    if not word:
        return {}
    if word not in set(Act):
        raise InvalidInput.at("act", Said("no such act"), ", ".join(Act))
    return {"act": (word,)}


def _entry(event: AuditEvent) -> AuditEntry:
    entry = event.entry
    return AuditEntry(
        id=event.number,
        date=iso(entry.at),
        actor=entry.actor,
        act=entry.act.value,
        outcome=entry.outcome.value,
        object=entry.object,
        digest=event.digest.hex(),
    )
