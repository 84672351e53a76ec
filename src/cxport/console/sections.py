"""The sections of the administration: a page that is one adds a line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cxport.console.rendering import Page
from cxport.console.settings import PREFIX
from cxport.domain.access import Action

PATH = f"{PREFIX}/administration"


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section is there for whom its action is allowed; its label is `admin.<name>`."""

    name: str
    icon: str
    action: Action

    @property
    def path(self) -> str:
        """The address of its first page."""
        return f"{PATH}/{self.name}"


SECTIONS = (
    Section(name="sources", icon="database", action=Action.SOURCE_READ),
    Section(name="users", icon="users", action=Action.ACCOUNT_READ),
    Section(name="roles", icon="shield-lock", action=Action.ACCOUNT_READ),
    Section(name="keys", icon="key", action=Action.ACCOUNT_READ),
    Section(name="sessions", icon="clock", action=Action.ACCOUNT_READ),
    Section(name="notices", icon="webhook", action=Action.WEBHOOK_READ),
    Section(name="limits", icon="settings", action=Action.TENANT_READ),
    Section(name="audit", icon="history", action=Action.AUDIT_READ),
)


@dataclass(frozen=True, kw_only=True)
class SectionPage(Page):
    """A page of a section; its template fills the block `section`."""

    tab: ClassVar[str] = "administration"
    section: ClassVar[str]

    @property
    def sections(self) -> tuple[Section, ...]:
        """All of them: they stand beside every page."""
        return SECTIONS


@dataclass(frozen=True, kw_only=True)
class QuestionPage(SectionPage):
    """Asks before something is done that cannot be undone, and says what it would mean.

    The texts are `admin.ask.<word>` and `admin.means.<word>`; a yes sends `fields` to `path`.
    """

    template: ClassVar[str] = "administration/question.html"
    heading: ClassVar[str] = "page.confirm"
    section: str  # type: ignore[misc]  # it is that of whoever asks
    word: str
    name: str
    path: str
    back: str
