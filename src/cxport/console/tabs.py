"""The tabs of the top bar: a page that has one adds a line here."""

from __future__ import annotations

from dataclasses import dataclass

from cxport.console.settings import PREFIX
from cxport.console.visit import MemberVisit
from cxport.domain.access import Action


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A tab is there for whom its action is allowed; its name is its label, `page.<name>`."""

    name: str
    path: str
    icon: str
    action: Action


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
    Tab(
        name="administration",
        path=f"{PREFIX}/administration",
        icon="settings",
        action=Action.TENANT_READ,
    ),
)


def tabs_for(visit: MemberVisit) -> tuple[Tab, ...]:
    """Give the tabs that somebody's roles allow."""
    return tuple(tab for tab in TABS if visit.may(tab.action))
