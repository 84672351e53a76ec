"""The part of the client that says what there is to choose from, and what serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from cxport.client.service import Service, read_json
from cxport.client.shapes import Object


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What people read, and what a request names it by."""

    label: str
    value: str

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(label=read.text("label"), value=read.text("value"))


@dataclass(frozen=True, kw_only=True)
class SubTypeInfo:
    """An entity type; `enabled` says whether its source holds it."""

    name: str
    display_name: str
    source: str
    data_type: str
    enabled: bool

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            name=read.text("name"),
            display_name=read.text("displayName"),
            source=read.text("source"),
            data_type=read.text("dataType"),
            enabled=read.flag("enabled"),
        )


@dataclass(frozen=True, kw_only=True)
class AttributeInfo:
    """An attribute that a job can be filtered on, with the operators that it takes."""

    name: str
    display_name: str
    type: str
    operators: tuple[str, ...]

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            name=read.text("name"),
            display_name=read.text("displayName"),
            type=read.text("type"),
            operators=read.texts("operators"),
        )


@dataclass(frozen=True, kw_only=True)
class VersionInfo:
    """What serves."""

    name: str
    version: str
    build_number: str
    changeset: str

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            name=read.text("name"),
            version=read.text("version"),
            build_number=read.text("buildNumber"),
            changeset=read.text("changeset"),
        )


class Catalogue:
    """What a job can name. Every method raises ClientError."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def statuses(self) -> list[Choice]:
        """Give the states of jobs and runs."""
        return list(map(Choice.from_json, self._items("/data/job-statuses")))

    def sources(self) -> list[Choice]:
        """Give the sources."""
        return list(map(Choice.from_json, self._items("/data/sources")))

    def types(self, source: str = "") -> list[tuple[str, str]]:
        """Give source and type of all that a source holds, or all sources."""
        found = [Object(one, "DataType") for one in self._items("/data/types", source=source)]
        return [(one.text("source"), one.text("name")) for one in found]

    def sub_types(self, source: str = "", data_type: str = "") -> list[SubTypeInfo]:
        """Give the entity types of a source, or all sources."""
        found = self._items("/data/sub-types", source=source, dataType=data_type)
        return list(map(SubTypeInfo.from_json, found))

    def attributes(self, *entities: str) -> dict[str, list[AttributeInfo]]:
        """Give what jobs can be filtered on, by entity: those named, or all."""
        given = {"entities": ",".join(entities)} if entities else {}
        read = Object(self._service.ask("/data/attributes", given), "attributes")
        return {name: list(map(AttributeInfo.from_json, read.items(name))) for name in read.names()}

    def labels(self, language: str = "en") -> dict[str, str]:
        """Give the words that people read, in a language, else in English."""
        headers = {"Accept-Language": language}
        answer = self._service.request("GET", "/resources/labels", headers=headers)
        return Object(read_json(answer), "Labels").words("labels")

    def version(self) -> VersionInfo:
        """Tell what serves."""
        return VersionInfo.from_json(self._service.ask("/version"))

    def _items(self, path: str, **filters: str) -> Sequence[object]:
        """Give a list; one that is empty has no content."""
        given = {name: text for name, text in filters.items() if text}
        found = self._service.ask(path, given)
        return found if isinstance(found, list) else []
