"""The roles, and what each of them allows: the table that every surface reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from fastapi import APIRouter, Response

from cxport.console.guard import GuardedRoute
from cxport.console.rendering import render
from cxport.console.sections import PATH, SectionPage
from cxport.console.visit import Member
from cxport.domain.access import FAMILIES, PERMISSIONS, Action, Role
from cxport.services.access import require

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class RolesPage(SectionPage):
    """Actions by what they are done to, and which role has each."""

    template: ClassVar[str] = "administration/roles.html"
    heading: ClassVar[str] = "admin.roles"
    section: ClassVar[str] = "roles"
    roles: tuple[Role, ...] = tuple(Role)
    groups: tuple[tuple[str, tuple[Action, ...]], ...]

    def allows(self, role: Role, action: Action) -> bool:
        """Tell whether a role has an action."""
        return action in PERMISSIONS[role]

    def families(self, role: Role) -> tuple[str, ...]:
        """Give the families whose items a role sees."""
        return tuple(sorted(family.value for family in FAMILIES[role]))


@router.get(f"{PATH}/roles")
def show_roles(visit: Member) -> Response:
    """Show the table."""
    require(visit.caller, Action.ACCOUNT_READ)
    return render(visit, RolesPage(groups=tuple(_groups())))


def _groups() -> Iterator[tuple[str, tuple[Action, ...]]]:
    """Give the actions by their noun, as they stand."""
    nouns = dict.fromkeys(_noun(action) for action in Action)
    ordered = sorted(Action, key=lambda action: list(nouns).index(_noun(action)))
    for noun, actions in groupby(ordered, _noun):
        yield noun, tuple(actions)


def _noun(action: Action) -> str:
    return action.partition(".")[0]
