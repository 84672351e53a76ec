"""The database's own clock, for what processes on several hosts compare."""

from __future__ import annotations

from sqlalchemy import Connection, text

_CLOCKS = {
    "postgresql": "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
    "sqlite": "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS integer)",
}


def millis(connection: Connection) -> int:
    """Give the database's time in milliseconds since 1970: hosts' clocks may differ."""
    return int(connection.execute(text(_CLOCKS[connection.dialect.name])).scalar_one())
