"""What can be done to what is ticked, one or many; some of it only after a page has asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic

from fastapi import Form, Response

from cxport.console.bulk import Key, each
from cxport.console.confirm import ConfirmPage
from cxport.console.notices import Kind, Notice
from cxport.console.rendering import own_path, redirect, render
from cxport.console.settings import PREFIX
from cxport.console.visit import MemberVisit
from cxport.domain.access import Action
from cxport.domain.errors import CxportError, NotFound


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a form of acts says besides what is ticked."""

    back: str
    confirmed: bool
    reason: str


def answers(
    back: Annotated[str, Form()] = f"{PREFIX}/",
    reason: Annotated[str, Form()] = "",
    *,
    confirmed: Annotated[bool, Form()] = False,
) -> Answers:
    """Read them."""
    return Answers(back=own_path(back), confirmed=confirmed, reason=reason)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A button above a list, and whom it is open to."""

    icon: str
    needs: Action


@dataclass(frozen=True, kw_only=True)
class Act(Offer, Generic[Key]):
    """What it does to one thing, and whether it asks first."""

    #: With the reason that was given, where it is `reasoned`.
    do: Callable[[MemberVisit, Key, str], object]
    asks: bool = False
    #: Whether the page that asks wants to know why.
    reasoned: bool = False


@dataclass(frozen=True, kw_only=True)
class Subject(Generic[Key]):
    """What is acted on: `name` is in the labels; acts by their words, in the buttons' order.

    Forms go to `<path>/<word>`.
    """

    name: str
    path: str
    acts: Mapping[str, Act[Key]]
    #: Names one thing; raises NotFound for one that is not there, or is not for these eyes.
    name_of: Callable[[MemberVisit, Key], str]

    def open_to(self, visit: MemberVisit) -> dict[str, Act[Key]]:
        """Give the acts that somebody's roles allow."""
        return {word: act for word, act in self.acts.items() if visit.may(act.needs)}

    def perform(
        self, visit: MemberVisit, word: str, ids: Sequence[Key], answers: Answers
    ) -> Response:
        """Ask first, or do it and say how it went; NotFound for no such act."""
        act = self.acts.get(word)
        if act is None:
            raise NotFound
        if not ids:
            return redirect(visit, answers.back, nothing_selected(visit))
        if act.asks and (not answers.confirmed or (act.reasoned and not answers.reason.strip())):
            return self.ask(visit, word, ids, answers)
        outcome = each(
            ids,
            lambda one: self.name_of(visit, one),
            lambda one: act.do(visit, one, answers.reason),
        )
        return redirect(visit, answers.back, outcome.notice(visit.wording, f"done.{word}"))

    def ask(self, visit: MemberVisit, word: str, ids: Sequence[Key], answers: Answers) -> Response:
        """Show the page that asks whether to do it."""
        items = tuple((one, self._named(visit, one)) for one in dict.fromkeys(ids))
        page = ConfirmPage(
            subject=self.name,
            word=word,
            path=f"{self.path}/{word}",
            items=items,
            back=answers.back,
            reasoned=self.acts[word].reasoned,
            missing=answers.confirmed,
        )
        return render(visit, page)

    def _named(self, visit: MemberVisit, one: Key) -> str:
        try:
            return self.name_of(visit, one)
        except CxportError as error:
            return visit.wording.refusal(error)


def nothing_selected(visit: MemberVisit) -> Notice:
    """Say that nothing was ticked."""
    return Notice(kind=Kind.WARNING, text=visit.wording.text("message.nothingSelected"))
