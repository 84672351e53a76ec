"""Columns of PostgreSQL with their values, for the test of the ways to read them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hypothesis import strategies as st

from cxport.domain.catalogue import Kind

letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = (
    st.text(letters, max_size=40)
    | st.sampled_from(
        ["", 'a"b\\c\b\f\n\r\t/', "\x01\x1f\x7f\x80\u2028", "x" * 15 + "ü", "\U0001f600" * 9]
    )
    | st.builds(lambda letter: letter * 70_000, st.sampled_from(["x", '"', "é"]))
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = st.builds(
    lambda value, indent, ascii_only: json.dumps(value, indent=indent, ensure_ascii=ascii_only),
    json_values | st.dictionaries(texts, json_values, max_size=4),
    st.sampled_from([None, None, 1]),
    st.booleans(),
).filter(lambda text: "\\u0000" not in text) | st.sampled_from(
    [
        '{"a":1e5}',
        '{"a": 1E400}',
        '{"n":%s}' % ("9" * 310),
        ' {"a":1}',
        '{"a":1} ',
        "{}",
        '{"a":"\\ud83d\\ude00"}',
        '{"a":1,"a":2}',
        "[]",
        "1",
        '{"d":' * 80 + "1" + "}" * 80,
        '{"a":-0.0,"b":0.50,"c":[ ],"d":{ }}',
        '{"a" : "\\/\\b\\f" , "b":\t[1 ,2]}',
    ]
)
#: PostgreSQL keeps no number that is beyond its own.
stored_objects = objects.filter(lambda text: "1E400" not in text)
not_json = st.sampled_from(
    ["", "{", '{"a":NaN}', "\t{}", "x{}", '{"a":01}', '{"a":"\t"}', '{"a":1}}']
)
times = st.sampled_from(
    [
        "infinity",
        "-infinity",
        "0044-03-15 12:30:00 BC",
        "10000-01-01 00:00:00",
        "9999-12-31 23:59:59.999999",
        "0001-01-01 00:00:00",
        "1969-12-31 23:59:59.999999",
        "1970-01-01 00:00:00",
        "1999-12-31 23:59:59.9995",
        "2000-02-29 00:00:00.000001",
        "2000-03-01 00:00:00",
        "1900-02-28 23:59:59",
        "2100-03-01 01:02:03.1",
        "0004-02-29 01:00:00",
    ]
) | st.datetimes().map(str)
dates = times.map(lambda text: text.partition(" ")[0] + (" BC" if text.endswith("BC") else ""))
zoned = st.builds(
    lambda text, zone: text if "inf" in text or "BC" in text else text + zone,
    times,
    st.sampled_from(["", "Z", "+05:30", "-11", "+14"]),
)


def whole(bits: int) -> st.SearchStrategy[str]:
    """Give whole numbers of so many bits, as text."""
    ends = [-(1 << (bits - 1)), (1 << (bits - 1)) - 1, 0, -1]
    return (st.sampled_from(ends) | st.integers(ends[0], ends[1])).map(str)


octets = st.binary(max_size=50).map(lambda data: "\\x" + data.hex())
numerics = (
    st.builds(
        lambda n, tail: f"{n}{tail}",
        st.integers(-(10**30), 10**30),
        st.sampled_from(["", ".0", ".000000"]),
    )
    | st.integers(-20_000, 20_000).map(str)
    | st.sampled_from(["0", "0.00", "10000", "100000000", "-99990000", "9999999999999999", "1e25"])
)


@dataclass(frozen=True, eq=False)
class Given:
    """A column: its type, the field it becomes, and its values as text."""

    type: str
    kind: Kind
    values: st.SearchStrategy[str]

    @property
    def name(self) -> str:
        """Name it by what it is."""
        return f"{self.kind} of {self.type}"


#: What the compiled code knows.
KNOWN = (
    *(Given(name, Kind.TEXT, texts) for name in ("text", "varchar", "bpchar")),
    Given("varchar(12)", Kind.TEXT, st.text(letters, max_size=12)),
    Given("char(5)", Kind.TEXT, st.text(letters, max_size=5)),
    Given("name", Kind.TEXT, st.text(letters, max_size=12)),
    *(
        Given(f"int{n}", kind, whole(8 * n))
        for n in (2, 4, 8)
        for kind in (Kind.INTEGER, Kind.NUMBER, Kind.TEXT, Kind.BOOLEAN)
    ),
    Given("numeric", Kind.INTEGER, numerics),
    Given("numeric", Kind.BOOLEAN, numerics),
    Given("numeric", Kind.TEXT, numerics | st.sampled_from(["NaN", "Infinity", "0.00000001"])),
    Given("numeric(10,2)", Kind.INTEGER, whole(20)),
    Given("float8", Kind.TEXT, st.floats().map(str)),
    *(
        Given("bool", kind, st.sampled_from("tf"))
        for kind in (Kind.BOOLEAN, Kind.INTEGER, Kind.TEXT)
    ),
    Given("timestamp", Kind.TIME, times),
    Given("timestamp(0)", Kind.TIME, times),
    Given("timestamptz", Kind.TIME, zoned),
    Given("date", Kind.TIME, dates),
    Given("timestamp", Kind.TEXT, times),
    *(Given(name, Kind.OBJECT, stored_objects) for name in ("json", "jsonb")),
    *(Given(name, Kind.OBJECT, objects | not_json) for name in ("text", "bytea")),
    Given("jsonb", Kind.TEXT, stored_objects),
    Given("bytea", Kind.BYTES, octets),
    Given("bytea", Kind.OBJECT, octets),
    Given("uuid", Kind.TEXT, st.uuids().map(str)),
    Given("int[]", Kind.TEXT, st.sampled_from(["{}", "{1,2}", "{{1},{NULL}}"])),
)

#: What goes the Python way.
UNKNOWN = (
    Given("float4", Kind.NUMBER, st.floats(width=32).map(str)),
    Given("float8", Kind.NUMBER, st.floats().map(str)),
    Given("numeric", Kind.NUMBER, numerics | st.just("NaN")),
    Given("int8", Kind.TIME, whole(40)),
    Given("text", Kind.BOOLEAN, st.sampled_from(["yes", "0", ""])),
    Given("text", Kind.INTEGER, st.sampled_from(["1", " 7 ", ""])),
    Given("bytea", Kind.TEXT, st.sampled_from(["\\x00ff", "\\x41"])),
)
