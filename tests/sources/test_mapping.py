"""Mapping files: what is read, and how mistakes are told."""

from __future__ import annotations

from importlib import resources

import pytest

from cxport.domain.catalogue import ENTITY_CODES, MEDIA_TYPES, Entity, entity_fields
from cxport.domain.errors import InvalidInput
from cxport.sources.mapping import Column, read_mapping

DEFAULT = resources.files("cxport.sources").joinpath("mappings/ucs85.toml").read_text()


def test_the_default_names_every_field() -> None:
    """The mapping that comes with us covers the whole catalogue, by the known codes and media."""
    found = read_mapping()

    assert found.media == MEDIA_TYPES
    assert {entity: one.code for entity, one in found.entities.items()} == ENTITY_CODES
    assert found.interaction is not None
    assert found.contact is not None
    for entity, one in found.entities.items():
        own = one.own.columns if one.own else {}
        wanted = {field.name for field in entity_fields(entity)} - {"id"}
        assert {*found.interaction.columns, *own} == wanted
    contact = {field.name for field in entity_fields(Entity.CONTACT)} - {"attributes"}
    assert set(found.contact.columns) == contact
    assert found.attributes is not None
    assert found.attributes.columns["modifiedDate"] == Column(name="ModifiedDate", optional=True)
    assert found.attachments is not None
    assert found.attachments.document is not None


def _line(text: str) -> int:
    return next(n for n, line in enumerate(DEFAULT.splitlines(), 1) if line.startswith(text))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'queueName = "QueueName"',
            'queuename = "QueueName"',
            r"\[interaction.columns\] queuename",
        ),
        ('queueName = "QueueName"', "queueName = 7", "the name of a column is needed"),
        (
            'queueName = "QueueName"',
            'queueName = { column = "Q", encoding = "days" }',
            "seconds or",
        ),
        ('queueName = "QueueName"', "queueName = { optional = true }", "column: a name is needed"),
        ("[entities.Chat]\n", "[entities.Chats]\n", r"\[entities\] Chats: not known"),
        ("code = 2\n", 'code = "2"\n', r"\[entities.Chat\] code: a whole number"),
        ('window = "StartDate"', "", r"\[interaction\] window: a name is needed"),
        ('table = "Chat"', 'table = ""', r"\[entities.Chat\] table: a name is needed"),
        ('link = "DocumentId"', 'lnk = "DocumentId"', "lnk: not known here"),
        ("schema = ", "scheme = ", "scheme: not known here"),
        ("media = [\n", "media = [ 1,\n", "a list of media type ids"),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, message: str) -> None:
    """What is wrong, where, and what would be right."""
    assert old in DEFAULT
    with pytest.raises(InvalidInput, match=message) as caught:
        read_mapping(DEFAULT.replace(old, new, 1))

    assert caught.value.field == "mapping"


def test_the_line_of_a_mistake_is_told() -> None:
    """The line is that of the file, also where the same key stands in another section."""
    place = _line("queueName")
    with pytest.raises(InvalidInput, match=f"line {place}: "):
        read_mapping(DEFAULT.replace("queueName =", "queuename =", 1))
    with pytest.raises(InvalidInput, match="line 2, "):
        read_mapping("\n[interaction\ntable = 1")


def test_an_empty_mapping_of_ours_is_none() -> None:
    """A file without interactions and contacts maps nothing, and is refused."""
    with pytest.raises(InvalidInput, match="neither"):
        read_mapping('name = "x"')
