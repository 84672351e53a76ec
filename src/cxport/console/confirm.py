"""The page that asks before something is done that cannot be undone; it needs no script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cxport.console.rendering import Page


@dataclass(frozen=True, kw_only=True)
class ConfirmPage(Page):
    """Asks `confirm.<word>`; its form goes to `path`, with the ids."""

    template: ClassVar[str] = "confirm.html"
    heading: ClassVar[str] = "page.confirm"
    #: The tab that it belongs to.
    subject: str
    word: str
    path: str
    #: Id and name of each thing.
    items: tuple[tuple[int | str, str], ...]
    #: Where a no leads, and what comes after a yes.
    back: str
    #: Whether it wants to know why, and was not told.
    reasoned: bool = False
    missing: bool = False
