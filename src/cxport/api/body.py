"""What the job bodies of all versions share: exact types, and unknown fields to be named."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

#: Names of unknown fields that the answer repeats at most, and characters of each.
_NAMED, _NAME_LENGTH = 20, 60


class Part(BaseModel):
    """A part of a body: types are exact, unknown fields are kept to be named."""

    model_config = ConfigDict(strict=True, extra="allow", alias_generator=to_camel)


class TimeFrame(Part):
    """Which rows, by their time."""

    all: bool | None = None
    date_from: str | None = None
    date_to: str | None = None


class SchedulerParam(Part):
    """When to run."""

    immediately: bool | None = None
    cron: str | None = None
    runs: str | None = None
    start_date: str | None = None


def unknown_fields(places: Mapping[str, Part]) -> list[str]:
    """Name the fields that a body's parts do not know; they are ignored."""
    names = [f"{place}{name}" for place, part in places.items() for name in part.model_extra or {}]
    return [name[:_NAME_LENGTH] for name in names[:_NAMED]]
