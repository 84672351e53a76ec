"""Every line of a whole export of the sample contact centre, read back."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from cxport.domain.catalogue import ENTITIES, DataType, Entity
from cxport.domain.selection import Content, Selection, Slice
from cxport.formats.attachments import AttachmentEncoder
from cxport.formats.jsonl import LineEncoder
from cxport.formats.schema import attachment_schema, entity_schema
from cxport.sources import connect
from cxport.sources.base import Reader, SourceSettings
from cxport.sources.sample import SampleCounts, write_sample


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reader, SampleCounts]]:
    """Give a reader of a sample."""
    path: Path = tmp_path_factory.mktemp("lines") / "sample.db"
    counts = write_sample(f"sqlite:///{path}", interactions=900)
    with connect(SourceSettings(dsn=f"sqlite:///{path}")).open() as reader:
        yield reader, counts


@pytest.mark.parametrize("entity", list(Entity))
def test_every_record_is_a_valid_line(sample: tuple[Reader, SampleCounts], entity: Entity) -> None:
    """No row is refused, and each line is valid by the schema that lies beside it."""
    reader, counts = sample
    data_type = next(kind for kind, entities in ENTITIES.items() if entity in entities)
    selection = Selection(data_type=data_type, entities=(entity,))
    stream = reader.read(selection, Slice(entity=entity))
    encoder = LineEncoder(stream.fields)
    schema = Draft7Validator(entity_schema(entity, stream.fields))

    lines = 0
    for rows in stream:
        encoded = encoder.encode(rows)
        assert encoded.refused == ()
        for line in encoded.data.splitlines():
            schema.validate(json.loads(line))
            lines += 1

    assert lines == counts.rows[entity]


def test_every_attachment_is_a_valid_line(sample: tuple[Reader, SampleCounts]) -> None:
    """Each content comes back whole by its own digest and is as long as declared."""
    reader, counts = sample
    entities = ENTITIES[DataType.INTERACTION]
    selection = Selection(data_type=DataType.INTERACTION, entities=entities, attachments=True)
    schema, encoder = Draft7Validator(attachment_schema()), AttachmentEncoder()

    lines = 0
    for entity in entities:
        piece = Slice(entity=entity, content=Content.ATTACHMENTS)
        for attachment in reader.attachments(selection, piece):
            line = encoder.encode(attachment.values, attachment.content)
            found = json.loads(b"".join(part.text for part in line))
            schema.validate(found)
            assert not line.differs
            if found["content"] is not None:
                content = base64.b64decode(found["content"], validate=True)
                assert found["sha256"] == hashlib.sha256(content).hexdigest()
                assert found["size"] == len(content)
            lines += 1

    assert lines == counts.attachments
