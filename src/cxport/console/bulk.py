"""An act on several things at once: each is tried, and those that refuse are told by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from cxport.console.notices import Kind, Notice
from cxport.console.wording import Wording
from cxport.domain.errors import CxportError

#: What names a thing: a number, or a file's name.
Key = TypeVar("Key", int, str)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What could not be done to one thing, and why."""

    name: str
    error: CxportError


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How it went: how many it was done to, and the others."""

    done: int
    refused: tuple[Refusal, ...]

    def notice(self, wording: Wording, act: str) -> Notice:
        """Say it; `act` is the label of what was done, as `done.suspend`."""
        lines = tuple(f"{one.name}: {wording.refusal(one.error)}" for one in self.refused)
        said = wording.text(act, count=self.done)
        if not lines:
            return Notice(kind=Kind.SUCCESS, text=said)
        failed = wording.text("done.refused", count=len(lines))
        text = f"{said} {failed}" if self.done else failed
        return Notice(kind=Kind.WARNING, text=text, lines=lines)


def each(
    ids: Iterable[Key], name_of: Callable[[Key], str], act: Callable[[Key], object]
) -> Outcome:
    """Do it to each, once."""
    done, refused = 0, list[Refusal]()
    for one in dict.fromkeys(ids):
        name = f"#{one}" if isinstance(one, int) else one
        try:
            name = name_of(one)
            act(one)
            done += 1
        except CxportError as error:
            refused.append(Refusal(name=name, error=error))
    return Outcome(done=done, refused=tuple(refused))
