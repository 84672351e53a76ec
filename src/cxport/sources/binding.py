"""Binds a mapping to what a database really has, and names what is missing."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass

from cxport.domain.catalogue import (
    ATTACHMENT_FIELDS,
    CONTACT_ATTRIBUTE_FIELDS,
    OPTIONAL_INTERACTION_FIELDS,
    DataType,
    Entity,
    Field,
    Kind,
    entity_fields,
)
from cxport.domain.errors import MappingMismatch, SourceRefused
from cxport.domain.said import Said
from cxport.sources.dialect import Connection, DbColumn, DbTable, Dialect, Sql
from cxport.sources.mapping import (
    CONTENT,
    DATE_VALUE,
    AttachmentMap,
    AttributeMap,
    BaseMap,
    Column,
    EntityMap,
    Mapping,
    TableMap,
)
from cxport.sources.values import Converter

_OPTIONAL = frozenset(field.name for field in OPTIONAL_INTERACTION_FIELDS)

#: Aliases of the tables in every query: base, the entity's own, attachment, document, attribute.
BASE, OWN, ATTACHMENT, DOCUMENT, ATTRIBUTE = "b", "o", "a", "d", "v"


@dataclass(frozen=True, kw_only=True)
class Value:
    """A column as a query reads it."""

    alias: str
    column: DbColumn
    encoding: str = ""

    def name(self, dialect: Dialect) -> Sql:
        """Name it in SQL."""
        return dialect.column(self.alias, self.column)

    def select(self, dialect: Dialect, kind: Kind) -> Sql:
        """Select it as a kind."""
        return dialect.select(self.name(dialect), kind, self.column)

    def converter(self, dialect: Dialect, field: Field, table: str) -> Converter | None:
        """Give what makes its values fit a field."""
        label = f"{table}.{self.column.name} ({field.name})"
        return dialect.converter(field.kind, self.column, self.encoding, label)


@dataclass(frozen=True, kw_only=True)
class Base:
    """The table whose rows a selection picks."""

    data_type: DataType
    table: DbTable
    key: Value
    window: Value
    modified: Value
    entity: Value | None
    media: Value | None


@dataclass(frozen=True, kw_only=True)
class Relation:
    """How the records of an entity are read; `values` stand beside `fields`, None = null."""

    entity: Entity
    base: Base
    code: int | None
    own: DbTable | None
    own_key: Value | None
    fields: tuple[Field, ...]
    values: tuple[Value | None, ...]


@dataclass(frozen=True, kw_only=True)
class Attachments:
    """How attachments are read."""

    table: DbTable
    key: Value
    interaction: Value
    document: DbTable | None
    document_key: Value | None
    link: Value | None
    values: tuple[Value | None, ...]
    size: Value | None
    content: Value | None


@dataclass(frozen=True, kw_only=True)
class Attributes:
    """How the attributes of contacts are read."""

    table: DbTable
    key: Value
    contact: Value
    values: tuple[Value | None, ...]
    date: Value | None


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A mapping, bound to a database that has all it names."""

    mapping: Mapping
    relations: Dictionary[Entity, Relation]
    attachments: Attachments | None
    attributes: Attributes | None
    missing: tuple[str, ...] = ()

    def base(self, data_type: str) -> Base | None:
        """Give the base of a data type, where the source holds it."""
        bases = (relation.base for relation in self.relations.values())
        return next((base for base in bases if base.data_type == data_type), None)


def bind(connection: Connection, mapping: Mapping) -> Binding:
    """Bind a mapping; raises MappingMismatch naming all that is missing, or SourceRefused."""
    binding = inspect(connection, mapping)
    if binding.missing:
        raise MappingMismatch(binding.missing)
    return binding


def inspect(connection: Connection, mapping: Mapping) -> Binding:
    """Bind a mapping as far as the database allows: `missing` names the rest."""
    tables = connection.describe(mapping.schema, _table_names(mapping))
    return _Binder(connection.dialect, mapping, tables).binding()


def _table_names(mapping: Mapping) -> list[str]:
    attachments, own = mapping.attachments, [m.own for m in mapping.entities.values()]
    maps: list[TableMap | None] = [mapping.interaction, *own, attachments]
    maps += [attachments.document if attachments else None, mapping.contact, mapping.attributes]
    return sorted({one.table for one in maps if one})


class _Binder:
    def __init__(
        self, dialect: Dialect, mapping: Mapping, tables: Dictionary[str, DbTable]
    ) -> None:
        self._dialect = dialect
        self._mapping = mapping
        self._tables = tables
        self._missing = [name for name in _table_names(mapping) if name not in tables]

    def binding(self) -> Binding:
        mapping = self._mapping
        relations = {**self._interactions(), **self._contacts()}
        attachments = self._attachments(mapping.attachments) if mapping.attachments else None
        attributes = self._attributes(mapping.attributes) if mapping.attributes else None
        return Binding(
            mapping=mapping,
            relations=relations,
            attachments=attachments,
            attributes=attributes,
            missing=tuple(dict.fromkeys(self._missing)),
        )

    def _column(self, table: DbTable, alias: str, column: Column) -> Value | None:
        found = table.find(column.name)
        if found is None:
            if not column.optional:
                self._missing.append(f"{table.name}.{column.name}")
            return None
        if not found.readable:
            raise SourceRefused(
                Said(
                    "the user has no right to read {table}.{column}",
                    table=table.name,
                    column=found.name,
                )
            )
        return Value(alias=alias, column=found, encoding=column.encoding)

    def _named(self, table: DbTable, alias: str, name: str) -> Value | None:
        return self._column(table, alias, Column(name=name))

    def _time(self, table: DbTable, one: BaseMap, name: str) -> Value | None:
        """Bind a column that windows compare, with the encoding that its field names."""
        same = (c for c in one.columns.values() if c.name == name and c.encoding)
        value = self._column(table, BASE, next(same, Column(name=name)))
        return self._as_time(table, value) if value else None

    def _as_time(self, table: DbTable, value: Value) -> Value | None:
        if self._dialect.holds_time(value.column):
            return value
        name = f"{table.name}.{value.column.name}"
        self._missing.append(
            Said("{name} as a time (it is {type})", name=name, type=value.column.type)
        )
        return None

    def _base(self, one: BaseMap, data_type: DataType) -> Base | None:
        table = self._tables.get(one.table)
        if table is None:
            return None
        key = self._named(table, BASE, one.key)
        window = self._time(table, one, one.window)
        modified = self._time(table, one, one.modified)
        entity = self._named(table, BASE, one.entity) if one.entity else None
        media = self._named(table, BASE, one.media) if one.media else None
        if not (key and window and modified):
            return None
        return Base(
            data_type=data_type,
            table=table,
            key=key,
            window=window,
            modified=modified,
            entity=entity,
            media=media,
        )

    def _interactions(self) -> dict[Entity, Relation]:
        one = self._mapping.interaction
        base = self._base(one, DataType.INTERACTION) if one else None
        if one is None or base is None:
            return {}
        found = self._fields(base.table, BASE, one.columns)
        return {
            entity: relation
            for entity, entity_map in self._mapping.entities.items()
            if (relation := self._relation(entity, entity_map, base, found))
        }

    def _relation(
        self, entity: Entity, one: EntityMap, base: Base, found: dict[str, Value]
    ) -> Relation | None:
        own = self._tables.get(one.own.table) if one.own else None
        own_key = self._named(own, OWN, one.own.key) if own and one.own else None
        if one.own and (own is None or own_key is None):
            return None
        added = self._fields(own, OWN, one.own.columns) if own and one.own else {}
        fields, values = self._row(entity, base, {**found, **added})
        return Relation(
            entity=entity,
            base=base,
            code=one.code,
            own=own,
            own_key=own_key,
            fields=fields,
            values=values,
        )

    def _contacts(self) -> dict[Entity, Relation]:
        one = self._mapping.contact
        base = self._base(one, DataType.CONTACT) if one else None
        if one is None or base is None:
            return {}
        found = self._fields(base.table, BASE, one.columns)
        fields, values = self._row(Entity.CONTACT, base, found)
        relation = Relation(
            entity=Entity.CONTACT,
            base=base,
            code=None,
            own=None,
            own_key=None,
            fields=fields,
            values=values,
        )
        return {Entity.CONTACT: relation}

    @staticmethod
    def _row(
        entity: Entity, base: Base, found: dict[str, Value]
    ) -> tuple[tuple[Field, ...], tuple[Value | None, ...]]:
        """Order the values as the catalogue does; its first field is always the key."""
        fields = tuple(f for f in entity_fields(entity) if f.name in found or not _left_out(f))
        values = (base.key, *(found.get(field.name) for field in fields[1:]))
        return fields, values

    def _fields(self, table: DbTable, alias: str, columns: dict[str, Column]) -> dict[str, Value]:
        kinds = {field.name: field.kind for entity in Entity for field in entity_fields(entity)}
        return self._columns(table, alias, columns, kinds)

    def _columns(
        self,
        table: DbTable,
        alias: str,
        columns: dict[str, Column],
        kinds: dict[str, Kind],
    ) -> dict[str, Value]:
        """Bind the columns of fields that the table has; note those that it should have."""
        found: dict[str, Value] = {}
        for name, column in columns.items():
            optional = column.optional or name in _OPTIONAL
            given = Column(name=column.name, encoding=column.encoding, optional=optional)
            value = self._column(table, alias, given)
            if value and kinds.get(name) is Kind.TIME:
                value = self._as_time(table, value)
            if value:
                found[name] = value
        return found

    def _attachments(self, one: AttachmentMap) -> Attachments | None:
        table = self._tables.get(one.table)
        document = self._tables.get(one.document.table) if one.document else None
        if table is None or (one.document and document is None):
            return None
        kinds = {field.name: field.kind for field in ATTACHMENT_FIELDS}
        found = self._columns(table, ATTACHMENT, one.columns, kinds)
        document_key = link = None
        if document and one.document:
            found |= self._columns(document, DOCUMENT, one.document.columns, kinds)
            document_key = self._named(document, DOCUMENT, one.document.key)
            link = self._named(table, ATTACHMENT, one.link)
        key = self._named(table, ATTACHMENT, one.key)
        interaction = self._named(table, ATTACHMENT, one.interaction)
        if not (key and interaction) or (document and not (document_key and link)):
            return None
        found = {"id": key, "entityid": interaction, **found}
        return Attachments(
            table=table,
            key=key,
            interaction=interaction,
            document=document,
            document_key=document_key,
            link=link,
            values=tuple(found.get(field.name) for field in ATTACHMENT_FIELDS),
            size=found.get("size"),
            content=found.get(CONTENT),
        )

    def _attributes(self, one: AttributeMap) -> Attributes | None:
        table = self._tables.get(one.table)
        if table is None:
            return None
        kinds = {field.name: field.kind for field in CONTACT_ATTRIBUTE_FIELDS}
        found = self._columns(table, ATTRIBUTE, one.columns, {**kinds, DATE_VALUE: Kind.TIME})
        key = self._named(table, ATTRIBUTE, one.key)
        contact = self._named(table, ATTRIBUTE, one.contact)
        if not (key and contact):
            return None
        return Attributes(
            table=table,
            key=key,
            contact=contact,
            values=tuple(found.get(field.name) for field in CONTACT_ATTRIBUTE_FIELDS),
            date=found.get(DATE_VALUE),
        )


def _left_out(field: Field) -> bool:
    return field.name in _OPTIONAL
