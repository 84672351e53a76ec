"""How the check of a source of tables is shown."""

from typing import TYPE_CHECKING

from cxport.cli.output import note, print_table

if TYPE_CHECKING:
    from cxport.sources.base import SourceReport, TableReport


def table_document(one: "TableReport") -> dict[str, object]:
    """Describe a table for a program."""
    mark = one.table.mark
    return {
        "set": one.table_set,
        "table": one.table.name,
        "rows": one.rows,
        "estimated": one.estimated,
        "key": one.table.key,
        "mark": mark.column if mark else "",
        "mark_kind": mark.kind.value if mark else "",
        "deleted": one.table.deleted,
        "columns": [column.name for column in one.table.columns],
        "masked": [column.name for column in one.table.columns if column.mask],
        "beyond": list(one.beyond),
    }


def print_tables(report: "SourceReport") -> None:
    """Show the tables, and name the columns that no job of theirs exports."""
    print_table(
        ("set", "table", "rows", "key", "mark", "columns", "masked"),
        [
            (
                one.table_set,
                one.table.name,
                f"about {one.rows}" if one.estimated else one.rows,
                one.table.key,
                f"{one.table.mark.column} ({one.table.mark.kind})" if one.table.mark else "none",
                len(one.table.columns),
                sum(column.mask is not None for column in one.table.columns),
            )
            for one in report.tables
        ],
    )
    for one in report.tables:
        if one.beyond:
            note(f"{one.table.name}: not exported are {', '.join(one.beyond)}")
