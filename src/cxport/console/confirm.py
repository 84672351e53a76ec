"""The page that asks before something is done that cannot be undone; it needs no script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cxport.console.rendering import Page


@dataclass(frozen=True, kw_only=True)
class ConfirmPage(Page):
    """Asks `confirm.<word>`; its form goes to where it was asked, with the same ids."""

    template: ClassVar[str] = "confirm.html"
    heading: ClassVar[str] = "page.confirm"
    #: The tab that it belongs to.
    subject: str
    word: str
    #: Id and name of each thing.
    items: tuple[tuple[int, str], ...]
    #: Where a no leads, and what comes after a yes.
    back: str
