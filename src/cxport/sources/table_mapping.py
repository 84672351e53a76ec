"""Reads the mapping file of a DataSync source: which tables and columns its sets are made of."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from cxport.domain.errors import InvalidInput
from cxport.domain.masking import Mask
from cxport.domain.said import Said
from cxport.domain.table_set import Mark, MarkKind, TableSet

#: What a CSV, or a set, may be called: whatever unpacks an archive can name a file so.
_NAME = re.compile(r"\w[\w .$-]{0,99}")
_MOST_SECONDS = 30 * 86_400
_MOST_KEYS = 10**12
_ENCODINGS = ("seconds", "milliseconds")


@dataclass(frozen=True, kw_only=True)
class TableMap:
    """A table as the mapping has it: columns by the names that its author wrote."""

    name: str
    table: str
    schema: str
    key: str
    mark: Mark | None = None
    deleted: str = ""
    #: Columns to export, all of them where empty, but for those of `drop`.
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    masks: Mapping[str, Mask] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SetMap:
    """A table set as the mapping has it."""

    name: str
    tables: tuple[TableMap, ...]
    settle_seconds: int = TableSet.settle_seconds
    settle_keys: int = TableSet.settle_keys


def read_table_sets(text: str) -> tuple[SetMap, ...]:
    """Read the text of a mapping file.

    Raises InvalidInput (`mapping`) naming the set, table and key that is wrong.
    """
    if not text.strip():
        raise InvalidInput(
            "mapping", Said("a DataSync source needs a mapping file"), Said("[[set]] in TOML")
        )
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            "mapping", Said("the mapping is not TOML: {error}", error=str(error))
        ) from None
    return _sets(found)


def _sets(found: dict[str, Any]) -> tuple[SetMap, ...]:
    top = _Place("the file", found, {"schema", "set"})
    schema = top.text("schema", default="")
    sets = tuple(_set(place, schema) for place in top.places("set", _SET))
    _refuse_twice("set", [one.name for one in sets])
    return sets


_SET = {"name", "settle_seconds", "settle_keys", "table"}
_TABLE = {"table", "schema", "name", "key", "mark", "deleted", "keep", "drop", "mask"}


def _set(place: _Place, schema: str) -> SetMap:
    name = place.name("name", place.text("name"))
    place = place.called(f"set {name}")
    tables = tuple(_table(one, schema) for one in place.places("table", _TABLE))
    _refuse_twice(f"table of the set {name}", [one.name for one in tables])
    return SetMap(
        name=name,
        tables=tables,
        settle_seconds=place.whole("settle_seconds", SetMap.settle_seconds, _MOST_SECONDS),
        settle_keys=place.whole("settle_keys", SetMap.settle_keys, _MOST_KEYS),
    )


def _table(place: _Place, schema: str) -> TableMap:
    table = place.text("table")
    place = place.called(f"{place.label.rpartition(',')[0]}, table {table}")
    found = TableMap(
        name=place.name("name", place.text("name", default=table)),
        table=table,
        schema=place.text("schema", default=schema),
        key=place.text("key"),
        mark=_mark(place),
        deleted=place.text("deleted", default=""),
        keep=place.texts("keep"),
        drop=place.texts("drop"),
        masks=_masks(place),
    )
    _check(place, found)
    return found


def _mark(place: _Place) -> Mark | None:
    """Read `mark = { key = "id" }` or `{ time = "changed_at", encoding = "seconds" }`."""
    given = place.inner("mark", {"key", "time", "encoding"})
    if given is None:
        return None
    kinds = [kind for kind in MarkKind if kind in given.found]
    if len(kinds) != 1:
        place.refuse("mark", Said('either { key = "COLUMN" } or { time = "COLUMN" } is needed'))
    encoding = given.text("encoding", default="")
    if encoding and (encoding not in _ENCODINGS or kinds[0] is MarkKind.KEY):
        given.refuse("encoding", Said("seconds or milliseconds, of a time"))
    return Mark(column=given.text(kinds[0]), kind=kinds[0], encoding=encoding)


def _masks(place: _Place) -> dict[str, Mask]:
    given = place.inner("mask", None)
    return {column: _mask(given, column) for column in given.found} if given else {}


def _mask(given: _Place, column: str) -> Mask:
    mask = given.inner(column, {"text", "hash"})
    if mask is None or len(mask.found) != 1:
        given.refuse(column, Said('either { text = "..." } or { hash = true } is needed'))
    if "hash" in mask.found:
        if mask.found["hash"] is not True:
            mask.refuse("hash", Said("true is needed"))
        return Mask(hashed=True)
    return Mask(text=mask.text("text", empty=True))


def _check(place: _Place, table: TableMap) -> None:
    """Refuse what would make increments useless, or hide a mistake."""
    dropped = {name.casefold() for name in table.drop}
    kept = {name.casefold() for name in table.keep}
    for word, column in (("key", table.key), ("deleted", table.deleted)):
        if column and (column.casefold() in dropped or (kept and column.casefold() not in kept)):
            place.refuse(
                word, Said("{column} must be exported: rows are told apart by it", column=column)
            )
    masks = {name.casefold(): mask for name, mask in table.masks.items()}
    key = masks.get(table.key.casefold())
    if (key and not key.hashed) or (table.deleted and table.deleted.casefold() in masks):
        place.refuse("mask", Said("a key can only be hashed, and a deleted-flag not masked at all"))
    if hidden := [name for name in masks if name in dropped or (kept and name not in kept)]:
        place.refuse("mask", Said("{hidden} is not exported", hidden=hidden[0]))
    if both := kept & dropped:
        place.refuse("drop", Said("{both} is also kept", both=min(both)))


def _refuse_twice(what: str, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise InvalidInput.at(
                "mapping", Said("a {what} is named {name} twice", what=what, name=name)
            )
        seen.add(name.casefold())


class _Place:
    """A table of the TOML document, which knows where it stands."""

    def __init__(self, label: str, found: dict[str, Any], known: set[str] | None) -> None:
        self.label = label
        self.found = found
        for key in found:
            if known is not None and key not in known:
                self.refuse(
                    key, Said("not known here; known are {known}", known=", ".join(sorted(known)))
                )

    def called(self, label: str) -> _Place:
        """Give the same place under a better name."""
        return _Place(label, self.found, None)

    def text(self, key: str, *, default: str | None = None, empty: bool = False) -> str:
        """Give a text; one without a default may not be missing, nor empty unless it may be."""
        value = self.found.get(key, default)
        if not isinstance(value, str) or (not value and default is None and not empty):
            self.refuse(key, Said("a text is needed"))
        return value

    def name(self, key: str, value: str) -> str:
        """Check a name that becomes one of a file."""
        if not _NAME.fullmatch(value) or value != value.strip(" ."):
            self.refuse(
                key, Said("letters, digits, and of the signs _ . $ - and the space are allowed")
            )
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of texts."""
        value = self.found.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            self.refuse(key, Said("a list of column names is needed"))
        return tuple(value)

    def whole(self, key: str, default: int, most: int) -> int:
        """Give a whole number from 0 on."""
        value = self.found.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            self.refuse(key, Said("a whole number from 0 to {most} is needed", most=most))
        return value

    def inner(self, key: str, known: set[str] | None) -> _Place | None:
        """Give a table inside this one."""
        value = self.found.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(key, Said("a table { ... } is needed"))
        return _Place(f"{self.label}, {key}", value, known)

    def places(self, key: str, known: set[str]) -> list[_Place]:
        """Give the tables of a list, of which there is at least one."""
        value = self.found.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.refuse(key, Said("[[{key}]] is needed", key=key))
        if not value:
            self.refuse(key, Said("at least one is needed"))
        return [_Place(f"{self.label}, {key} {n}", one, known) for n, one in enumerate(value, 1)]

    def refuse(self, key: str, problem: Said) -> NoReturn:
        """Raise InvalidInput that names the place."""
        raise InvalidInput(
            "mapping",
            Said("mapping, {place}: {key}: {problem}", place=self.label, key=key, problem=problem),
        )
