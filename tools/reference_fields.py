"""The keys of exported lines for the reference, from the catalogue and the schemas."""

from __future__ import annotations

from typing import Any, cast

from cxport.domain.catalogue import (
    CONTACT_FIELDS,
    ENTITY_FIELDS,
    INTERACTION_FIELDS,
    OPTIONAL_INTERACTION_FIELDS,
    Entity,
    Field,
    entity_fields,
)
from cxport.formats.schema import attachment_schema, entity_schema
from tools.table import table

#: A property of a JSON Schema by its name.
Properties = dict[str, dict[str, Any]]


def fields() -> str:
    """List the keys of every kind of line."""
    email = _properties(entity_schema(Entity.EMAIL_IN, entity_fields(Entity.EMAIL_IN)))
    contact = _properties(entity_schema(Entity.CONTACT, CONTACT_FIELDS))
    attribute = cast("Properties", contact["attributes"]["items"]["properties"])
    sections = {
        "Every interaction": _listed(email, INTERACTION_FIELDS),
        "Every interaction, where the source has them": _listed(email, OPTIONAL_INTERACTION_FIELDS),
        **{
            f"{entity}, besides": _listed(
                _properties(entity_schema(entity, entity_fields(entity))), own
            )
            for entity, own in ENTITY_FIELDS.items()
            if own
        },
        "Attachment": _all(_properties(attachment_schema())),
        "Contact": _all(contact),
        "One of a contact's `attributes`": _all(attribute),
    }
    return "\n".join(f"### {title}\n\n{keys}" for title, keys in sections.items())


def _properties(schema: dict[str, object]) -> Properties:
    return cast("Properties", schema["properties"])


def _listed(known: Properties, wanted: tuple[Field, ...]) -> str:
    return _all({field.name: known[field.name] for field in wanted})


def _all(known: Properties) -> str:
    rows = [
        (f"`{name}`", _type(schema), str(schema.get("description", "")))
        for name, schema in known.items()
    ]
    return table(("Key", "Type", "Meaning"), rows)


def _type(schema: dict[str, Any]) -> str:
    if schema.get("format") == "date-time":
        return "time"
    if schema.get("contentEncoding") == "base64":
        return "base64"
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return " or ".join(word for word in types if word != "null")
