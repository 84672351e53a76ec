"""A small contact history in any database, written and read with plain SQL and plain drivers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql

#: The tables, with type words that each database spells in its own way.
TABLES = {
    "Interaction": (
        "Id id, Status num, EntityTypeId num, MediaTypeId str, TypeId str, SubtypeId str,"
        " ExternalId str, OwnerId num, ContactId str, ParentId str, StartDate time,"
        " ModifiedDate time, EndDate time, ThreadId str, CategoryId str, TimeShift num,"
        " Subject str, Text lob, StructuredText lob, StructTextMimeType str, TheComment lob,"
        " TenantId num, SubtenantId num, ThreadHash num, CanBeParent flag, CreatorAppId num,"
        " QueueName str, AllAttributes bin, IsSpam flag, WebSafeEmailStatus str, Lang str,"
        " StrAttribute1 str, IntAttribute1 num"
    ),
    "EmailIn": (
        "Id id, FromAddress str, FromPersonal str, ReplyToAddress str, ToAddresses lob,"
        " CcAddresses lob, BccAddresses lob, Mailbox str, SentDate time, Header lob"
    ),
    "EmailOut": (
        "Id id, FromAddress str, ToAddresses lob, CcAddresses lob, BccAddresses lob,"
        " SentDate time, ReviewerId num, StandardResponseId str"
    ),
    "Chat": "Id id, EstablishedDate time, ReleasedDate time",
    "PhoneCall": "Id id, Duration num, Outcome str, PhoneNumber str, TConnectionId str",
    "Callback": (
        "Id id, CallBackStatus num, DesiredResponseType num, StartTime time, EndTime time,"
        " CustomerNumber str, Attempts num, Dn str, Location str, CallbackServerId str,"
        " CallResult num, CustomData lob"
    ),
    "Attachment": "Id id, InteractionId str, DocumentId str",
    "Document": (
        "Id id, TheName str, Description str, MimeType str, TheSize num, CreatedDate time,"
        " Content bin"
    ),
    "Contact": "Id id, TenantId num, CreatedDate time, ModifiedDate time, MergeId str",
    "ContactAttribute": (
        "AttributeId id, ContactId str, AttributeName str, StrValue str, DateValue time,"
        " IsPrimary flag, Description str, MimeType str"
    ),
}

INDEXES = (
    "Interaction (StartDate)",
    "Interaction (ModifiedDate)",
    "Attachment (InteractionId, Id)",
    "Contact (CreatedDate)",
    "Contact (ModifiedDate)",
    "ContactAttribute (ContactId)",
)

_TYPES = {
    "sqlite": {
        "id": "VARCHAR(16) NOT NULL PRIMARY KEY",
        "num": "INTEGER",
        "str": "VARCHAR(256)",
        "time": "TIMESTAMP",
        "lob": "TEXT",
        "flag": "BOOLEAN",
        "bin": "BLOB",
    },
    "postgresql": {
        "id": "varchar(16) PRIMARY KEY",
        "num": "bigint",
        "str": "varchar(256)",
        "time": "timestamp",
        "lob": "text",
        "flag": "smallint",
        "bin": "bytea",
    },
    "mariadb": {
        "id": "VARCHAR(16) PRIMARY KEY",
        "num": "BIGINT",
        "str": "VARCHAR(256)",
        "time": "DATETIME(3)",
        "lob": "LONGTEXT",
        "flag": "TINYINT(1)",
        "bin": "LONGBLOB",
    },
}


@dataclass(frozen=True)
class History:
    """A database and how a test writes to it and reads it, apart from the code under test."""

    dsn: str

    @property
    def product(self) -> str:
        """What the DSN begins with."""
        return self.dsn.partition(":")[0]

    def connection(self) -> Any:
        """Connect with the plain driver, every statement for itself."""
        if self.product == "sqlite":
            return sqlite3.connect(self.dsn.removeprefix("sqlite:///"), isolation_level=None)
        if self.product == "postgresql":
            return psycopg.connect(self.dsn, autocommit=True)
        parts = urlsplit(self.dsn)
        return pymysql.connect(
            host=parts.hostname,
            port=parts.port or 3306,
            user=parts.username,
            password=parts.password or "",
            database=parts.path[1:],
            autocommit=True,
            charset="utf8mb4",
        )

    @property
    def mark(self) -> str:
        """What stands for a bound value."""
        return "?" if self.product == "sqlite" else "%s"

    def run(self, *statements: str) -> None:
        """Run statements."""
        with closing(self.connection()) as connection, closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Give the rows of a query."""
        with closing(self.connection()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def insert(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert rows that all have the same columns."""
        columns = list(rows[0])
        marks = ", ".join([self.mark] * len(columns))
        query = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        with closing(self.connection()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute("BEGIN")
            cursor.executemany(query, [tuple(row.values()) for row in rows])
            cursor.execute("COMMIT")

    def analyze(self) -> None:
        """Let the database gather its statistics."""
        names = ", ".join(TABLES)
        self.run(f"ANALYZE TABLE {names}" if self.product == "mariadb" else "ANALYZE")


def create(dsn: str, tables: Iterable[str] = tuple(TABLES), *, indexes: bool = True) -> History:
    """Make the tables, empty."""
    history = History(dsn)
    wanted = [index for index in enumerate(INDEXES) if indexes]
    statements = []
    for name in tables:
        mine = [(n, index.split(" ", 1)[1]) for n, index in wanted if index.startswith(f"{name} ")]
        inline = history.product == "mariadb"
        keys = "".join(f", INDEX ix{n} {columns}" for n, columns in mine if inline)
        statements.append(f"CREATE TABLE {name} ({_columns(history, name)}{keys})")
        statements += [f"CREATE INDEX ix{n} ON {name} {cols}" for n, cols in mine if not inline]
    history.run(*statements)
    return history


def _columns(history: History, table: str) -> str:
    words = (column.split() for column in TABLES[table].split(", "))
    return ", ".join(f"{column} {_TYPES[history.product][kind]}" for column, kind in words)


def interaction(number: int, entity: int, start: str | None, **more: object) -> dict[str, object]:
    """Make an interaction with something in the columns that matter."""
    media = {0: "email", 1: "email", 2: "chat", 3: "voice", 5: "callback"}.get(entity, "workitem")
    row: dict[str, object] = {
        "Id": f"{number:012d}",
        "Status": number % 4,
        "EntityTypeId": entity,
        "MediaTypeId": media,
        "TypeId": "Inbound",
        "OwnerId": None if number % 5 == 0 else number % 7,
        "StartDate": start,
        "ModifiedDate": start,
        "EndDate": start if number % 3 else None,
        "Subject": f"Thema {number} \u00e9\u4e2d\U0001f600",
        "Text": f"text {number} " * (number % 40),
        "TenantId": 101,
        "CanBeParent": number % 2,
        "AllAttributes": b'{"number": %d}' % number,
        "IsSpam": None if number % 4 == 0 else 0,
    }
    return {**row, **more}


ENTITY_CYCLE = (0, 1, 2, 3, 5, 6, 7)


def fill(history: History, count: int) -> None:
    """Fill the tables: a row an hour from 2024-01-01, keys that scatter over time."""
    keys = [(n * 7919) % 1_000_003 for n in range(count)]
    rows = []
    for n, key in enumerate(keys):
        start = f"2024-{1 + n // 672 % 12:02d}-{1 + n // 24 % 28:02d} {n % 24:02d}:00:00"
        rows.append(interaction(key, ENTITY_CYCLE[n % 7], start))
    history.insert("Interaction", rows)
    mails = [key for n, key in enumerate(keys) if n % 7 == 0]
    sent = [{"Id": f"{key:012d}", "FromAddress": f"a{key}@example.com"} for key in mails[::2]]
    history.insert("EmailIn", sent)
    attachments = [
        {"Id": f"a{key:09d}{x}", "InteractionId": f"{key:012d}", "DocumentId": f"d{key:09d}"}
        for key in mails
        for x in range(key % 3)
    ]
    history.insert("Attachment", attachments)
    documents = [
        {
            "Id": f"d{key:09d}",
            "TheName": f"file {key}",
            "TheSize": key % 999,
            "Content": _bytes(key),
        }
        for key in mails
    ]
    history.insert("Document", documents)
    _fill_contacts(history, max(count // 10, 1))
    history.analyze()


def _bytes(key: int) -> bytes | None:
    return None if key % 11 == 0 else bytes(n % 251 for n in range(key % 999))


def _fill_contacts(history: History, count: int) -> None:
    contacts = [
        {"Id": f"c{n:06d}", "TenantId": 101, "CreatedDate": f"2024-01-{1 + n % 28:02d} 10:00:00"}
        for n in range(count)
    ]
    history.insert("Contact", contacts)
    attributes = [
        {
            "AttributeId": f"{n:06d}{x}",
            "ContactId": f"c{n:06d}",
            "AttributeName": ("Phone", "Phone", "EmailAddress")[x],
            "StrValue": f"value {n} {x}",
            "IsPrimary": int(x == 1),
        }
        for n in range(count)
        for x in range(n % 4)
    ]
    history.insert("ContactAttribute", attributes)
