"""One of everything that a tenant can have, by the word before its place in a path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from sqlalchemy import select, update

from cxport.domain.access import Role
from cxport.domain.catalogue import Family
from cxport.services.source_setup import SourceDraft
from cxport.store.tables import metadata, tenants
from tests.api.installation import EVERYTHING, Account

#: What stands behind a word of a path; a new word has to be told here.
KINDS = {
    "history": "item",
    "jobs": "item",
    "cancel": "item",
    "resume": "item",
    "suspend": "item",
    "runs": "item",
    "files": "file",
    "users": "user",
    "keys": "key",
    "clients": "client",
    "sources": "source",
    "webhooks": "webhook",
    "deliveries": "delivery",
    # what is uploaded gets this name; nothing is found by it
    "cipher": "",
}
#: What a query parameter names, or finds by its name.
QUERIES = {
    "jobIDs": "item",
    "jobId": "item",
    "historyId": "item",
    "filename": "file",
    "fileName": "file",
    "name": "file",
    "source": "source",
    "object": "user",
}
#: Ids of the owner begin here, so that one is found in an answer, and no other text is.
_FIRST = 4_000_000
_PLACE = re.compile(r"(\w+)/\{\w+\}")
_HEX = re.compile(r"[0-9a-f]{8,}")


@dataclass(frozen=True)
class Belongings:
    """Names of what a tenant has; a kind may have several, each of which is one."""

    names: dict[str, tuple[str, ...]]

    def of(self, kinds: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Give what fills the places of a call: all of the first kind, the first of the others."""
        if not kinds:
            return [()]
        others = tuple(self.names[kind][0] for kind in kinds[1:])
        return [(name, *others) for name in self.names[kinds[0]]]


def kinds_of(path: str) -> tuple[str, ...]:
    """Give what the places of a path name; KeyError for a new kind of thing."""
    return tuple(KINDS[word] for word in _PLACE.findall(path))


def furnish(account: Account, family: Family = Family.UCS) -> Belongings:
    """Let a tenant have one of everything; only its administrator can."""
    of_tenant = update(tenants).where(tenants.c.id == account.tenant_id)
    with account.installation.db.write() as connection:
        connection.execute(of_tenant.values(last_id=_FIRST))
    source, user = f"theirs-{token_hex(4)}", f"theirs-{token_hex(4)}"
    draft = SourceDraft(name=source, family=family, dsn="sqlite:////nowhere")
    account.installation.services.source_setup.add(account.tenant_id, draft, EVERYTHING)
    run, files = account.finished_run(b"theirs", family=family, source=source)
    key = _made(account, "/keys", name="theirs")
    client = _made(account, "/clients", name="theirs", roles=[Role.VIEWER])
    webhook = _made(account, "/webhooks", url="https://receiver.example/hook")
    _made(account, "/users", name=user, roles=[Role.VIEWER])
    delivery = _made(account, f"/webhooks/{webhook['id']}/test")["delivery"]
    return Belongings(
        {
            "item": (str(run.id), str(run.job_id)),
            "file": (files[0].name, f"export-{run.archive_id}.manifest.json"),
            "user": (user,),
            "key": (key["id"],),
            "client": (client["id"],),
            "source": (source,),
            "webhook": (webhook["id"],),
            "delivery": (delivery,),
        }
    )


def unknown(name: str) -> str:
    """Give what nobody has, as long as what somebody has."""
    if name.isdigit():
        return str(int(name) + 1_000_000)
    return _HEX.sub(lambda found: token_hex(len(found[0]))[: len(found[0])], name)


def rows_of(account: Account, *, but: frozenset[str] = frozenset()) -> dict[str, list[Any]]:
    """Give all that the store holds of a tenant, by table."""
    with account.installation.db.read() as connection:
        return {
            name: sorted(
                map(
                    str,
                    connection.execute(select(table).where(table.c.tenant_id == account.tenant_id)),
                )
            )
            for name, table in metadata.tables.items()
            if "tenant_id" in table.c and name not in but
        }


def _made(account: Account, path: str, **body: Any) -> dict[str, Any]:
    answer = account.installation.client.post(
        f"/cxport/v1{path}", headers=account.headers, json=body or None
    )
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found
