"""Upgrades without stopping: what a store's schema is, and which processes use it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Process:
    """A service or worker that runs; `release` and `revision` are empty before they were told.

    `revision` is the newest one of the schema that it knows.
    """

    id: str
    release: str
    revision: str


@dataclass(frozen=True, kw_only=True)
class SchemaState:
    """Where a store stands between two releases, by the numbers of its schema's revisions."""

    #: What was run last, and the newest that this version knows.
    revision: str
    known: str
    #: The oldest that a process may know; empty: any.
    floor: str
    #: What is missing: can be run while older processes work, and what then waits for their end.
    expanding: tuple[str, ...]
    finishing: tuple[str, ...]
    #: The processes that run now.
    processes: tuple[Process, ...]

    @property
    def older(self) -> tuple[Process, ...]:
        """The processes that do not know all that this version does."""
        return tuple(one for one in self.processes if one.revision < self.known)
