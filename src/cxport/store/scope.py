"""A transaction within one tenant: whatever it reads and writes is that tenant's.

No statement can be built here without the tenant's id in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Table,
    and_,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from cxport.domain.errors import InvalidInput, NotFound
from cxport.domain.said import Said
from cxport.store.database import Database
from cxport.store.tables import tenants


class Scope:
    """The statements of one transaction, each bound to the tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def of(self, table: FromClause, **key: object) -> ColumnElement[bool]:
        """Give the condition for the tenant's rows of a table, further for those of a key."""
        bound = [table.c.tenant_id == self._tenant_id]
        return and_(*bound, *(table.c[name] == value for name, value in key.items()))

    def select(self, table: Table, **key: object) -> Select[Any]:
        """Select the tenant's rows."""
        return select(table).where(self.of(table, **key))

    def all(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        """Read every row of a statement."""
        return self._connection.execute(statement).all()

    def first(self, statement: Select[Any]) -> Row[Any] | None:
        """Read the first row of a statement."""
        return self._connection.execute(statement).first()

    def walk_indexes(self, *, wanted: bool) -> None:
        """Let no whole table be read from here on where an index holds what is asked for.

        PostgreSQL takes walking an index that is in memory for as dear as reading it from a disk,
        and so reads tables that are several times as large.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text(f"SET LOCAL enable_seqscan = {not wanted}"))

    def get(self, table: Table, **key: object) -> Row[Any]:
        """Read the row of a key; NotFound where the tenant has none."""
        row = self.first(self.select(table, **key))
        if row is None:
            raise NotFound
        return row

    def tenant(self) -> Row[Any]:
        """Read the tenant's own row, or raise NotFound."""
        row = self.first(select(tenants).where(tenants.c.id == self._tenant_id))
        if row is None:
            raise NotFound
        return row

    def insert(self, table: Table, *rows: Mapping[str, object]) -> None:
        """Add rows; they hold the same columns."""
        owned = [{**row, "tenant_id": self._tenant_id} for row in rows]
        if owned:
            self._connection.execute(insert(table), owned)

    def ensure(self, table: Table, row: Mapping[str, object]) -> None:
        """Add a row unless one of its key is there, whoever adds it at the same moment."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        added = dialect.insert(table).values({**row, "tenant_id": self._tenant_id})
        self._connection.execute(added.on_conflict_do_nothing())

    def update(self, table: Table, values: Mapping[str, object], **key: object) -> int:
        """Change the rows of a key and tell how many there were."""
        found = self._connection.execute(update(table).where(self.of(table, **key)).values(values))
        return found.rowcount

    def delete(self, table: Table, *conditions: ColumnElement[bool], **key: object) -> int:
        """Remove the rows of a key and tell how many there were."""
        bound = (self.of(table, **key), *conditions)
        return self._connection.execute(delete(table).where(*bound)).rowcount

    def hold(self) -> None:
        """Take the tenant's row lock until the transaction ends; NotFound without a tenant.

        What is added under it is added one after the other.
        """
        lock = select(tenants.c.id).where(tenants.c.id == self._tenant_id)
        if self.first(lock.with_for_update(key_share=True)) is None:
            raise NotFound

    def take(self, counter: Column[int], count: int = 1) -> int:
        """Take numbers from one of the tenant's counters and give the first.

        The tenant's row stays locked until the transaction ends, so numbers become visible in
        their order. NotFound without a tenant.
        """
        raised = (
            update(tenants)
            .where(tenants.c.id == self._tenant_id)
            .values({counter: counter + count})
            .returning(counter)
        )
        last: int | None = self._connection.execute(raised).scalar()
        if last is None:
            raise NotFound
        return last - count + 1


@contextmanager
def reading(db: Database, tenant_id: str) -> Iterator[Scope]:
    """Begin a transaction that reads what a tenant has."""
    with db.read() as connection:
        yield Scope(connection, tenant_id)


@contextmanager
def writing(db: Database, tenant_id: str) -> Iterator[Scope]:
    """Begin a transaction that writes what a tenant has."""
    with db.write() as connection:
        yield Scope(connection, tenant_id)


@contextmanager
def taken(field: str, message: Said) -> Iterator[None]:
    """Raise InvalidInput where the one statement inside meets a unique constraint."""
    try:
        yield
    except IntegrityError:
        raise InvalidInput(field, message) from None
