"""`/sources`: the tenant's sources, for its administrator."""

from __future__ import annotations

from fastapi import APIRouter

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.extension.accounts import Body
from cxport.api.instants import iso
from cxport.api.json_body import StrictRoute
from cxport.api.shapes import Answer
from cxport.domain.catalogue import Family
from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said
from cxport.domain.source import StoredSource
from cxport.services.source_setup import SourceDraft

router = APIRouter(prefix="/sources", tags=["administration"], route_class=StrictRoute)


class NewSource(Body):
    """A source to be added; `kind` is one of the families, `mapping` the text of a mapping file."""

    name: str
    dsn: str
    kind: str = Family.UCS.value
    mapping: str = ""


class SourceInfo(Answer):
    """A source; how it is reached is not shown."""

    name: str
    kind: str
    entities: list[str]
    created_date: str
    checked_date: str


class SourceList(Answer):
    """Every source, by name."""

    items: list[SourceInfo]


class SampleInfo(Answer):
    """A record of an entity or table: each value by its kind and length, never itself."""

    name: str
    values: dict[str, str | None]


class SourceCheck(Answer):
    """What a check found; where something is missing, nothing was kept."""

    product: str
    entities: list[str]
    media: list[str]
    missing: list[str]
    warnings: list[str]
    samples: list[SampleInfo]


@router.get("", responses=documented())
def list_sources(caller: SignedIn, services: Use) -> SourceList:
    """List the sources."""
    return SourceList(items=[_source(one) for one in services.source_administration.list(caller)])


@router.post("", status_code=201, responses=documented(400))
def add_source(body: NewSource, caller: SignedIn, services: Use) -> SourceInfo:
    """Add a source that lies where the operator allows; check it before it is used."""
    if body.kind not in set(Family):
        raise InvalidInput.at("kind", Said("unknown"), ", ".join(Family))
    draft = SourceDraft(
        name=body.name, family=Family(body.kind), dsn=body.dsn, mapping=body.mapping
    )
    return _source(services.source_administration.add(caller, draft))


@router.post("/{name}/check", responses=documented(400, 404))
def check_source(name: str, caller: SignedIn, services: Use) -> SourceCheck:
    """Connect to a source and tell what it holds; values of the sample cannot be read."""
    report, samples = services.source_administration.check(caller, name)
    found = [one.entity.value for one in report.entities if one.present]
    return SourceCheck(
        product=report.product,
        entities=found or [one.name for one in report.table_sets],
        media=list(report.media),
        missing=list(report.missing),
        warnings=list(report.warnings),
        samples=[SampleInfo(name=one.name, values=one.values) for one in samples],
    )


@router.delete("/{name}", status_code=204, responses=documented(400, 404))
def remove_source(name: str, caller: SignedIn, services: Use) -> None:
    """Forget a source; what was exported from it stays."""
    services.source_administration.remove(caller, name)


def _source(source: StoredSource) -> SourceInfo:
    entities = [one.value for one in source.entities] or [one.name for one in source.table_sets]
    return SourceInfo(
        name=source.name,
        kind=source.family.value,
        entities=entities,
        created_date=iso(source.created_at),
        checked_date=iso(source.checked_at),
    )
