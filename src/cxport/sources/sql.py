"""Builds the queries that all relational sources share."""

from __future__ import annotations

from dataclasses import replace

from cxport.domain.catalogue import Kind
from cxport.domain.selection import Key, Selection, Slice, Window
from cxport.sources.binding import (
    ATTACHMENT,
    ATTRIBUTE,
    BASE,
    DOCUMENT,
    OWN,
    Attachments,
    Attributes,
    Base,
    Relation,
    Value,
)
from cxport.sources.dialect import Dialect, Family, Sql, joined, sql
from cxport.sources.filter import conditions

NULL = Sql("NULL")


def both(*conditions: Sql | None) -> Sql:
    """Join conditions by AND, leaving out those that are None."""
    return joined(" AND ", [one for one in conditions if one]) if any(conditions) else Sql("1 = 1")


def where(*conditions: Sql | None) -> Sql:
    """Make a WHERE of conditions."""
    return sql("WHERE {}", both(*conditions))


def among(name: Sql, values: list[Sql]) -> Sql:
    """Tell that a column is one of some values."""
    return sql("{} IN ({})", name, joined(", ", values))


def in_window(dialect: Dialect, base: Base, selection: Selection) -> Sql | None:
    """Tell that a row's time, or that of its last change, lies in the selection's window."""
    if selection.window.everything:
        return None
    if selection.incremental:
        return _changed(dialect, base, selection.window)
    return between(dialect, base.window, selection.window)


def between(dialect: Dialect, time: Value, window: Window) -> Sql:
    """Tell that a time lies in a window."""
    name, ends = time.name(dialect), ((">=", window.start), ("<", window.end))
    return both(
        *(
            dialect.compare_time(name, time.column, time.encoding, sign, end)
            for sign, end in ends
            if end
        )
    )


def _changed(dialect: Dialect, base: Base, window: Window) -> Sql:
    """Tell that a row was changed in a window; its own time counts where it bears no change.

    A window without a start takes the rows that bear neither, too.
    """
    modified = between(dialect, base.modified, window)
    if dialect.typed and not base.modified.column.nullable:
        return modified
    times = [between(dialect, base.window, window)]
    times += [without(dialect, base.window)] if window.start is None else []
    return sql(
        "(({}) OR ({} AND ({})))", modified, without(dialect, base.modified), joined(" OR ", times)
    )


def without(dialect: Dialect, time: Value) -> Sql:
    """Tell that a row has no such time."""
    return dialect.undated(time.name(dialect), time.column, time.encoding)


def filters(dialect: Dialect, selection: Selection, relations: list[Relation]) -> Sql | None:
    """Tell that a row is of the entities given, of the selection's media, and meets its filters."""
    base = relations[0].base
    parts: list[Sql] = []
    if base.entity:
        text = base.entity.column.family is Family.TEXT
        codes = [dialect.bind(str(one.code) if text else one.code) for one in relations]
        parts.append(among(base.entity.name(dialect), codes))
    if base.media and selection.media:
        media = [dialect.bind(name) for name in selection.media]
        parts.append(among(base.media.name(dialect), media))
    if selection.filters:
        parts.append(meets(dialect, selection, relations))
    return both(*parts) if parts else None


def meets(dialect: Dialect, selection: Selection, relations: list[Relation]) -> Sql:
    """Tell that a row of one of the entities meets every filter as its entity has it."""
    each = [both(*conditions(dialect, selection.filters, one)) for one in relations]
    if len(set(each)) == 1:
        return each[0]
    whole = replace(selection, filters=(), media=())
    own = [
        both(filters(dialect, whole, [one]), met) for one, met in zip(relations, each, strict=True)
    ]
    return sql("({})", joined(" OR ", [sql("({})", one) for one in own]))


def in_slice(dialect: Dialect, base: Base, after: Key | None, upto: Key | None) -> Sql | None:
    """Tell that a row's key lies in `after < key <= upto`, as the database compares keys."""
    ends = ((">", after), ("<=", upto))
    parts = [
        sql(f"{{}} {sign} {{}}", base.key.name(dialect), dialect.bind_key(base.key.column, end))
        for sign, end in ends
        if end is not None
    ]
    return both(*parts) if parts else None


def selected(dialect: Dialect, selection: Selection, relation: Relation) -> Sql | None:
    """Tell that a row is one of a selection's entity."""
    conditions = (
        filters(dialect, selection, [relation]),
        in_window(dialect, relation.base, selection),
    )
    return both(*conditions) if any(conditions) else None


def values(dialect: Dialect, pairs: list[tuple[Value | None, Kind]]) -> Sql:
    """List columns; NULL where there is none."""
    return joined(", ", [one.select(dialect, kind) if one else NULL for one, kind in pairs])


def from_relation(dialect: Dialect, relation: Relation) -> Sql:
    """Name the tables of an entity; a row without a partner in its own table stays."""
    base = dialect.table(relation.base.table, BASE)
    if relation.own is None or relation.own_key is None:
        return base
    own = dialect.table(relation.own, OWN)
    keys = (relation.own_key.name(dialect), relation.base.key.name(dialect))
    return sql("{} LEFT JOIN {} ON {} = {}", base, own, *keys)


def records(dialect: Dialect, selection: Selection, relation: Relation, piece: Slice) -> Sql:
    """Read the records of a slice, ordered by their key."""
    pairs = list(zip(relation.values, (f.kind for f in relation.fields), strict=True))
    return sql(
        "SELECT {} FROM {} {} ORDER BY {}",
        values(dialect, [pair for pair in pairs if pair[1] is not Kind.LIST]),
        from_relation(dialect, relation),
        where(
            selected(dialect, selection, relation),
            in_slice(dialect, relation.base, piece.after, piece.upto),
        ),
        relation.base.key.name(dialect),
    )


def undated(dialect: Dialect, selection: Selection, relation: Relation, piece: Slice) -> Sql:
    """Read the keys of the rows that a window cannot place."""
    base = relation.base
    return sql(
        "SELECT {} FROM {} {} ORDER BY {}",
        base.key.select(dialect, Kind.TEXT),
        dialect.table(base.table, BASE),
        where(
            filters(dialect, selection, [relation]),
            without(dialect, base.window),
            without(dialect, base.modified) if selection.incremental else None,
            in_slice(dialect, base, piece.after, piece.upto),
        ),
        base.key.name(dialect),
    )


def attribute_rows(
    dialect: Dialect, selection: Selection, relation: Relation, one: Attributes, piece: Slice
) -> Sql:
    """Read the attributes of the contacts of a slice: the contact's key, then its values."""
    kinds = (Kind.TEXT, Kind.TEXT, Kind.BOOLEAN, Kind.TEXT, Kind.TEXT, Kind.TIME)
    base, name = relation.base, one.values[0]
    pairs = [(base.key, Kind.TEXT), *zip(one.values, kinds, strict=True), (one.date, Kind.TIME)]
    primary = one.values[2]
    order = [base.key.name(dialect)]
    order += [name.name(dialect)] if name else []
    order += [sql("{} DESC", primary.name(dialect))] if primary else []
    order += [one.key.name(dialect)]
    return sql(
        "SELECT {} FROM {} JOIN {} ON {} = {} {} ORDER BY {}",
        values(dialect, pairs),
        dialect.table(one.table, ATTRIBUTE),
        dialect.table(base.table, BASE),
        base.key.name(dialect),
        one.contact.name(dialect),
        where(
            selected(dialect, selection, relation),
            in_slice(dialect, base, piece.after, piece.upto),
        ),
        joined(", ", order),
    )


def from_attachments(dialect: Dialect, base: Base, one: Attachments) -> Sql:
    """Name the tables of attachments, joined to their interactions."""
    joined_base = sql(
        "{} JOIN {} ON {} = {}",
        dialect.table(one.table, ATTACHMENT),
        dialect.table(base.table, BASE),
        base.key.name(dialect),
        one.interaction.name(dialect),
    )
    if one.document is None or one.document_key is None or one.link is None:
        return joined_base
    document = dialect.table(one.document, DOCUMENT)
    keys = (one.document_key.name(dialect), one.link.name(dialect))
    return sql("{} LEFT JOIN {} ON {} = {}", joined_base, document, *keys)


def in_attachment_slice(dialect: Dialect, base: Base, one: Attachments, piece: Slice) -> Sql | None:
    """Tell that an attachment lies in a slice, which may begin between two of one interaction."""
    if piece.after is None or piece.after_attachment is None:
        return in_slice(dialect, base, piece.after, piece.upto)
    key = base.key.name(dialect)
    after = dialect.bind_key(base.key.column, piece.after)
    own = dialect.bind_key(one.key.column, piece.after_attachment)
    return both(
        # the first condition alone says nothing new, but an index can begin where it says
        sql("{} >= {}", key, after),
        sql("({} > {} OR {} > {})", key, after, one.key.name(dialect), own),
        in_slice(dialect, base, None, piece.upto),
    )
