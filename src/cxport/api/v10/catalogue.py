"""`/data`: what there is to choose from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.v10.shapes import DataType, KeyValueItem, SubType, sub_type
from cxport.domain.catalogue import DataType as Type
from cxport.domain.errors import InvalidInput
from cxport.services.sources import data_types, sub_types

router = APIRouter(prefix="/data", tags=["catalogue"])


@router.get("/job-statuses", responses=documented())
def list_job_statuses(caller: SignedIn, services: Use) -> list[KeyValueItem]:
    """List the statuses of jobs and history records."""
    found = services.sources.statuses(caller)
    return [KeyValueItem(label=status.label, value=status) for status in found]


@router.get("/sources", response_model=list[KeyValueItem], responses=documented(204))
def list_sources(caller: SignedIn, services: Use) -> list[KeyValueItem] | Response:
    """List the sources; 204 where there is none."""
    found = services.sources.list(caller)
    return [KeyValueItem(label=one.name, value=one.name) for one in found] or _nothing()


@router.get("/types", response_model=list[DataType], responses=documented(204))
def list_types(
    caller: SignedIn, services: Use, source: str | None = None
) -> list[DataType] | Response:
    """List the types that a source holds, or all sources; 204 where there is none."""
    found = services.sources.named(caller, source or "")
    return [
        DataType(name=data_type, source=one.name) for one in found for data_type in data_types(one)
    ] or _nothing()


@router.get("/sub-types", response_model=list[SubType], responses=documented(204, 400))
def list_sub_types(
    caller: SignedIn,
    services: Use,
    data_type: Annotated[str | None, Query(alias="dataType")] = None,
    source: str | None = None,
) -> list[SubType] | Response:
    """List the entity types of interactions; a contact has none."""
    wanted = (data_type or Type.INTERACTION).casefold()
    if wanted not in {word.casefold() for word in Type}:
        raise InvalidInput("dataType", "dataType: unknown", ", ".join(Type))
    if wanted != Type.INTERACTION.casefold():
        return _nothing()
    return [
        sub_type(one.name, entity, enabled=held)
        for one in services.sources.named(caller, source or "")
        for entity, held in sub_types(one)
    ] or _nothing()


def _nothing() -> Response:
    return Response(status_code=204)
