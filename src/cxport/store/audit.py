"""The audit record: rows that are added, chained by keyed digests, and let go by age alone.

Each row's digest is an HMAC (SHA-256) over the one before and the row itself. The ends of a
chain are sealed by the same key, so that rows cannot be cut off unnoticed at either of them by
somebody who has the database and not the key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select

from cxport.domain.audit import Act, AuditEvent, Entry, Outcome, Verdict
from cxport.domain.listing import Page, Query
from cxport.domain.vault import SecretBox
from cxport.store.database import Database
from cxport.store.paging import Listing, plain, word
from cxport.store.scope import Scope, reading, writing
from cxport.store.secrets import get_or_create
from cxport.store.tables import audit, audit_chains

_LISTING = Listing(
    audit,
    audit,
    {
        "id": plain(audit.c.id),
        "at": plain(audit.c.at),
        # searched without regard to case, but of letters beyond ASCII
        "actor": word(audit.c.actor),
        "act": word(audit.c.act),
        "outcome": word(audit.c.outcome),
        "object": word(audit.c.object),
    },
)

#: The row of a chain's ends.
Chain = dict[str, Any]

#: What a chain begins with.
_NOTHING = bytes(32)
_KEY_BYTES = 32
#: Rows that are read at once while a chain is checked.
_AT_ONCE = 1000


def audit_key(db: Database, box: SecretBox) -> bytes:
    """Give the key of the chains: the installation's, made where there is none."""
    return get_or_create(db, box, "audit-key", lambda: secrets.token_bytes(_KEY_BYTES))


def append(scope: Scope, key: bytes, entry: Entry) -> None:
    """Add an entry at the end of the tenant's chain, within a transaction.

    The chain stays locked until the transaction ends. To be done last in it: others wait.
    """
    chain = _locked(scope)
    row = {"tenant_id": entry.tenant_id, "id": chain["last_id"] + 1, **_values(entry)}
    digest = _digest(key, chain["last_digest"], row)
    scope.insert(audit, {**row, "digest": digest})
    _save(scope, key, {**chain, "last_id": row["id"], "last_digest": digest})


def page(db: Database, tenant_id: str, query: Query) -> Page[AuditEvent]:
    """Give a page of a tenant's entries.

    Columns: id (the order of the chain), at, actor, act, outcome, object; KeyError for others.
    """
    with reading(db, tenant_id) as scope:
        return _LISTING.page(scope, query, _event)


def aged(db: Database, moment: datetime) -> list[str]:
    """Give the tenants whose chain has entries before a moment; the installation is empty."""
    found = select(audit.c.tenant_id).where(audit.c.at < moment).distinct()
    with db.read() as connection:
        return sorted(connection.execute(found).scalars())


def verify(db: Database, tenant_id: str, key: bytes) -> Verdict:
    """Check a chain from end to end, in constant memory, as it stands at one moment."""
    with reading(db, tenant_id) as scope:
        chain = _chain(scope)
        if chain is None:
            left = scope.first(scope.select(audit).limit(1))
            return _verdict(0, _empty(), "its ends are missing" if left else "")
        if not hmac.compare_digest(chain["seal"], _seal(key, chain)):
            return _verdict(0, chain, "its ends were changed, or the key is another one")
        entries, fault = _checked(scope, key, chain)
        return _verdict(entries, chain, fault)


def digest_of(db: Database, tenant_id: str, number: int) -> str:
    """Give the digest of an entry in hex; empty where there is none of this number."""
    with reading(db, tenant_id) as scope:
        row = scope.first(scope.select(audit, id=number))
    return "" if row is None else row.digest.hex()


def forget_before(db: Database, tenant_id: str, key: bytes, moment: datetime) -> int:
    """Let go of a chain's oldest entries, up to the first that is not before a moment."""
    with writing(db, tenant_id) as scope:
        chain = _chain(scope, lock=True) or _empty()
        kept = scope.select(audit).where(audit.c.at >= moment).order_by(audit.c.id)
        first = scope.first(kept.limit(1))
        last = scope.first(scope.select(audit, id=first.id - 1 if first else chain["last_id"]))
        if last is None:
            return 0
        _save(scope, key, {**chain, "forgotten_id": last.id, "forgotten_digest": last.digest})
        return scope.delete(audit, audit.c.id <= last.id)


def _checked(scope: Scope, key: bytes, chain: Chain) -> tuple[int, str]:
    """Follow a chain; give how many rows held, and what is wrong with the next."""
    number, digest, held = chain["forgotten_id"], chain["forgotten_digest"], 0
    for row in _rows(scope):
        if row.id != number + 1:
            return held, f"entry {number + 1} is missing"
        if not hmac.compare_digest(row.digest, _digest(key, digest, row._asdict())):
            return held, f"entry {row.id} was changed"
        number, digest, held = row.id, row.digest, held + 1
    if (number, digest) != (chain["last_id"], chain["last_digest"]):
        return held, f"entry {number + 1} is missing"
    return held, ""


def _rows(scope: Scope) -> Iterator[Row[Any]]:
    after = 0
    while True:
        found = scope.select(audit).where(audit.c.id > after).order_by(audit.c.id)
        rows = scope.all(found.limit(_AT_ONCE))
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].id


def _chain(scope: Scope, *, lock: bool = False) -> Chain | None:
    found = scope.select(audit_chains)
    row = scope.first(found.with_for_update() if lock else found)
    return None if row is None else dict(row._asdict())


def _locked(scope: Scope) -> Chain:
    """Lock the ends of a chain, made where it has none yet."""
    found = _chain(scope, lock=True)
    if found is None:
        scope.ensure(audit_chains, {**_empty(), "seal": b""})
        found = _chain(scope, lock=True)
    return found or _empty()


def _empty() -> Chain:
    return {
        "last_id": 0,
        "last_digest": _NOTHING,
        "forgotten_id": 0,
        "forgotten_digest": _NOTHING,
    }


def _save(scope: Scope, key: bytes, chain: Chain) -> None:
    scope.update(audit_chains, {**chain, "seal": _seal(key, chain)})


def _values(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at.astimezone(UTC),
        "actor": entry.actor,
        "act": entry.act.value,
        "outcome": entry.outcome.value,
        "object": entry.object,
    }


def _digest(key: bytes, before: bytes, row: Mapping[str, Any]) -> bytes:
    fields = [row[name] for name in ("tenant_id", "id", "actor", "act", "outcome", "object")]
    return _mac(key, [before.hex(), *fields, row["at"].astimezone(UTC).isoformat()])


def _seal(key: bytes, chain: Chain) -> bytes:
    numbers = [chain["tenant_id"], chain["last_id"], chain["forgotten_id"]]
    digests = [chain["last_digest"].hex(), chain["forgotten_digest"].hex()]
    return _mac(key, ["ends", *numbers, *digests])


def _mac(key: bytes, fields: list[Any]) -> bytes:
    """Give the HMAC of a JSON array: no two different lists have the same text."""
    return hmac.digest(key, json.dumps(fields).encode(), hashlib.sha256)


def _event(row: Row[Any]) -> AuditEvent:
    entry = Entry(
        tenant_id=row.tenant_id,
        actor=row.actor,
        act=Act(row.act),
        outcome=Outcome(row.outcome),
        object=row.object,
        at=row.at,
    )
    return AuditEvent(number=row.id, entry=entry, digest=row.digest)


def _verdict(entries: int, chain: Chain, fault: str) -> Verdict:
    return Verdict(
        entries=entries,
        number=chain["last_id"],
        digest=chain["last_digest"].hex(),
        fault=fault,
    )
