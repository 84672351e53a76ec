"""A tenant's sources as its administrator sees them over the network: within what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cxport.domain.access import Action
from cxport.domain.catalogue import Field
from cxport.domain.errors import InvalidInput, SourceError, SourceRefused, WrongState
from cxport.domain.places import AllowedPlaces, Place
from cxport.domain.said import Said
from cxport.domain.source import StoredSource
from cxport.domain.table_set import Table
from cxport.domain.tenant import Caller
from cxport.services.access import require
from cxport.services.source_setup import EntityFound, Report, SourceDraft, SourceSetup
from cxport.store import sources
from cxport.store.database import Database

#: One record of an entity or table, with its fields.
Sample = tuple[str, tuple[Field, ...], tuple[object, ...]]


class EntityCounted(EntityFound, Protocol):
    """What a source holds of an entity."""

    @property
    def rows(self) -> int:
        """How many rows there are."""

    @property
    def estimated(self) -> bool:
        """Whether that is an estimate."""

    @property
    def oldest(self) -> str:
        """The time of the oldest in ISO 8601, or empty."""

    @property
    def newest(self) -> str:
        """The time of the newest in ISO 8601, or empty."""


class TableCounted(Protocol):
    """What a source holds of a table."""

    @property
    def table(self) -> Table:
        """The table."""

    @property
    def rows(self) -> int:
        """How many rows there are."""

    @property
    def estimated(self) -> bool:
        """Whether that is an estimate."""


class Checked(Report, Protocol):
    """What a check found."""

    @property
    def entities(self) -> Sequence[EntityCounted]:
        """Every entity that was looked for."""

    @property
    def tables(self) -> Sequence[TableCounted]:
        """The tables of a DataSync source."""

    @property
    def product(self) -> str:
        """The database's product."""

    @property
    def missing(self) -> Sequence[str]:
        """What the mapping names and the database lacks."""

    @property
    def warnings(self) -> Sequence[str]:
        """What will be slow or odd."""


class SourceProbe(Protocol):
    """Reaches databases; bootstrap knows how."""

    def place(self, draft: SourceDraft) -> Place:
        """Tell where a draft's DSN leads; InvalidInput where it or the mapping cannot be used."""

    def file_dsn(self, file: Path) -> str:
        """Give the DSN of a file that no link may ever lead away from; the path holds none."""

    def check(self, source: StoredSource) -> tuple[Checked, Sequence[Sample]]:
        """Connect and look, giving a record of each kind; raises SourceError."""


@dataclass(frozen=True, kw_only=True)
class Masked:
    """A record of which nothing can be read: each value is told by its kind and length."""

    name: str
    values: dict[str, str | None]


class SourceAdministration:
    """Lists, adds, checks and removes sources; every method raises NotAllowed for other roles."""

    def __init__(
        self, db: Database, setup: SourceSetup, probe: SourceProbe | None, allowed: AllowedPlaces
    ) -> None:
        self._db = db
        self._setup = setup
        self._probe = probe
        self._allowed = allowed

    def list(self, caller: Caller) -> tuple[StoredSource, ...]:
        """Give the sources, by name; how they are reached is not shown."""
        require(caller, Action.SOURCE_READ)
        return sources.list(self._db, caller.tenant_id)

    def add(self, caller: Caller, draft: SourceDraft) -> StoredSource:
        """Add a source that lies where the operator allows; it is not connected to yet.

        A file is kept by its path without links, and is not read where one takes its place.
        Raises InvalidInput naming what is wrong with name, DSN or mapping; the environment's
        variables are the host's business.
        """
        require(caller, Action.SOURCE_CHANGE)
        if draft.dsn_variable or not draft.dsn:
            raise InvalidInput.at("dsn", Said("a source needs one"), Said("a DSN"))
        place = self._allowed.check(self._reached().place(draft))
        if place.file is not None:
            draft = replace(draft, dsn=self._reached().file_dsn(place.file))
        return self._setup.add(caller.tenant_id, draft, by=caller.subject)

    def check(self, caller: Caller, name: str) -> tuple[Checked, tuple[Masked, ...]]:
        """Connect to a source, keep what is found, and show a masked record of each kind.

        Where something is missing nothing is kept. Raises NotFound, and WrongState where the
        database does not answer or refuses.
        """
        require(caller, Action.SOURCE_CHECK)
        source = sources.by_name(self._db, caller.tenant_id, name)
        try:
            report, samples = self._reached().check(source)
        except SourceError as error:
            state = "refused" if isinstance(error, SourceRefused) else "unreachable"
            raise WrongState(error.said, state) from None
        if not report.missing:
            self._setup.checked(caller.tenant_id, name, report, by=caller.subject)
        return report, tuple(_masked(sample) for sample in samples)

    def places(self, caller: Caller) -> AllowedPlaces:
        """Tell where a source may lie that is added; empty means that none can be."""
        require(caller, Action.SOURCE_READ)
        return self._allowed

    def limit(
        self, caller: Caller, name: str, max_readers: int, max_rows_per_second: int | None
    ) -> StoredSource:
        """Set how a source may be read, from its next run on; NotFound, InvalidInput."""
        require(caller, Action.SOURCE_CHANGE)
        return self._setup.limit(
            caller.tenant_id, name, max_readers, max_rows_per_second, by=caller.subject
        )

    def remove(self, caller: Caller, name: str) -> None:
        """Forget a source, or raise NotFound; jobs that name it stay, and their runs will fail."""
        require(caller, Action.SOURCE_CHANGE)
        self._setup.remove(caller.tenant_id, name, by=caller.subject)

    def _reached(self) -> SourceProbe:
        if self._probe is None:
            raise WrongState(Said("this process reaches no databases"), "unreachable")
        return self._probe


def _masked(sample: Sample) -> Masked:
    name, fields, row = sample
    values = {field.name: _kind(value) for field, value in zip(fields, row, strict=True)}
    return Masked(name=str(name), values=values)


def _kind(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str | bytes):
        return f"{'text' if isinstance(value, str) else 'bytes'}, {len(value)}"
    return "time" if isinstance(value, datetime) else "number"
