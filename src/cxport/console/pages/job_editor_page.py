"""What the pages of the job editor show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cxport.console.job_choices import Choices
from cxport.console.job_errors import FormError
from cxport.console.job_form import WHENS, JobForm
from cxport.console.pages.job_estimate import ShownEstimate
from cxport.console.pages.job_upcoming import Preview
from cxport.console.rendering import Page
from cxport.console.schedule_words import relative_words
from cxport.console.wording import Wording
from cxport.domain.filter import Operator
from cxport.domain.job import MissedTicks
from cxport.domain.sealing import Profile
from cxport.domain.source import StoredSource
from cxport.domain.zone import zone_names


@dataclass(frozen=True, kw_only=True)
class JobEditorPage(Page):
    """The form, what it offers, and what is told about it; `path` is where it goes."""

    template: ClassVar[str] = "job_editor.html"
    tab: ClassVar[str] = "jobs"
    heading: ClassVar[str] = "editor.newJob"
    zones: ClassVar[tuple[str, ...]] = zone_names()
    whens: ClassVar[tuple[str, ...]] = WHENS
    missed: ClassVar[tuple[str, ...]] = tuple(MissedTicks)
    operators: ClassVar[tuple[str, ...]] = tuple(Operator)
    profiles: ClassVar[tuple[str, ...]] = tuple(Profile)
    path: str
    #: Where leaving without saving leads.
    back: str
    form: JobForm
    sources: tuple[StoredSource, ...]
    #: None before a source is chosen.
    choices: Choices | None
    error: FormError | None = None
    preview: Preview
    #: None as long as nobody has asked.
    estimate: ShownEstimate | None = None

    def labelled(
        self, wording: Wording, group: str, words: tuple[str, ...]
    ) -> list[tuple[str, str]]:
        """Give words to choose from with their labels."""
        return [(word, wording.text(f"{group}.{word}")) for word in words]

    def unlabelled(self, words: tuple[str, ...]) -> list[tuple[str, str]]:
        """Give words to choose from that have no labels: a source's own."""
        return [(word, word) for word in words]

    def types(self, wording: Wording) -> list[tuple[str, str]]:
        """Give the types to choose from; table sets have names of their own."""
        if self.choices is None:
            return []
        if self.choices.records:
            return self.labelled(wording, "dataType", self.choices.types)
        return self.unlabelled(self.choices.types)

    def relative(self, wording: Wording, text: str) -> str:
        """Say what a relative period means."""
        return relative_words(text, wording)


class CloneJobPage(JobEditorPage):
    """The same for a job like another one."""

    heading: ClassVar[str] = "editor.cloneJob"


class EditJobPage(JobEditorPage):
    """The same for a change."""

    heading: ClassVar[str] = "editor.editJob"
