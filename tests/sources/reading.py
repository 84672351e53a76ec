"""Short ways to read a source in a test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cxport.domain.catalogue import ENTITIES, DataType, Entity
from cxport.domain.selection import Content, Selection, Slice, Window
from cxport.sources import connect
from cxport.sources.base import Attachment, Reader, Source, SourceSettings

Record = dict[str, Any]


def source_of(dsn: str, mapping: str = "") -> Source:
    """Connect to a source."""
    return connect(SourceSettings(dsn=dsn, mapping=mapping))


def interactions(**more: Any) -> Selection:
    """Select all interactions."""
    return Selection(
        data_type=DataType.INTERACTION, entities=ENTITIES[DataType.INTERACTION], **more
    )


CONTACTS = Selection(data_type=DataType.CONTACT, entities=(Entity.CONTACT,))


def window(start: str | None, end: str | None) -> Window:
    """Make a window of ISO texts in UTC."""
    ends = [datetime.fromisoformat(x).replace(tzinfo=UTC) if x else None for x in (start, end)]
    return Window(start=ends[0], end=ends[1])


def records(reader: Reader, selection: Selection, piece: Slice) -> list[Record]:
    """Read the records of a slice as dictionaries."""
    stream = reader.read(selection, piece)
    names = [field.name for field in stream.fields]
    return [dict(zip(names, row, strict=True)) for batch in stream for row in batch]


def all_records(reader: Reader, selection: Selection) -> list[Record]:
    """Read the records of all entities."""
    pieces = [Slice(entity=entity) for entity in selection.entities]
    return [record for piece in pieces for record in records(reader, selection, piece)]


def all_keys(reader: Reader, selection: Selection) -> list[str]:
    """Read the keys of all records."""
    return [record["id"] for record in all_records(reader, selection)]


def attachment_slice(entity: Entity, **more: Any) -> Slice:
    """Make a slice of attachments."""
    return Slice(entity=entity, content=Content.ATTACHMENTS, **more)


def content_of(attachment: Attachment) -> bytes | None:
    """Read the content of an attachment."""
    return None if attachment.content is None else b"".join(attachment.content)
