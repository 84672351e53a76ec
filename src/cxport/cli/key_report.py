"""How keys are shown: by their ids, never themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxport.cli.output import print_table, time_text

if TYPE_CHECKING:
    from cxport.bootstrap import MasterKey, SigningKey


def masters_json(found: Sequence[MasterKey]) -> list[dict[str, object]]:
    """Give the master keys as JSON."""
    return [
        {"id": one.id, "given": one.given, "first": one.first, "seals": one.seals} for one in found
    ]


def signing_json(found: Sequence[SigningKey]) -> dict[str, list[dict[str, object]]]:
    """Give the signing keys as JSON, by what they sign."""
    kinds: dict[str, list[dict[str, object]]] = {}
    for one in found:
        until = one.accepted_until and one.accepted_until.isoformat()
        shown: dict[str, object] = {
            "id": one.id,
            "created_at": one.created_at.isoformat(),
            "accepted_until": until,
        }
        kinds.setdefault(one.signs.value, []).append(shown)
    return kinds


def print_masters(found: Sequence[MasterKey]) -> None:
    """Print the master keys."""
    rows = [
        (one.id, one.seals, "first" if one.first else "" if one.given else "missing here")
        for one in found
    ]
    print_table(("master key", "seals", ""), rows)


def print_signing(found: Sequence[SigningKey]) -> None:
    """Print the signing keys."""
    rows = [
        (
            one.id,
            one.signs.value,
            time_text(one.created_at.isoformat()),
            time_text(one.accepted_until.isoformat()) if one.accepted_until else "",
        )
        for one in found
    ]
    print_table(("key", "signs", "made", "accepted until"), rows)
