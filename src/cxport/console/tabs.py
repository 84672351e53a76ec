"""The tabs of the top bar: a page that has one adds a line here."""

from __future__ import annotations

from dataclasses import dataclass

from cxport.console.settings import PREFIX
from cxport.console.visit import MemberVisit
from cxport.domain.access import Action


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A tab is there for whom its action is allowed, or, without one, for everybody.

    Its name is its label, `page.<name>`.
    """

    name: str
    path: str
    icon: str
    action: Action | None = None


TABS = (
    Tab(name="overview", path=f"{PREFIX}/", icon="dashboard", action=Action.RUN_READ),
    Tab(name="jobs", path=f"{PREFIX}/jobs", icon="list-details", action=Action.JOB_READ),
    Tab(name="history", path=f"{PREFIX}/history", icon="history", action=Action.RUN_READ),
    Tab(name="files", path=f"{PREFIX}/files", icon="archive", action=Action.FILE_READ),
    Tab(
        name="certificate",
        path=f"{PREFIX}/certificate",
        icon="certificate",
        action=Action.CERTIFICATE_READ,
    ),
    Tab(name="preferences", path=f"{PREFIX}/preferences", icon="user"),
    Tab(
        name="administration",
        path=f"{PREFIX}/administration",
        icon="settings",
        action=Action.TENANT_READ,
    ),
)


def tabs_for(visit: MemberVisit) -> tuple[Tab, ...]:
    """Give the tabs that somebody's roles allow."""
    return tuple(tab for tab in TABS if tab.action is None or visit.may(tab.action))
