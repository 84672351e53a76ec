"""The JSON Schema (draft 7) of each kind of line, as it lies in every archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from cxport.domain.catalogue import (
    ATTACHMENT_FIELDS,
    CONTACT_ATTRIBUTE_FIELDS,
    Entity,
    Field,
    Kind,
)
from cxport.formats import descriptions

#: Grows whenever a line of the same source would read differently: a key more, a type changed.
SCHEMA_VERSION = "1"

#: A JSON Schema, or a piece of one.
Schema = dict[str, object]


def entity_schema(entity: str, fields: Sequence[Field]) -> Schema:
    """Describe the lines of an entity that are written with these fields, the first its key."""
    known = descriptions.CONTACT if entity == Entity.CONTACT else descriptions.INTERACTION
    return _document(f"{entity}", f"One {entity} record.", _properties(fields, known))


def attachment_schema() -> Schema:
    """Describe the lines of attachments, which are the same for every entity."""
    properties = _properties(ATTACHMENT_FIELDS, descriptions.ATTACHMENT)
    known = descriptions.ATTACHMENT
    properties["content"] = _described(_base64(), known["content"])
    properties["sha256"] = _described(
        {**_nullable("string"), "pattern": "^[0-9a-f]{64}$"}, known["sha256"]
    )
    return _document("Attachment", "One attachment of an interaction.", properties)


def schema_json(schema: Schema) -> bytes:
    """Write a schema as indented JSON with LF at its end."""
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


def _document(name: str, description: str, properties: dict[str, Schema]) -> Schema:
    """Describe a line; its first key, which names the record, is never null."""
    key = next(iter(properties))
    properties = {**properties, key: {**properties[key], "type": ["string", "integer"]}}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"urn:cxport:schema:{SCHEMA_VERSION}:{name}",
        "title": name,
        "description": description,
        **_object(properties),
    }


def _object(properties: dict[str, Schema]) -> Schema:
    """Describe an object that has all of these keys and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _properties(fields: Sequence[Field], known: Mapping[str, str]) -> dict[str, Schema]:
    """Describe each field, any of which may be null."""
    return {
        field.name: _described(_TYPES[field.kind](), known.get(field.name, "")) for field in fields
    }


def _described(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description} if description else schema


def _nullable(*types: str) -> Schema:
    return {"type": [*types, "null"]}


def _base64() -> Schema:
    return {**_nullable("string"), "contentEncoding": "base64"}


def _attributes() -> Schema:
    one = _properties(CONTACT_ATTRIBUTE_FIELDS, descriptions.CONTACT_ATTRIBUTE)
    return {**_nullable("array"), "items": _object(one)}


_TYPES: dict[Kind, Callable[[], Schema]] = {
    Kind.TEXT: lambda: _nullable("string"),
    Kind.INTEGER: lambda: _nullable("integer"),
    Kind.NUMBER: lambda: _nullable("number"),
    Kind.BOOLEAN: lambda: _nullable("boolean"),
    Kind.TIME: lambda: {**_nullable("string"), "format": "date-time"},
    Kind.BYTES: _base64,
    Kind.OBJECT: lambda: _nullable("object", "string"),
    Kind.LIST: _attributes,
}
