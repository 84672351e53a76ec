"""Sources as an administrator sets them up on the host; nobody reaches this over the network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cxport.domain.audit import HOST, Act
from cxport.domain.catalogue import Entity, Family
from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said
from cxport.domain.source import StoredSource
from cxport.domain.table_set import TableSet
from cxport.domain.vault import SecretBox, dsn_purpose
from cxport.services.audit import Audit
from cxport.store import marks, sources
from cxport.store.database import Database

_NAME_LENGTH = 64

MOST_READERS = 64

#: With fewer a batch would make its connection wait longer than databases let it.
LEAST_ROWS_PER_SECOND = 100


class EntityFound(Protocol):
    """Whether a source holds an entity."""

    @property
    def entity(self) -> Entity:
        """The entity."""

    @property
    def present(self) -> bool:
        """Whether it is there."""


class Report(Protocol):
    """What a check of a source found, as far as jobs depend on it."""

    @property
    def entities(self) -> Sequence[EntityFound]:
        """Every entity that was looked for."""

    @property
    def table_sets(self) -> Sequence[TableSet]:
        """The table sets of a DataSync source."""

    @property
    def media(self) -> Sequence[str]:
        """The media type ids that a job may name."""


@dataclass(frozen=True, kw_only=True, repr=False)
class SourceDraft:
    """A source to be added: its DSN, or the environment variable that will hold it."""

    name: str
    family: Family = Family.UCS
    dsn: str = ""
    dsn_variable: str = ""
    mapping: str = ""
    max_readers: int = 2
    max_rows_per_second: int | None = None


class SourceSetup:
    """Adds, checks and removes sources; `by` is who does, for the record."""

    def __init__(
        self, db: Database, box: SecretBox, clock: Callable[[], datetime], audit: Audit
    ) -> None:
        self._db = db
        self._audit = audit
        self._box = box
        self._clock = clock

    def add(
        self,
        tenant_id: str,
        draft: SourceDraft,
        report: Report | None = None,
        *,
        by: str = HOST,
    ) -> StoredSource:
        """Keep a source, its DSN sealed; `report` is what its first check found.

        Raises InvalidInput where the name will not do or is taken.
        """
        _check(draft)
        sealed = b""
        if draft.dsn:
            sealed = self._box.seal(draft.dsn.encode(), dsn_purpose(tenant_id))
        with self._audit.by(tenant_id, by, Act.SOURCE_ADD, draft.name):
            return sources.add(
                self._db,
                tenant_id,
                name=draft.name,
                family=draft.family,
                sealed_dsn=sealed,
                dsn_variable=draft.dsn_variable,
                mapping=draft.mapping,
                entities=_present(report) if report else (),
                media=tuple(report.media) if report else (),
                table_sets=tuple(report.table_sets) if report else (),
                checked_at=self._clock() if report else None,
                max_readers=draft.max_readers,
                max_rows_per_second=draft.max_rows_per_second,
            )

    def checked(self, tenant_id: str, name: str, report: Report, *, by: str = HOST) -> None:
        """Keep what a check found; jobs are checked against it from now on."""
        source = sources.by_name(self._db, tenant_id, name)
        with self._audit.by(tenant_id, by, Act.SOURCE_CHECK, source.name):
            sources.update_checked(
                self._db,
                tenant_id,
                source.id,
                _present(report),
                tuple(report.media),
                self._clock(),
                tuple(report.table_sets),
            )

    def refreshed(self, tenant_id: str, name: str, report: Report) -> int:
        """Give a source's jobs the columns that its table sets have now; tell how many changed."""
        with self._audit.on_host(tenant_id, Act.SOURCE_REFRESH, name):
            return marks.refresh(self._db, tenant_id, name, report.table_sets)

    def limit(
        self,
        tenant_id: str,
        name: str,
        max_readers: int,
        max_rows_per_second: int | None,
        *,
        by: str = HOST,
    ) -> StoredSource:
        """Set how a source may be read, from its next run on; NotFound, InvalidInput."""
        _check_limits(max_readers, max_rows_per_second)
        source = sources.by_name(self._db, tenant_id, name)
        with self._audit.by(tenant_id, by, Act.SOURCE_LIMIT, source.name):
            sources.update_limits(self._db, tenant_id, source.id, max_readers, max_rows_per_second)
        return sources.get(self._db, tenant_id, source.id)

    def remove(self, tenant_id: str, name: str, *, by: str = HOST) -> None:
        """Forget a source, or raise NotFound; jobs that name it stay, and their runs will fail."""
        source = sources.by_name(self._db, tenant_id, name)
        with self._audit.by(tenant_id, by, Act.SOURCE_REMOVE, source.name):
            sources.remove(self._db, tenant_id, source.id)


def _present(report: Report) -> tuple[Entity, ...]:
    return tuple(found.entity for found in report.entities if found.present)


def _check_limits(max_readers: int, max_rows_per_second: int | None) -> None:
    if not 1 <= max_readers <= MOST_READERS:
        raise InvalidInput.at(
            "max_readers",
            Said("out of range"),
            Said("a whole number from 1 to {most_readers}", most_readers=MOST_READERS),
        )
    if max_rows_per_second is not None and max_rows_per_second < LEAST_ROWS_PER_SECOND:
        raise InvalidInput.at(
            "max_rows_per_second",
            Said("too few"),
            Said("{least_rows_per_second} or more", least_rows_per_second=LEAST_ROWS_PER_SECOND),
        )


def _check(draft: SourceDraft) -> None:
    _check_limits(draft.max_readers, draft.max_rows_per_second)
    name = draft.name
    if not name or name != name.strip() or not name.isprintable() or len(name) > _NAME_LENGTH:
        raise InvalidInput.at(
            "name",
            Said("not a name for a source"),
            Said(
                "1 to {name_length} printable characters, no space at either end",
                name_length=_NAME_LENGTH,
            ),
        )
    if bool(draft.dsn) == bool(draft.dsn_variable):
        raise InvalidInput.at(
            "dsn",
            Said("a source needs one"),
            Said("a DSN, or the environment variable that holds it"),
        )
