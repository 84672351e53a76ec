"""Run by Alembic: the connection, its transaction and its lock are the caller's."""

from __future__ import annotations

from alembic import context

from cxport.store.listed import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
