"""Tables as CSV: exact unless asked to be safe for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxport.domain.catalogue import Field, Kind
from cxport.formats.csv import CsvEncoder
from tests.formats.rfc4180 import parsed

KEY = Field("key")
FIELDS = (KEY, Field("id", Kind.NUMBER), Field("text"), Field("more"), Field("when", Kind.TIME))

#: What CSV and spreadsheets trip over, among whatever else text may hold.
TEXT = st.text(st.one_of(st.sampled_from(",\"\r\n\0\t=+-@' ;\uff1d"), st.characters(codec="utf-8")))
CELL = st.one_of(st.none(), TEXT)
ROWS = st.lists(
    st.tuples(
        st.integers(),
        st.one_of(st.none(), st.integers(), st.decimals(allow_nan=False, allow_infinity=False)),
        CELL,
        CELL,
        st.one_of(st.none(), st.just("-infinity"), st.just("2024-05-06T07:08:09.123456Z")),
    ),
    max_size=8,
)


def expected(value: Any) -> str | None:
    """Give what a cell must read."""
    return f"{value:f}" if isinstance(value, Decimal) else None if value is None else str(value)


@pytest.mark.promise("S12")
@given(ROWS)
def test_what_is_written_is_what_is_read(rows: list[tuple[Any, ...]]) -> None:
    """S12: every value comes back exactly, null and the empty text apart (RFC 4180)."""
    encoded = CsvEncoder(FIELDS).encode(rows)

    assert parsed(encoded.data) == [[expected(value) for value in row[1:]] for row in rows]
    assert (encoded.rows, encoded.refused) == (len(rows), ())


@given(ROWS)
def test_the_csv_reader_of_python_agrees(rows: list[tuple[Any, ...]]) -> None:
    """A reader that others use, which does not tell null from the empty text, reads the same."""
    data = CsvEncoder(FIELDS).header() + CsvEncoder(FIELDS).encode(rows).data

    read = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))

    assert read[0] == ["id", "text", "more", "when"]
    assert read[1:] == [[expected(value) or "" for value in row[1:]] for row in rows]


FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


@pytest.mark.promise("S12")
@given(ROWS)
def test_safe_text_is_no_formula_and_nothing_else_changes(rows: list[tuple[Any, ...]]) -> None:
    """S12: a text that begins like a formula gets an apostrophe; numbers and times never do."""
    encoded = CsvEncoder(FIELDS, spreadsheet_safe=True).encode(rows)

    for row, read in zip(rows, parsed(encoded.data), strict=True):
        for value, cell in zip(row[2:4], read[1:3], strict=True):
            begins = value is not None and FORMULA.match(value)
            assert cell == (f"'{value}" if begins else value)
            assert cell is None or not FORMULA.match(cell)
        assert [read[0], read[3]] == [expected(row[1]), expected(row[4])]


def test_names_of_columns_are_texts_too() -> None:
    """The header row cannot run a formula either."""
    fields = (KEY, Field("=1+1"), Field("fine"))

    assert CsvEncoder(fields, spreadsheet_safe=True).header() == b"'=1+1,fine\r\n"
    assert CsvEncoder(fields).header() == b"=1+1,fine\r\n"


def test_a_number_given_as_text_stays_a_number() -> None:
    """What a database writes of a number is one, though it begins with a minus."""
    fields = (KEY, Field("amount", Kind.NUMBER), Field("note"))

    encoded = CsvEncoder(fields, spreadsheet_safe=True).encode([("k", "-12.50", "-12.50")])

    assert encoded.data == b"-12.50,'-12.50\r\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, b"0"),
        (True, b"true"),
        (1.1, b"1.1"),
        (Decimal("1E-10"), b"0.0000000001"),
        (Decimal("1E+3"), b"1000"),
        (b"\0\xff", b"AP8="),
        (b"", b'""'),
        ("", b'""'),
        (None, b""),
        ('a "b"', b'"a ""b"""'),
        ("\ud800x", "\ufffdx".encode()),
    ],
)
def test_each_kind_of_value(value: object, text: bytes) -> None:
    """Numbers are never written with an exponent or rounded; bytes are base64."""
    assert CsvEncoder((KEY, Field("a"))).encode([("k", value)]).data == text + b"\r\n"


def test_a_value_that_is_no_cell_is_refused_alone() -> None:
    """A row with a value that no database gives is named; the others are written."""
    encoded = CsvEncoder((KEY, Field("a"))).encode([(1, "x"), (2, object()), (3, None)])

    assert encoded.data == b"x\r\n\r\n"
    assert [(one.key, one.reason) for one in encoded.refused] == [
        (2, "a: a object that CSV cannot hold")
    ]


def test_a_row_of_the_wrong_width_is_an_error() -> None:
    """A row that is none of these fields is not written as if it were."""
    with pytest.raises(ValueError, match="zip"):
        CsvEncoder((KEY, Field("a"))).encode([(1, "x", "y")])
