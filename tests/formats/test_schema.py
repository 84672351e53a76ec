"""The schemas that lie beside the lines describe them."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft7Validator, ValidationError

from cxport.domain.catalogue import (
    ATTACHMENT_FIELDS,
    CONTACT_ATTRIBUTE_FIELDS,
    CONTACT_FIELDS,
    ENTITY_FIELDS,
    INTERACTION_FIELDS,
    OPTIONAL_INTERACTION_FIELDS,
    Entity,
    Kind,
    entity_fields,
)
from cxport.formats import descriptions
from cxport.formats.attachments import AttachmentEncoder
from cxport.formats.jsonl import LineEncoder
from cxport.formats.schema import (
    SCHEMA_VERSION,
    Schema,
    attachment_schema,
    entity_schema,
    schema_json,
)

VALUES: dict[Kind, object] = {
    Kind.TEXT: "text",
    Kind.INTEGER: 7,
    Kind.NUMBER: 1.5,
    Kind.BOOLEAN: True,
    Kind.TIME: "2024-02-29T23:59:59.123Z",
    Kind.BYTES: b"\xff",
    Kind.OBJECT: '{"a": {"b": [1]}}',
    Kind.LIST: [{field.name: None for field in CONTACT_ATTRIBUTE_FIELDS}],
}


def validate(schema: Schema, line: bytes) -> None:
    """Check a line by a schema as it is written."""
    written = json.loads(schema_json(schema))
    Draft7Validator.check_schema(written)
    Draft7Validator(written).validate(json.loads(line))


@pytest.mark.parametrize("entity", list(Entity))
def test_every_line_is_valid(entity: Entity) -> None:
    """A full line, one with nulls alone, and one with an undecodable object are all valid."""
    fields = entity_fields(entity)
    full = tuple(VALUES[field.kind] for field in fields)
    empty = ("key", *(None for _ in fields[1:]))
    bytes_for_object = tuple(
        b"\xff" if field.kind is Kind.OBJECT else value
        for field, value in zip(fields, full, strict=True)
    )

    lines = LineEncoder(fields).encode([full, empty, bytes_for_object]).data.splitlines()

    assert len(lines) == 3
    for line in lines:
        validate(entity_schema(entity, fields), line)


@pytest.mark.parametrize("entity", list(Entity))
def test_what_no_line_holds_is_invalid(entity: Entity) -> None:
    """A key too many, a key too few, a key that is null and a number as text are refused."""
    fields = entity_fields(entity)
    schema = entity_schema(entity, fields)
    line = json.loads(LineEncoder(fields).encode([tuple(VALUES[f.kind] for f in fields)]).data)
    wrong = (
        {**line, "further": None},
        {key: value for key, value in line.items() if key != fields[-1].name},
        {**line, fields[0].name: None},
        {**line, "tenantId": "7"},
    )
    for document in wrong:
        with pytest.raises(ValidationError):
            validate(schema, json.dumps(document).encode())


def test_the_schema_follows_the_fields_of_the_stream() -> None:
    """Keys that a source lacks are not in its schema, and the order is that of the lines."""
    fields = (*INTERACTION_FIELDS, *ENTITY_FIELDS[Entity.CHAT])
    schema = json.loads(schema_json(entity_schema(Entity.CHAT, fields)))

    assert list(schema["properties"]) == [field.name for field in fields]
    assert schema["required"] == list(schema["properties"])


def test_attachment_lines_are_valid() -> None:
    """An attachment with content, without it, and one whose size is counted are all valid."""
    values = tuple(VALUES[field.kind] for field in ATTACHMENT_FIELDS)
    unsized = ("id", *(None for _ in ATTACHMENT_FIELDS[1:]))
    encoder = AttachmentEncoder()
    for line in (
        encoder.encode(values, [b"content"]),
        encoder.encode(unsized, [b"content"]),
        encoder.encode(unsized, None),
    ):
        validate(attachment_schema(), b"".join(piece.text for piece in line))


def test_every_key_is_described() -> None:
    """Each key of the catalogue has a sentence that says what it means, and no sentence is idle."""
    interaction = {
        field.name
        for fields in (INTERACTION_FIELDS, OPTIONAL_INTERACTION_FIELDS, *ENTITY_FIELDS.values())
        for field in fields
    }

    assert set(descriptions.INTERACTION) == interaction
    assert set(descriptions.CONTACT) == {field.name for field in CONTACT_FIELDS}
    assert set(descriptions.CONTACT_ATTRIBUTE) == {f.name for f in CONTACT_ATTRIBUTE_FIELDS}
    assert set(descriptions.ATTACHMENT) == {f.name for f in ATTACHMENT_FIELDS} | {
        "content",
        "sha256",
    }


def test_the_schema_names_itself() -> None:
    """Draft 7, the entity and the version stand in it, and it ends like a text file."""
    written = schema_json(attachment_schema())
    schema = json.loads(written)

    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == f"urn:cxport:schema:{SCHEMA_VERSION}:Attachment"
    assert written.endswith(b"}\n")
