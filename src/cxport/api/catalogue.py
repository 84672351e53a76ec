"""What there is to choose from, as every version prints it; an empty list is a 204."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from fastapi import Response

from cxport.api.shapes import DataType, KeyValueItem, SubType, sub_type
from cxport.domain.catalogue import DataType as Type
from cxport.domain.catalogue import Family
from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said
from cxport.domain.tenant import Caller
from cxport.services import Services
from cxport.services.sources import data_types, sub_types

Item = TypeVar("Item")


def statuses(caller: Caller, services: Services) -> list[KeyValueItem]:
    """List the statuses of jobs and history records."""
    found = services.sources.statuses(caller)
    return [KeyValueItem(label=status.label, value=status) for status in found]


def sources(caller: Caller, services: Services) -> list[KeyValueItem] | Response:
    """List the sources."""
    found = services.sources.list(caller)
    return _or_nothing([KeyValueItem(label=one.name, value=one.name) for one in found])


def types(caller: Caller, services: Services, source: str) -> list[DataType] | Response:
    """List the types that a source holds, or all sources for an empty name."""
    return _or_nothing(
        [
            DataType(name=data_type, source=one.name)
            for one in services.sources.named(caller, source)
            for data_type in data_types(one)
        ]
    )


def entity_types(
    caller: Caller, services: Services, source: str, data_type: str
) -> list[SubType] | Response:
    """List the entity types of interactions; other types have none. InvalidInput for no type."""
    found = services.sources.named(caller, source)
    wanted = (data_type or Type.INTERACTION).casefold()
    known = [*Type, *(name for one in found for name in data_types(one))]
    if wanted not in {name.casefold() for name in known}:
        raise InvalidInput.at("dataType", Said("unknown"), ", ".join(dict.fromkeys(known)))
    if wanted != Type.INTERACTION.casefold():
        found = ()
    return _or_nothing(
        [
            sub_type(one.name, entity, enabled=held)
            for one in found
            if one.family is Family.UCS
            for entity, held in sub_types(one)
        ]
    )


def _or_nothing(items: Sequence[Item]) -> list[Item] | Response:
    return list(items) or Response(status_code=204)
