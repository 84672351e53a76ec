"""The rows of a source as plain SQL gives them, in the shape the files must have.

It shares no code with the reader under test: its own queries, its own conversions.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
import tomllib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql

Object = dict[str, Any]

_MAPPING = tomllib.loads((files("cxport.sources") / "mappings" / "ucs85.toml").read_text("utf-8"))
_CODES = {name: entity["code"] for name, entity in _MAPPING["entities"].items()}
_BOOLEANS = {"canBeParent", "isSpam", "isCategoryApproved", "isPrimary"}


def rows(dsn: str, sql: str) -> list[dict[str, Any]]:
    """Give the rows of a query, by column names in lower case."""
    parts = urlsplit(dsn)
    if parts.scheme == "sqlite":
        return _fetch(sqlite3.connect(parts.path), sql)
    if parts.scheme == "postgresql":
        return _fetch(psycopg.connect(dsn), sql)
    connection = pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=parts.username,
        password=parts.password or "",
        database=parts.path[1:],
        charset="utf8mb4",
    )
    return _fetch(connection, sql.replace('"', "`"))


def _fetch(connection: Any, sql: str) -> list[dict[str, Any]]:
    try:
        cursor = connection.cursor()
        cursor.execute(sql)
        names = [column[0].lower() for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        connection.close()


def interactions(dsn: str) -> dict[str, dict[str, Object]]:
    """Give every interaction by entity and id, as its line must read."""
    found = rows(dsn, f"SELECT * FROM {_table(dsn, 'Interaction')}")
    columns = _MAPPING["interaction"]["columns"]
    result: dict[str, dict[str, Object]] = {name: {} for name in _CODES}
    for name, code in _CODES.items():
        entity = _MAPPING["entities"][name]
        own = _by_id(dsn, entity["table"]) if "table" in entity else {}
        for row in found:
            if row["entitytypeid"] == code:
                line = {"id": row["id"], **_line(columns, row)}
                result[name][row["id"]] = {
                    **line,
                    **_line(entity.get("columns", {}), own.get(row["id"], {})),
                }
    return result


def contacts(dsn: str) -> dict[str, Object]:
    """Give every contact by id, its attributes as a sorted list of their values."""
    mapping = _MAPPING["contact"]
    attributes: dict[str, list[Object]] = {}
    for row in rows(dsn, f"SELECT * FROM {_table(dsn, 'ContactAttribute')}"):
        columns = dict(mapping["attributes"]["columns"])
        columns["modifiedDate"] = columns["modifiedDate"]["column"]
        date_column = columns.pop("date")
        line = _line(columns, row)
        if line["value"] is None:
            line["value"] = _time(row[date_column.lower()])
        attributes.setdefault(row["contactid"], []).append(line)
    return {
        row["id"]: {
            **_line(mapping["columns"], row),
            "attributes": sorted_values(attributes.get(row["id"], [])),
        }
        for row in rows(dsn, f"SELECT * FROM {_table(dsn, 'Contact')}")
    }


def sorted_values(attributes: Iterable[Object]) -> list[Object]:
    """Bring the attributes of a contact into an order that does not depend on the reader."""
    return sorted(attributes, key=lambda one: json.dumps(one, sort_keys=True))


def attachments(dsn: str) -> dict[str, Object]:
    """Give every attachment by its id, as its line must read."""
    join = (
        f"SELECT a.{_column(dsn, 'Id')} AS own, a.{_column(dsn, 'InteractionId')} AS entityid, d.*"
        f" FROM {_table(dsn, 'Attachment')} a JOIN {_table(dsn, 'Document')} d"
        f" ON d.{_column(dsn, 'Id')} = a.{_column(dsn, 'DocumentId')}"
    )
    result = {}
    for row in rows(dsn, join):
        content = None if row["content"] is None else bytes(row["content"])
        result[row["own"]] = {
            "id": row["own"],
            "entityid": row["entityid"],
            "name": row["thename"],
            "description": row["description"],
            "mimeType": row["mimetype"],
            # a size that the database does not know is counted
            "size": row["thesize"] if row["thesize"] is not None or not content else len(content),
            "createdDate": _time(row["createddate"]),
            "content": None if content is None else base64.b64encode(content).decode(),
            "sha256": None if content is None else hashlib.sha256(content).hexdigest(),
        }
    return result


def _by_id(dsn: str, table: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows(dsn, f"SELECT * FROM {_table(dsn, table)}")}


def _table(dsn: str, name: str) -> str:
    """Quote a name as the sample made it: PostgreSQL folds what is not quoted."""
    return f'"{name}"' if not dsn.startswith("postgresql") else _folded(dsn, name)


_FOLDED: dict[tuple[str, str], str] = {}


def _folded(dsn: str, name: str) -> str:
    if (dsn, name) not in _FOLDED:
        found = rows(
            dsn,
            "SELECT table_name FROM information_schema.tables"
            f" WHERE lower(table_name) = '{name.lower()}' AND table_schema = 'public'",
        )
        _FOLDED[dsn, name] = f'"{found[0]["table_name"]}"'
    return _FOLDED[dsn, name]


def _column(dsn: str, name: str) -> str:
    if dsn.startswith("postgresql"):
        found = rows(
            dsn,
            "SELECT column_name FROM information_schema.columns"
            f" WHERE lower(column_name) = '{name.lower()}' AND table_schema = 'public' LIMIT 1",
        )
        return f'"{found[0]["column_name"]}"'
    return f'"{name}"'


def _line(columns: dict[str, Any], row: dict[str, Any]) -> Object:
    return {key: _value(key, row.get(column.lower())) for key, column in columns.items()}


def _value(key: str, value: Any) -> Any:
    if value is None:
        return None
    if key in _BOOLEANS:
        return bool(value)
    if key == "allAttributes":
        return _object(value)
    if key.endswith(("Date", "Time")):
        return _time(value)
    if isinstance(value, Decimal):
        return int(value)
    return value


def _object(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    octets = value.encode() if isinstance(value, str) else bytes(value)
    try:
        decoded = json.loads(octets)
    except ValueError:
        decoded = None
    return decoded if isinstance(decoded, dict) else base64.b64encode(octets).decode()


def _time(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return f"{aware:%Y-%m-%dT%H:%M:%S}.{aware.microsecond // 1000:03}Z"
