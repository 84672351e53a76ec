"""The check that stands in front of every act: may this caller do it, and what may it see."""

from __future__ import annotations

from dataclasses import replace

from cxport.domain.access import Action, allowed, visible_families
from cxport.domain.catalogue import Family
from cxport.domain.errors import NotAllowed, NotFound
from cxport.domain.listing import Query
from cxport.domain.said import Said
from cxport.domain.tenant import Caller


def require(caller: Caller, action: Action) -> None:
    """Let the caller pass, or raise NotAllowed naming the action."""
    if not allowed(caller.roles, action):
        refusal = NotAllowed(Said("the caller's roles do not allow {action}", action=action))
        raise refusal.of(caller.tenant_id, caller.subject, action)


def require_visible(caller: Caller, family: Family | str) -> None:
    """Raise NotFound where the caller's roles do not show items of this family."""
    if family not in visible_families(caller.roles):
        raise NotFound


def only_visible(caller: Caller, query: Query) -> Query:
    """Narrow a query to the families that the caller's roles show."""
    visible = visible_families(caller.roles)
    if visible == frozenset(Family):
        return query
    shown = tuple(family.value for family in Family if family in visible)
    return replace(query, equals={**query.equals, "type": shown})
