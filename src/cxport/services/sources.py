"""Sources: what there is to export, and how an administrator adds to it."""

from __future__ import annotations

from collections.abc import Sequence

from cxport.domain.access import Action, visible_families
from cxport.domain.catalogue import ENTITIES, DataType, Entity, Family
from cxport.domain.errors import InvalidInput, NotFound
from cxport.domain.run import Status
from cxport.domain.said import Said
from cxport.domain.source import StoredSource
from cxport.domain.tenant import Caller
from cxport.services.access import require, require_visible
from cxport.services.values import quoted
from cxport.store import sources
from cxport.store.database import Database


class Sources:
    """What a caller may ask about sources."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def list(self, caller: Caller) -> tuple[StoredSource, ...]:
        """Give the sources that the caller's roles show, by name."""
        require(caller, Action.CATALOGUE_READ)
        visible = visible_families(caller.roles)
        found = sources.list(self._db, caller.tenant_id)
        shown = (source for source in found if source.family in visible)
        return tuple(sorted(shown, key=lambda source: source.name.casefold()))

    def statuses(self, caller: Caller) -> tuple[Status, ...]:
        """Give the statuses that jobs and runs can have."""
        require(caller, Action.CATALOGUE_READ)
        return tuple(Status)

    def named(self, caller: Caller, name: str) -> tuple[StoredSource, ...]:
        """Give the one source of that name, if any; an empty name gives them all."""
        found = self.list(caller)
        return tuple(one for one in found if not name or one.name.casefold() == name.casefold())

    def entities(self, caller: Caller, names: Sequence[str]) -> tuple[Entity, ...]:
        """Give the entities of these names, in file order, or all for no name.

        Raises InvalidInput naming one that is unknown; case does not count.
        """
        require(caller, Action.CATALOGUE_READ)
        known = {entity.casefold(): entity for entity in Entity}
        for name in names:
            if name.casefold() not in known:
                raise InvalidInput.at(
                    "entities", Said("{name} is unknown", name=quoted(name)), ", ".join(Entity)
                )
        wanted = {known[name.casefold()] for name in names}
        return tuple(entity for entity in Entity if not wanted or entity in wanted)


def source_of_request(db: Database, caller: Caller, name: str) -> StoredSource:
    """Give the source that a job names, or raise InvalidInput naming those that it may."""
    visible = visible_families(caller.roles)
    try:
        found = sources.by_name(db, caller.tenant_id, name)
        require_visible(caller, found.family)
    except NotFound as error:
        names = (one.name for one in sources.list(db, caller.tenant_id) if one.family in visible)
        raise InvalidInput.at(
            "source",
            Said("no source is named {name}", name=quoted(name)),
            ", ".join(names) or Said("a source that an administrator has added"),
        ) from error
    return found


def data_types(source: StoredSource) -> tuple[str, ...]:
    """Give the types of which the source holds something; of tables, its table sets."""
    if source.family is Family.DATASYNC:
        return tuple(one.name for one in source.table_sets)
    return tuple(
        data_type
        for data_type, entities in ENTITIES.items()
        if any(entity in source.entities for entity in entities)
    )


def sub_types(source: StoredSource) -> tuple[tuple[Entity, bool], ...]:
    """Give the entities of an interaction, and whether the source holds each."""
    if source.family is not Family.UCS:
        return ()
    return tuple((one, one in source.entities) for one in ENTITIES[DataType.INTERACTION])
