"""Tables of any database: exact values, masks, frozen columns, parts that cover them once."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from cxport.domain.cell import cell_text
from cxport.domain.errors import InvalidInput, MappingMismatch
from cxport.domain.selection import Content
from cxport.domain.table_set import TableMark
from cxport.sources.base import PlanLimits
from cxport.sources.table_mapping import read_table_sets
from tests.sources.conftest import PRODUCTS
from tests.sources.tables import MASK_KEY, Reading, Tables

ORDERS = """
[[set]]
name = "Orders"
  [[set.table]]
  table = "orders"
  key = "id"
  mark = { time = "changed" }
  deleted = "gone"
  [[set.table]]
  table = "pieces"
  name = "order pieces"
  key = "code"
"""


@pytest.fixture(params=PRODUCTS)
def tables(request: pytest.FixtureRequest, new_dsn: Callable[[str], str]) -> Iterator[Tables]:
    """Give two tables of a database of each product."""
    found = Tables(new_dsn(request.param), request.param)
    stamp = "timestamptz" if request.param == "postgresql" else "DATETIME(6)"
    found.run(
        f"CREATE TABLE orders (id INTEGER PRIMARY KEY, body VARCHAR(200), price DECIMAL(30,10),"
        f" changed {stamp}, gone SMALLINT NOT NULL DEFAULT 0)"
    )
    found.run("CREATE TABLE pieces (code VARCHAR(20) PRIMARY KEY, note VARCHAR(50))")
    yield found
    found.close()


def fill(tables: Tables, orders: int, lines: int) -> None:
    """Add rows."""
    for number in range(orders):
        tables.run("INSERT INTO orders (id, body) VALUES (?, ?)", number * 3, f"order {number}")
    for number in range(lines):
        tables.run("INSERT INTO pieces (code, note) VALUES (?, NULL)", f"line-{number:04}")


@pytest.mark.parametrize("part_rows", [7, 25, 10_000])
def test_the_parts_hold_each_row_once(tables: Tables, part_rows: int) -> None:
    """Large tables are cut by their key, small ones share a part; no row is lost or doubled."""
    fill(tables, 60, 20)
    if tables.product == "postgresql":
        tables.run("ANALYZE")

    with Reading(tables, tables.frozen(ORDERS)) as reading:
        plan = reading.plan(PlanLimits(part_raw_bytes=1 << 30, part_rows=part_rows))
        found = reading.all(plan)

    assert [int(row["id"]) for row in found["orders"]] == [number * 3 for number in range(60)]
    assert [row["code"] for row in found["order pieces"]] == [f"line-{n:04}" for n in range(20)]
    assert [part.number for part in plan.parts] == list(range(1, len(plan.parts) + 1))
    assert len(plan.parts) == 1 if part_rows == 10_000 else len(plan.parts) > 1
    assert {piece.content for part in plan.parts for piece in part.slices} == {Content.RECORDS}
    assert plan.marks == ()


def test_values_are_exact(tables: Tables) -> None:
    """No digit and no fraction of a second is lost; an empty text is no null."""
    tables.run(
        "INSERT INTO orders (id, body, price, changed) VALUES (1, '', ?, ?)",
        "-1234567890123456789.0123456789" if tables.product != "sqlite" else 0.1,
        "2024-05-06 07:08:09.123456" + ("+02" if tables.product == "postgresql" else ""),
    )
    tables.run("INSERT INTO orders (id) VALUES (-2)")

    with Reading(tables, tables.frozen(ORDERS)) as reading:
        nothing, row = reading.all(reading.plan())["orders"]

    price = "0.1" if tables.product == "sqlite" else "-1234567890123456789.0123456789"
    assert (row["body"], cell_text(row["price"])) == ("", price)
    assert (
        row["changed"]
        == {
            "sqlite": "2024-05-06 07:08:09.123456",
            "mariadb": "2024-05-06T07:08:09.123456",
            "postgresql": "2024-05-06T05:08:09.123456Z",
        }[tables.product]
    )
    assert [nothing[name] for name in ("body", "price", "changed")] == [None] * 3
    assert cell_text(nothing["id"]) == "-2"


def test_columns_are_dropped_and_masked(tables: Tables) -> None:
    """What is dropped is not read, what is masked leaves as the mask; null stays null."""
    tables.run("INSERT INTO orders (id, body) VALUES (7, 'Ada')")
    tables.run("INSERT INTO orders (id, body) VALUES (8, NULL)")
    tables.run("INSERT INTO pieces VALUES ('7', 'Ada')")
    mapping = ORDERS.replace(
        'deleted = "gone"',
        'drop = ["PRICE"]\nmask = { id = { hash = true }, body = { text = "***" } }',
    ).replace('key = "code"', 'key = "code"\nmask = { code = { hash = true } }')

    with Reading(tables, tables.frozen(mapping)) as reading:
        found = reading.all(reading.plan())

    digest = hmac.digest(MASK_KEY, b"7", "sha256").hex()
    first, second = found["orders"]
    assert list(first) == ["id", "body", "changed", "gone"]
    assert (first["id"], first["body"]) == (digest, "***")
    assert second["body"] is None
    assert found["order pieces"][0]["code"] == digest, "equal values must stay equal"


def test_a_set_keeps_its_columns_and_announces_later_ones(tables: Tables) -> None:
    """A column that the database gets later is not exported, and named; a refresh takes it up."""
    before = tables.frozen(ORDERS.replace('key = "code"', 'key = "code"\nkeep = ["code"]'))
    tables.run("ALTER TABLE orders ADD COLUMN secret INTEGER")
    tables.run("INSERT INTO orders (id, secret) VALUES (1, 42)")

    with Reading(tables, before) as reading:
        plan = reading.plan()
        assert "secret" not in reading.all(plan)["orders"][0]
    with Reading(tables, tables.frozen(ORDERS)) as reading:
        refreshed = reading.plan()
        assert str(reading.all(refreshed)["orders"][0]["secret"]) == "42"

    (warning,) = plan.warnings
    assert warning.startswith("orders has columns")
    assert "secret" in warning
    assert "note" not in warning, "what was left out on purpose is no news"
    assert refreshed.warnings == ()


def test_a_column_that_is_gone_is_named(tables: Tables) -> None:
    """A frozen column that the database lost ends the run, naming it."""
    before = tables.frozen(ORDERS)
    tables.run("ALTER TABLE orders DROP COLUMN price")

    with Reading(tables, before) as reading, pytest.raises(MappingMismatch) as caught:
        reading.plan()

    assert caught.value.missing == ("orders.price",)


def test_check_names_what_is_missing_and_what_is_beyond(tables: Tables) -> None:
    """`check` names missing tables and columns, and tells the columns beyond the set."""
    wrong = ORDERS.replace('"pieces"', '"no_such"').replace('"gone"', '"no_flag"')
    assert tables.check(wrong).missing == ("orders.no_flag", "no_such")
    assert tables.check(wrong).table_sets == ()

    fill(tables, 3, 0)
    report = tables.check(ORDERS.replace('"gone"', '"gone"\nkeep = ["id", "body", "gone"]'))
    assert report.missing == ()
    orders, pieces = report.tables
    assert (orders.table.name, orders.rows, orders.beyond) == ("orders", 3, ("price", "changed"))
    assert (pieces.table.name, pieces.rows, pieces.beyond) == ("order pieces", 0, ())
    assert any("pieces has no mark" in warning for warning in report.warnings)
    assert any("no index on orders.changed" in warning for warning in report.warnings)
    assert any("orders.changed is null" in warning for warning in report.warnings)


def test_check_shows_rows_as_they_would_leave(tables: Tables) -> None:
    """The sample is masked like an export: a check shows no more than a file."""
    fill(tables, 1, 1)
    mapping = ORDERS.replace('key = "id"', 'key = "id"\nmask = { body = { text = "***" } }')

    shown = {name: row for name, _, row in tables.source(mapping).sample("orders")}

    assert shown["orders"][:2] == ("0", "***")
    assert shown["order pieces"] == ("line-0000", None)


def test_a_mark_moves_on_behind_the_newest_row(tables: Tables) -> None:
    """A mark lies by the lag behind the newest row, or behind now where that is in the future."""
    now = datetime(2024, 5, 6, 12, 0, 0, 500_000, tzinfo=UTC)
    marks = list[tuple[TableMark, ...]]()
    for when in ("2024-05-06 11:00:00.250", "2999-01-01 00:00:00"):
        zone = "+00" if tables.product == "postgresql" else ""
        tables.run("INSERT INTO orders (id, changed) VALUES (?, ?)", len(marks), when + zone)
        with Reading(tables, tables.frozen(ORDERS), incremental=True, taken_at=now) as reading:
            marks.append(reading.plan().marks)

    assert [[one.value for one in found] for found in marks] == [
        ["2024-05-06T10:55:00+00:00"],
        ["2024-05-06T11:55:00+00:00"],
    ]


MAPPINGS = {
    "": "mapping file",
    "set = 1": "[[set]]",
    "nonsense = 1": "nonsense",
    "[[set]]": "name",
    '[[set]]\nname = "a"': "table",
    '[[set]]\nname = "../a"\n[[set.table]]\ntable = "t"\nkey = "k"': "letters",
    '[[set]]\nname = "a"\n[[set.table]]\ntable = "t"': "key",
    '[[set]]\nname = "a"\n[[set.table]]\ntable = "a/b"\nkey = "k"': "letters",
    '[[set]]\nname = "a"\n[[set.table]]\ntable = "t"\nkey = "k"\nmark = "k"': "mark",
    '[[set]]\nname = "a"\n[[set.table]]\ntable = "t"\nkey = "k"\ndrop = ["K"]': "told apart",
    '[[set]]\nname = "a"\n[[set.table]]\ntable = "t"\nkey = "k"\nkeep = ["x"]': "told apart",
    '[[set]]\nname = "a"\n[[set.table]]\ntable = "t"\nkey = "k"\n'
    'mask = {k = {text = "x"}}': "hashed",
    '[[set]]\nname = "a"\n[[set.table]]\ntable = "t"\nkey = "k"\nmask = {x = {hash = 1}}': "true",
    '[[set]]\nname = "a"\nsettle_seconds = -1\n[[set.table]]\ntable = "t"\nkey = "k"': "whole",
    '[[set]]\nname = "a"\n[[set.table]]\ntable = "t"\nkey = "k"\n'
    '[[set.table]]\ntable = "T"\nkey = "k"': "twice",
}


@pytest.mark.parametrize("text", MAPPINGS)
def test_a_wrong_mapping_is_refused(text: str) -> None:
    """A mapping that cannot be understood is refused with its place and what it would take."""
    with pytest.raises(InvalidInput) as caught:
        read_table_sets(text)

    assert caught.value.field == "mapping"
    assert MAPPINGS[text] in f"{caught.value.message} {caught.value.expected}"
