"""Reads a mapping file: which tables and columns hold what an export carries."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, NoReturn

from cxport.domain.catalogue import (
    ATTACHMENT_FIELDS,
    CONTACT_ATTRIBUTE_FIELDS,
    MEDIA_TYPES,
    Entity,
    Field,
    entity_fields,
)
from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said

#: Columns a mapping may name besides those of the catalogue.
CONTENT = "content"
DATE_VALUE = "date"

_KNOWN = {
    *("name", "schema", "settle_seconds", "media"),
    *("interaction", "entities", "attachments", "contact"),
}

_SETTLE_SECONDS = 300
_MOST_SETTLE_SECONDS = 7 * 24 * 3600

_ENCODINGS = ("", "seconds", "milliseconds")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column as the mapping names it."""

    name: str
    #: How a time that is kept as a number counts since 1970: seconds (also ""), milliseconds.
    encoding: str = ""
    #: Whether the database may lack it.
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class TableMap:
    """A table, its key, and the column of each field that it holds."""

    table: str
    key: str
    columns: dict[str, Column] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class BaseMap(TableMap):
    """The table whose rows a selection picks: Interaction or Contact."""

    window: str
    modified: str
    #: The columns that tell the entity and the media of a row; empty for contacts.
    entity: str = ""
    media: str = ""


@dataclass(frozen=True, kw_only=True)
class EntityMap:
    """One entity of the interactions: its code and, where it has one, its own table."""

    code: int
    own: TableMap | None = None


@dataclass(frozen=True, kw_only=True)
class AttachmentMap(TableMap):
    """The attachments of interactions, and the table that holds their content, if apart."""

    interaction: str
    document: TableMap | None = None
    #: The column of `table` that holds the document's key.
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class AttributeMap(TableMap):
    """The values of a contact's attributes; `contact` is the column of its contact's key."""

    contact: str


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A whole mapping; what is None is not in the source."""

    name: str
    schema: str
    #: How long after the moment of a change it may become visible at the latest.
    settle_seconds: int
    media: tuple[str, ...]
    interaction: BaseMap | None
    entities: dict[Entity, EntityMap]
    attachments: AttachmentMap | None
    contact: BaseMap | None
    attributes: AttributeMap | None


def read_mapping(text: str = "") -> Mapping:
    """Read the text of a mapping file; an empty one means UCS 8.5.

    Raises InvalidInput (`mapping`) naming the line, or the section and key, that is wrong.
    """
    text = text or resources.files("cxport.sources").joinpath("mappings/ucs85.toml").read_text()
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            "mapping", Said("the mapping is not TOML: {error}", error=str(error))
        ) from None
    return _Reader(text).mapping(found)


class _Reader:
    """Turns the tables of a TOML document into a mapping."""

    def __init__(self, text: str) -> None:
        self._text = text

    def mapping(self, found: dict[str, Any]) -> Mapping:
        self._known(found, _KNOWN, "")
        entities = self._entities(self._section(found, "entities", ""))
        interaction = self._base(found, "interaction", self._interaction_fields())
        contact = self._base(found, "contact", self._names(entity_fields(Entity.CONTACT)))
        if interaction is None and contact is None:
            self._refuse("", "", Said("it has neither [interaction] nor [contact]"))
        return Mapping(
            name=self._text_of(found, "name", "", default="UCS"),
            schema=self._text_of(found, "schema", "", default=""),
            settle_seconds=self._settle_seconds(found),
            media=self._media(found),
            interaction=interaction,
            entities=entities if interaction else {},
            attachments=self._attachments(found) if interaction else None,
            contact=contact,
            attributes=self._attributes(found) if contact else None,
        )

    def _media(self, found: dict[str, Any]) -> tuple[str, ...]:
        media = found.get("media", list(MEDIA_TYPES))
        if not isinstance(media, list) or not all(isinstance(name, str) for name in media):
            self._refuse("", "media", Said("a list of media type ids is needed"))
        return tuple(media)

    def _settle_seconds(self, found: dict[str, Any]) -> int:
        value = found.get("settle_seconds", _SETTLE_SECONDS)
        if type(value) is not int or not 0 <= value <= _MOST_SETTLE_SECONDS:
            self._refuse(
                "",
                "settle_seconds",
                Said(
                    "a whole number from 0 to {most_settle_seconds} is needed",
                    most_settle_seconds=_MOST_SETTLE_SECONDS,
                ),
            )
        return value

    @staticmethod
    def _names(fields: tuple[Field, ...]) -> set[str]:
        return {one.name for one in fields}

    def _interaction_fields(self) -> set[str]:
        return self._names(entity_fields(Entity.CO_BROWSE)) - {"id"}

    def _base(self, found: dict[str, Any], name: str, fields: set[str]) -> BaseMap | None:
        if name not in found:
            return None
        section = self._section(found, name, "")
        kinds = ("entity", "media") if name == "interaction" else ()
        nested = () if name == "interaction" else ("attributes",)
        words = ("table", "key", "window", "modified", *kinds)
        self._known(section, {*words, "columns", *nested}, name)
        given = {word: self._text_of(section, word, name) for word in words}
        return BaseMap(columns=self._columns(section, name, fields), **given)

    def _entities(self, section: dict[str, Any]) -> dict[Entity, EntityMap]:
        codes = [entity.value for entity in Entity if entity is not Entity.CONTACT]
        self._known(section, set(codes), "entities")
        return {
            entity: self._entity(entity, self._section(section, entity.value, "entities"))
            for entity in Entity
            if entity.value in section
        }

    def _entity(self, entity: Entity, section: dict[str, Any]) -> EntityMap:
        name = f"entities.{entity.value}"
        self._known(section, {"code", "table", "key", "columns"}, name)
        code = section.get("code")
        if not isinstance(code, int):
            self._refuse(name, "code", Said("a whole number is needed"))
        fields = self._names(entity_fields(entity)) - {"id"}
        own = self._table(section, name, fields) if "table" in section else None
        return EntityMap(code=code, own=own)

    def _table(self, section: dict[str, Any], name: str, fields: set[str]) -> TableMap:
        return TableMap(
            table=self._text_of(section, "table", name),
            key=self._text_of(section, "key", name),
            columns=self._columns(section, name, fields),
        )

    def _attachments(self, found: dict[str, Any]) -> AttachmentMap | None:
        if "attachments" not in found:
            return None
        section, name = self._section(found, "attachments", ""), "attachments"
        self._known(section, {"table", "key", "interaction", "columns", "document"}, name)
        fields = self._names(ATTACHMENT_FIELDS) | {CONTENT}
        document, link = self._document(section, fields)
        return AttachmentMap(
            **vars(self._table(section, name, fields)),
            interaction=self._text_of(section, "interaction", name),
            document=document,
            link=link,
        )

    def _document(self, section: dict[str, Any], fields: set[str]) -> tuple[TableMap | None, str]:
        if "document" not in section:
            return None, ""
        name = "attachments.document"
        inner = self._section(section, "document", "attachments")
        self._known(inner, {"table", "key", "link", "columns"}, name)
        return self._table(inner, name, fields), self._text_of(inner, "link", name)

    def _attributes(self, found: dict[str, Any]) -> AttributeMap | None:
        contact = self._section(found, "contact", "")
        if "attributes" not in contact:
            return None
        section, name = self._section(contact, "attributes", "contact"), "contact.attributes"
        self._known(section, {"table", "key", "contact", "columns"}, name)
        fields = self._names(CONTACT_ATTRIBUTE_FIELDS) | {DATE_VALUE}
        table = self._table(section, name, fields)
        return AttributeMap(**vars(table), contact=self._text_of(section, "contact", name))

    def _columns(self, section: dict[str, Any], name: str, fields: set[str]) -> dict[str, Column]:
        name = f"{name}.columns"
        columns = self._section(section, "columns", name)
        self._known(columns, fields, name)
        return {key: self._column(columns, key, name) for key in columns}

    def _column(self, columns: dict[str, Any], key: str, section: str) -> Column:
        given = columns[key]
        if isinstance(given, str) and given:
            return Column(name=given)
        if not isinstance(given, dict):
            self._refuse(section, key, Said("the name of a column is needed"))
        where = f"{section}.{key}"
        self._known(given, {"column", "encoding", "optional"}, where)
        encoding = self._text_of(given, "encoding", where, default="")
        if encoding not in _ENCODINGS or not isinstance(given.get("optional", False), bool):
            self._refuse(
                section, key, Said("encoding is seconds or milliseconds, optional is true")
            )
        name = self._text_of(given, "column", where)
        return Column(name=name, encoding=encoding, optional=given.get("optional", False))

    def _section(self, found: dict[str, Any], key: str, section: str) -> dict[str, Any]:
        inner = found.get(key, {})
        if not isinstance(inner, dict):
            self._refuse(section, key, Said("a section [{key}] is needed", key=key))
        return inner

    def _text_of(
        self, found: dict[str, Any], key: str, section: str, *, default: str | None = None
    ) -> str:
        value = found.get(key, default)
        if not isinstance(value, str) or (not value and default is None):
            self._refuse(section, key, Said("a name is needed"))
        return value

    def _known(self, found: dict[str, Any], known: set[str], section: str) -> None:
        for key in found:
            if key not in known:
                allowed = ", ".join(sorted(known))
                self._refuse(
                    section, key, Said("not known here; known are {allowed}", allowed=allowed)
                )

    def _refuse(self, section: str, key: str, problem: Said) -> NoReturn:
        place = f"[{section}] {key}".removeprefix("[] ").strip() or "the file"
        line = self._line(section, key)
        at = f"line {line}: " if line else ""
        raise InvalidInput(
            "mapping", Said("mapping, {at}{place}: {problem}", at=at, place=place, problem=problem)
        )

    def _line(self, section: str, key: str) -> int:
        """Find the line of a key below its section's header; 0 where it is not written so."""
        header = ""
        for number, line in enumerate(self._text.splitlines(), 1):
            if match := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
                header = match[1]
                if header == f"{section}.{key}".lstrip("."):
                    return number
            elif header == section and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
                return number
        return 0
