"""What the job editor offers to choose from: it follows from the source and the type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cxport.console.job_form import PERIODS, JobForm
from cxport.console.job_words import kinds_of
from cxport.domain.catalogue import ENTITIES, DataType, Entity, Family
from cxport.domain.source import StoredSource
from cxport.services.sources import data_types

#: Tables have no date that every row bears.
_TABLE_PERIODS = ("all", "incremental")


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What is offered; what the form holds beyond it is offered too, so that it can be undone."""

    family: Family
    types: tuple[str, ...]
    entities: tuple[str, ...]
    media: tuple[str, ...]
    #: Attributes to filter on, by the kind of what they hold.
    attributes: Mapping[str, tuple[str, ...]]
    periods: tuple[str, ...]

    @property
    def records(self) -> bool:
        """Whether it is about contact history, not tables."""
        return self.family is Family.UCS


def choices_of(source: StoredSource, form: JobForm) -> Choices:
    """Tell what a source offers for the type that the form names."""
    records = source.family is Family.UCS
    entities, media = _held(source, form.data_type)
    types = set(DataType) if records else {form.data_type}
    return Choices(
        family=source.family,
        types=_with(data_types(source), {form.data_type} & types - {""}),
        entities=_with(entities, _known(form.entities)) if entities else (),
        media=_with(media, form.media) if media else (),
        attributes=_by_kind(form.data_type) if records else {},
        periods=PERIODS if records else _TABLE_PERIODS,
    )


def _held(source: StoredSource, data_type: str) -> tuple[Sequence[str], Sequence[str]]:
    """Give the entities and media to choose from: only interactions have several."""
    if source.family is not Family.UCS or data_type != DataType.INTERACTION:
        return (), ()
    entities = [one for one in ENTITIES[DataType.INTERACTION] if one in source.entities]
    return entities, source.media


def _known(entities: Iterable[str]) -> list[str]:
    return [one for one in entities if one in set(Entity)]


def _with(offered: Iterable[str], chosen: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*offered, *chosen)))


def _by_kind(data_type: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, kind in kinds_of(data_type).items():
        found.setdefault(kind.value, []).append(name)
    return {kind: tuple(sorted(names, key=str.casefold)) for kind, names in found.items()}


def settled(form: JobForm, source: StoredSource) -> JobForm:
    """Fit a form to a source that was chosen: its first type, and no choice that it lacks."""
    types = data_types(source)
    data_type = form.data_type if form.data_type in types else next(iter(types), "")
    entities, media = _held(source, data_type)
    periods = PERIODS if source.family is Family.UCS else _TABLE_PERIODS
    return replace(
        form,
        data_type=data_type,
        entities=tuple(one for one in form.entities if one in entities),
        media=tuple(one for one in form.media if one in media),
        period=form.period if form.period in periods else periods[0],
    )
