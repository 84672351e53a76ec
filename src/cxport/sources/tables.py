"""Table sets and the database: what a set is resolved to, and what a frozen one finds there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cxport.domain.errors import MappingMismatch, SourceRefused
from cxport.domain.said import Said
from cxport.domain.selection import Key
from cxport.domain.table_set import Mark, MarkKind, Table, TableColumn, TableSet
from cxport.sources.dialect import NUMBERS, Connection, DbColumn, DbTable, Dialect, Family, Sql
from cxport.sources.table_mapping import SetMap, TableMap

#: Alias of the table in every query.
ALIAS = "b"

#: Columns of these families cannot be compared in an order that never changes.
_NO_KEYS = frozenset({Family.BYTES, Family.JSON, Family.BOOLEAN})


@dataclass(frozen=True, kw_only=True)
class BoundTable:
    """A frozen table, and its columns as the database has them now; they stand as in the set."""

    table: Table
    db: DbTable
    key: DbColumn
    mark: DbColumn | None
    deleted: DbColumn | None
    columns: tuple[DbColumn, ...]

    @property
    def later(self) -> tuple[str, ...]:
        """Columns that the database got after the set was frozen."""
        known = {column.name for column in self.table.columns} | set(self.table.left_out)
        return tuple(name for name in self.db.columns if name not in known)


def resolve(connection: Connection, one: SetMap) -> tuple[TableSet | None, tuple[str, ...]]:
    """Freeze a set as the database is now; None, and what is missing, where it lacks some."""
    found = _described(connection, [(each.schema, each.table) for each in one.tables])
    missing: list[str] = []
    tables = []
    for each in one.tables:
        db = found.get((each.schema, each.table))
        if db is None:
            missing.append(each.table)
        else:
            tables.append(_frozen(connection.dialect, each, db, missing))
    if missing:
        return None, tuple(dict.fromkeys(missing))
    frozen = TableSet(
        name=one.name,
        tables=tuple(tables),
        settle_seconds=one.settle_seconds,
        settle_keys=one.settle_keys,
    )
    return frozen, ()


def _frozen(dialect: Dialect, one: TableMap, db: DbTable, missing: list[str]) -> Table:
    names = _Names(db, missing)
    key = names.actual(one.key)
    mark = None
    if one.mark:
        actual = names.actual(one.mark.column)
        mark = Mark(column=actual, kind=one.mark.kind, encoding=one.mark.encoding)
    deleted = names.actual(one.deleted) if one.deleted else ""
    masks = {names.actual(name): mask for name, mask in one.masks.items()}
    dropped = {names.actual(name) for name in one.drop}
    kept = [names.actual(name) for name in one.keep] or list(db.columns)
    kept = [name for name in dict.fromkeys(kept) if name not in dropped]
    missing += _unfit(dialect, db, key, mark)
    return Table(
        name=one.name,
        table=one.table,
        schema=one.schema,
        key=key,
        mark=mark,
        deleted=deleted,
        columns=tuple(TableColumn(name=name, mask=masks.get(name)) for name in kept),
        left_out=tuple(name for name in db.columns if name not in kept),
    )


class _Names:
    """The names of a table's columns as the database writes them."""

    def __init__(self, db: DbTable, missing: list[str]) -> None:
        self._db = db
        self._missing = missing

    def actual(self, name: str) -> str:
        """Give a column's own name, or note that it is missing."""
        found = self._db.find(name)
        if found is None:
            self._missing.append(f"{self._db.name}.{name}")
            return name
        return found.name


def _unfit(dialect: Dialect, db: DbTable, key: str, mark: Mark | None) -> list[str]:
    """Name what is there, but of a type by which rows cannot be found."""
    unfit = []
    column = db.columns.get(key)
    if column and column.family in _NO_KEYS:
        unfit.append(f"{db.name}.{key} as a key (it is {column.type})")
    column = db.columns.get(mark.column) if mark else None
    if column and mark:
        numbers = column.family in NUMBERS or (column.family is Family.OTHER and not dialect.typed)
        fits = dialect.holds_time(column) if mark.kind is MarkKind.TIME else numbers
        if not fits:
            what = "a time" if mark.kind is MarkKind.TIME else "a growing number"
            unfit.append(f"{db.name}.{mark.column} as {what} (it is {column.type})")
    return unfit


def bind_tables(connection: Connection, frozen: TableSet) -> dict[str, BoundTable]:
    """Bind a frozen set, by the names of its tables.

    Raises MappingMismatch naming all that the database lacks by now, or SourceRefused.
    """
    found = _described(connection, [(one.schema, one.table) for one in frozen.tables])
    missing = [one.table for one in frozen.tables if (one.schema, one.table) not in found]
    for one in frozen.tables:
        if db := found.get((one.schema, one.table)):
            missing += [f"{db.name}.{name}" for name in _named(one) if name not in db.columns]
    if missing:
        raise MappingMismatch(tuple(dict.fromkeys(missing)))
    return {one.name: _bound(one, found[one.schema, one.table]) for one in frozen.tables}


def _bound(one: Table, db: DbTable) -> BoundTable:
    for name in _named(one):
        if not db.columns[name].readable:
            raise SourceRefused(
                Said("the user has no right to read {table}.{column}", table=db.name, column=name)
            )
    return BoundTable(
        table=one,
        db=db,
        key=db.columns[one.key],
        mark=db.columns[one.mark.column] if one.mark else None,
        deleted=db.columns[one.deleted] if one.deleted else None,
        columns=tuple(db.columns[column.name] for column in one.columns),
    )


def _named(one: Table) -> list[str]:
    """Name every column that the export of a table reads."""
    mark = [one.mark.column] if one.mark else []
    deleted = [one.deleted] if one.deleted else []
    return [one.key, *mark, *deleted, *(column.name for column in one.columns)]


def _described(
    connection: Connection, named: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], DbTable]:
    """Describe the tables that are there, by schema and name."""
    found = {}
    for schema in dict.fromkeys(schema for schema, _ in named):
        names = sorted({name for given, name in named if given == schema})
        for name, table in connection.describe(schema, names).items():
            found[schema, name] = table
    return found


def bind_key(dialect: Dialect, column: DbColumn, key: Key) -> Sql:
    """Bind a key that was read; one that is a number in the database becomes one again."""
    if isinstance(key, int) or column.family not in NUMBERS:
        return dialect.bind(key)
    number = Decimal(key)
    if number == number.to_integral_value():
        return dialect.bind(int(number))
    return dialect.bind(float(number) if column.family is Family.FLOAT else number)


def key_of(value: object) -> Key:
    """Give a key as slices carry it."""
    return value if isinstance(value, str | int) else str(value)
