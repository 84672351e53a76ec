"""JSON Lines of rows: what goes in comes out, one row a line."""

from __future__ import annotations

import base64
import json
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxport.domain.catalogue import Field, Kind
from cxport.formats.jsonl import Encoded, LineEncoder, Refusal

FIELDS = (
    Field("id"),
    Field("text"),
    Field("class", Kind.INTEGER),
    Field("a key with ü", Kind.NUMBER),
    Field("flag", Kind.BOOLEAN),
    Field("raw", Kind.BYTES),
    Field("all", Kind.OBJECT),
    Field("list", Kind.LIST),
)

texts = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, json_values, max_size=4)
rows = st.tuples(
    texts,
    st.none() | texts,
    st.none() | st.integers(-(2**80), 2**80),
    st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.booleans(),
    st.none() | st.binary(),
    st.none() | objects,
    st.none() | st.lists(objects, max_size=3),
)


def one(kind: Kind, value: object) -> object:
    """Encode one value and read it back with another JSON reader than the encoder's own."""
    encoded = LineEncoder([Field("id"), Field("value", kind)]).encode([("k", value)])
    assert encoded.refused == ()
    assert encoded.data.endswith(b"\n")
    assert encoded.data.count(b"\n") == encoded.rows == 1
    return json.loads(encoded.data)["value"]


@given(st.lists(rows, max_size=5), st.sampled_from([None, 2]))
def test_what_is_encoded_decodes_to_the_same(
    given_rows: list[tuple[object, ...]], indent: int | None
) -> None:
    """Any text, number, bytes, object or null is read back as it was, one row a line."""
    batch = [
        (*row[:6], None if row[6] is None else json.dumps(row[6], indent=indent), row[7])
        for row in given_rows
    ]

    encoded = LineEncoder(FIELDS).encode(batch)

    lines = encoded.data.split(b"\n")
    assert lines.pop() == b""
    assert (encoded.rows, encoded.refused) == (len(given_rows), ())
    for line, row in zip(lines, given_rows, strict=True):
        found = json.loads(line)
        assert list(found) == [field.name for field in FIELDS]
        if found["raw"] is not None:
            found["raw"] = base64.b64decode(found["raw"], validate=True)
        assert tuple(found.values()) == row


@given(st.text(st.characters()))
def test_lone_surrogates_become_the_replacement_character(text: str) -> None:
    """A text that UTF-8 has no bytes for loses the lone surrogates, and nothing else."""
    found = one(Kind.TEXT, text)

    assert found == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_one_bad_text_changes_no_other_row() -> None:
    """A row that needs repair leaves its neighbours as they are, in their order."""
    batch = [("1", "a"), ("2", "b\ud800c"), ("3", [{"d\udfff": "\ud800"}])]

    encoded = LineEncoder([Field("id"), Field("text")]).encode(batch)

    assert encoded == Encoded(
        '{"id":"1","text":"a"}\n{"id":"2","text":"b\ufffdc"}\n'
        '{"id":"3","text":[{"d\ufffd":"\ufffd"}]}\n'.encode(),
        3,
    )


def test_a_row_that_json_cannot_hold_is_refused_alone() -> None:
    """Rows given = lines written + rows refused, and the reason names the field, not the value."""
    batch: list[tuple[object, ...]] = [("1", "a"), ("2", object()), (3, {1j: "secret"}), ("4", "b")]

    encoded = LineEncoder([Field("id"), Field("text")]).encode(batch)

    assert encoded == Encoded(
        b'{"id":"1","text":"a"}\n{"id":"4","text":"b"}\n',
        2,
        (
            Refusal("2", "text: a object that JSON cannot hold"),
            Refusal(3, "text: a dict that JSON cannot hold"),
        ),
    )


def test_numbers_without_a_word_in_json_become_null() -> None:
    """Not a number and the infinities become null, never invalid JSON."""
    for value in (math.nan, math.inf, -math.inf, *map(Decimal, ("NaN", "-Infinity", "sNaN"))):
        assert one(Kind.NUMBER, value) is None


def test_decimals_keep_every_digit() -> None:
    """A decimal is written as a number, digit by digit."""
    encoded = LineEncoder([Field("id"), Field("n", Kind.NUMBER)]).encode(
        [("1", Decimal("12345678901234567890.12345678901234567890")), ("2", Decimal("1E+3"))]
    )

    assert encoded.data == (
        b'{"id":"1","n":12345678901234567890.12345678901234567890}\n{"id":"2","n":1E+3}\n'
    )


def test_an_object_is_embedded_as_it_stands() -> None:
    """The text of an object is kept, duplicate keys and long numbers too; line breaks go."""
    text = '{"a": 1.000,\r\n "a": 123456789012345678901234567890, "b": "x\\ny"}\n'

    encoded = LineEncoder([Field("id"), Field("o", Kind.OBJECT)]).encode([("1", text)])

    assert encoded.data == (
        b'{"id":"1","o":{"a": 1.000,   "a": 123456789012345678901234567890, "b": "x\\ny"}}\n'
    )


def test_what_is_no_object_becomes_base64_of_its_bytes() -> None:
    """Text that is no JSON object, or bytes, is kept as base64: nothing is lost or invalid."""
    deep = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
    for value in ("", "[1]", "null", '{"a":NaN}', '{"a":1}}', '{"a":"\n"}', "{'a':1}", deep):
        found = one(Kind.OBJECT, value)

        assert isinstance(found, str)
        assert base64.b64decode(found, validate=True) == value.encode()
    assert one(Kind.OBJECT, b"\xff\x00") == "/wA="
    assert one(Kind.OBJECT, '{"a":"\ud800"}') == base64.b64encode(b'{"a":"\xed\xa0\x80"}').decode()


def test_long_values_stay_on_one_line() -> None:
    """A text of 5 MB with line breaks of all kinds is one line and comes back whole."""
    text = "a\nb\r\nc\x00d\u2028e\u0085" * 500_000

    assert one(Kind.TEXT, text) == text


def test_no_rows_give_no_bytes() -> None:
    """An empty batch is empty."""
    assert LineEncoder(FIELDS).encode([]) == Encoded(b"", 0)


def test_a_row_of_the_wrong_width_is_no_row() -> None:
    """A row with a value too many or too few is a mistake of the caller, never skipped data."""
    encoder = LineEncoder([Field("id"), Field("text")])
    for row in (("1",), ("1", "a", "b")):
        with pytest.raises(TypeError):
            encoder.encode([("0", "\ud800"), row])
