"""`/data`: what there is to choose from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from cxport.api import catalogue
from cxport.api.auth import SignedIn, Use
from cxport.api.bulk import words
from cxport.api.errors import documented
from cxport.api.shapes import DataType, KeyValueItem, SubType
from cxport.api.v10.shapes import FilterAttribute, filter_attribute
from cxport.domain.filter import attributes

router = APIRouter(prefix="/data", tags=["catalogue"])


@router.get("/attributes", responses=documented(400))
def list_attributes(
    caller: SignedIn, services: Use, entities: str | None = None
) -> dict[str, list[FilterAttribute]]:
    """List what a job can be filtered on, by entity: those named (comma-separated), or all."""
    found = services.sources.entities(caller, words(entities or ""))
    return {one.value: [filter_attribute(each) for each in attributes(one)] for one in found}


@router.get("/job-statuses", responses=documented())
def list_job_statuses(caller: SignedIn, services: Use) -> list[KeyValueItem]:
    """List the statuses of jobs and history records."""
    return catalogue.statuses(caller, services)


@router.get("/sources", response_model=list[KeyValueItem], responses=documented(204))
def list_sources(caller: SignedIn, services: Use) -> list[KeyValueItem] | Response:
    """List the sources; 204 where there is none."""
    return catalogue.sources(caller, services)


@router.get("/types", response_model=list[DataType], responses=documented(204))
def list_types(
    caller: SignedIn, services: Use, source: str | None = None
) -> list[DataType] | Response:
    """List the types that a source holds, or all sources; 204 where there is none."""
    return catalogue.types(caller, services, source or "")


@router.get("/sub-types", response_model=list[SubType], responses=documented(204, 400))
def list_sub_types(
    caller: SignedIn,
    services: Use,
    data_type: Annotated[str | None, Query(alias="dataType")] = None,
    source: str | None = None,
) -> list[SubType] | Response:
    """List the entity types of interactions; a contact has none."""
    return catalogue.entity_types(caller, services, source or "", data_type or "")
