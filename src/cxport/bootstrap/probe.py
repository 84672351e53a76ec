"""How services reach source databases: they know what is allowed, this knows how it is done."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from cxport import sources
from cxport.config import Settings
from cxport.domain.catalogue import DataType
from cxport.domain.places import AllowedPlaces, Place
from cxport.domain.source import StoredSource
from cxport.domain.vault import SecretBox
from cxport.engine.resources import source_settings
from cxport.services.source_administration import Sample
from cxport.services.source_setup import SourceDraft
from cxport.sources.base import SourceReport, SourceSettings
from cxport.sources.dsn import dsn_without_links, place_of
from cxport.store.database import Database

_POSTGRESQL_PORT = 5432


class Probe:
    """Connects to sources from this process."""

    def __init__(self, db: Database, box: SecretBox) -> None:
        self._db = db
        self._box = box

    def place(self, draft: SourceDraft) -> Place:
        """Tell where a DSN leads; InvalidInput where it or the mapping cannot be understood."""
        place = place_of(draft.dsn)
        settings = SourceSettings(dsn=draft.dsn, mapping=draft.mapping, family=draft.family)
        sources.connect(settings)
        return place

    def file_dsn(self, file: Path) -> str:
        """Give the DSN of a file that no link may ever lead away from."""
        return dsn_without_links(file)

    def check(self, source: StoredSource) -> tuple[SourceReport, Sequence[Sample]]:
        """Compare a source with its mapping; a record of each kind where nothing is missing."""
        found = sources.connect(source_settings(self._db, source, self._box, os.environ))
        report = found.check()
        if report.missing:
            return report, []
        names = [one.name for one in report.table_sets] or list(DataType)
        return report, [one for name in names for one in found.sample(name)]


def allowed_places(settings: Settings) -> AllowedPlaces:
    """Give where sources may lie; our own folder and database never."""
    url = urlsplit(settings.database.get_secret_value())
    own = Place(host=url.hostname or "", port=url.port or _POSTGRESQL_PORT, database=url.path[1:])
    return AllowedPlaces(
        hosts=_words(settings.source_hosts),
        folders=tuple(Path(one) for one in _words(settings.source_folders)),
        own_folder=settings.data,
        own_database=own if url.scheme else None,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for one in text.split(",") if (word := one.strip()))
