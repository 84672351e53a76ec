"""What version 10 prints that others do not."""

from __future__ import annotations

from pydantic import Field

from cxport.api.shapes import Answer, JobSummary, display_name, summary
from cxport.domain.catalogue import Field as Attribute
from cxport.domain.filter import OPERATORS
from cxport.domain.run import Run
from cxport.services.jobs import JobState


class JobInfo(JobSummary):
    """A job or a history record."""

    export_attachments: bool


class JobPage(Answer):
    """A page of jobs or history records; `size` is the limit that was applied."""

    count: int
    items: list[JobInfo]
    size: int
    offset: int = Field(validation_alias="offset", serialization_alias="from")


class FilterAttribute(Answer):
    """An attribute that a job can be filtered on, and how."""

    name: str
    display_name: str
    type: str
    operators: list[str]


class Labels(Answer):
    """The words that people read, in a language."""

    labels: dict[str, str]
    language: str


def job_info(found: JobState | Run) -> JobInfo:
    """Describe a job, with what its newest run has come to, or a run; the type is the family."""
    spec = found.spec if isinstance(found, Run) else found.job.spec
    values = summary(found, lambda one: one.family)
    return JobInfo(**values, export_attachments=spec.attachments)


def filter_attribute(field: Attribute) -> FilterAttribute:
    """Describe an attribute."""
    first, rest = field.name[:1].upper(), field.name[1:]
    return FilterAttribute(
        name=field.name,
        display_name=display_name(first + rest),
        type=field.kind,
        operators=list(OPERATORS[field.kind]),
    )
