"""`source`: the databases that can be exported."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxport.cli.exit_codes import ExitCode
from cxport.cli.output import Json, note, print_json, print_pairs, print_table, say, time_text
from cxport.cli.settings import Data, TenantName, installation
from cxport.cli.stop import Stop
from cxport.cli.table_report import print_tables, table_document
from cxport.domain.catalogue import Family, Field

if TYPE_CHECKING:
    from cxport.bootstrap import Sample
    from cxport.sources.base import SourceReport

app = typer.Typer(help="Sources: the databases that can be exported.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The source's name.")]
#: Characters of a sample line that are shown.
_LINE = 400
_KINDS = {family.value.casefold(): family for family in Family}


_READERS = typer.Option(min=1, max=64, help="Connections that a run may use at once.")
_RowsPerSecond = Annotated[
    int | None,
    typer.Option(
        min=0, help="Rows that each worker may read in a second, over all runs; 0: any number."
    ),
]


@app.command()
def add(
    *,
    name: _Name,
    dsn: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="postgresql://, mariadb://, mysql:// or sqlite:///; kept encrypted.",
        ),
    ] = "",
    dsn_env: Annotated[
        str,
        typer.Option(
            metavar="VAR", help="Variable of the worker that holds the DSN; it is not kept."
        ),
    ] = "",
    kind: Annotated[str, typer.Option(help="ucs: contact history; datasync: any tables.")] = "ucs",
    mapping: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Tables and columns (TOML); ucs: else those of UCS 8.5.",
        ),
    ] = None,
    tenant: TenantName = "default",
    max_readers: Annotated[int, _READERS] = 2,
    max_rows_per_second: _RowsPerSecond = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add a database; check it afterwards with `cxport source check NAME`."""
    from cxport.bootstrap import add_source

    if bool(dsn) == bool(dsn_env):
        raise Stop("give either --dsn or --dsn-env", code=ExitCode.USAGE)
    with installation(data) as opened:
        made = add_source(
            opened,
            tenant,
            name,
            family=_family(kind),
            dsn=dsn,
            dsn_variable=dsn_env,
            mapping=_text_of(mapping) if mapping else "",
            max_readers=max_readers,
            max_rows_per_second=max_rows_per_second or None,
        )
    if as_json:
        print_json({"name": made.name, "tenant": tenant, "kind": made.family.value})
    else:
        say(f"Added the source {made.name}. Next: cxport source check {made.name}")


@app.command("set")
def set_limits(
    *,
    name: _Name,
    max_readers: Annotated[int | None, _READERS] = None,
    max_rows_per_second: _RowsPerSecond = None,
    tenant: TenantName = "default",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set how a source may be read, from its next run on; what is not given stays."""
    from cxport.bootstrap import limit_source

    with installation(data) as opened:
        found = limit_source(
            opened,
            tenant,
            name,
            max_readers=max_readers,
            max_rows_per_second=max_rows_per_second,
        )
    limits = {"readers": found.max_readers, "rows_per_second": found.max_rows_per_second}
    if as_json:
        print_json({"name": found.name, "tenant": tenant, **limits})
    else:
        rows = found.max_rows_per_second
        print_pairs({"readers": found.max_readers, "rows per second": rows or "any number"})


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise Stop(f"{file} is not UTF-8 text", code=ExitCode.USAGE) from None


def _family(kind: str) -> Family:
    found = _KINDS.get(kind.casefold())
    if found is None:
        raise Stop(
            f"unknown kind {kind!r}", hint=f"it takes {', '.join(_KINDS)}", code=ExitCode.USAGE
        )
    return found


@app.command("list")
def list_sources(
    *, tenant: TenantName = "default", data: Data = None, as_json: Json = False
) -> None:
    """List a tenant's sources; how they are reached is not shown."""
    from cxport.bootstrap import list_sources as listed

    with installation(data) as opened:
        found = [
            {
                "name": one.name,
                "kind": one.family.value,
                "entities": [entity.value for entity in one.entities]
                or [each.name for each in one.table_sets],
                "max_readers": one.max_readers,
                "max_rows_per_second": one.max_rows_per_second,
                "checked_at": one.checked_at.isoformat() if one.checked_at else None,
            }
            for one in listed(opened, tenant)
        ]
    if as_json:
        print_json({"sources": found})
        return
    for one in found:
        one["checked_at"] = time_text(str(one["checked_at"] or ""))
    print_table(
        ("source", "kind", "entities", "readers", "rows/s", "checked"),
        [tuple(one.values()) for one in found],
    )


@app.command()
def remove(
    *, name: _Name, tenant: TenantName = "default", data: Data = None, as_json: Json = False
) -> None:
    """Forget a source; what was exported from it stays."""
    from cxport.bootstrap import remove_source

    with installation(data) as opened:
        remove_source(opened, tenant, name)
    if as_json:
        print_json({"removed": name, "tenant": tenant})
    else:
        say(f"Removed the source {name}")


@app.command()
def check(
    *, name: _Name, tenant: TenantName = "default", data: Data = None, as_json: Json = False
) -> None:
    """Connect to a source and say what it holds, what is missing, and show a sample line."""
    from cxport.bootstrap import check_source

    with installation(data) as opened:
        report, samples = check_source(opened, tenant, name)
    if as_json:
        print_json(_document(name, report, samples))
    else:
        _print(report, samples)
    _stop_where_missing(report)


@app.command()
def refresh(
    *, name: _Name, tenant: TenantName = "default", data: Data = None, as_json: Json = False
) -> None:
    """Let the jobs of a source of tables take up its columns and mapping as they are now."""
    from cxport.bootstrap import refresh_source

    with installation(data) as opened:
        report, changed = refresh_source(opened, tenant, name)
    _stop_where_missing(report)
    if as_json:
        print_json({"name": name, "tenant": tenant, "jobs": changed})
    else:
        print_tables(report)
        say(f"Refreshed {changed} job{'' if changed == 1 else 's'} of the source {name}")


def _stop_where_missing(report: "SourceReport") -> None:
    if report.missing:
        raise Stop(
            f"the database lacks what the mapping names: {', '.join(report.missing)}",
            hint="give a mapping that fits: cxport source add ... --mapping FILE",
        )


def _document(name: str, report: "SourceReport", samples: "Sequence[Sample]") -> dict[str, object]:
    return {
        "name": name,
        "product": report.product,
        "entities": [
            {
                "entity": one.entity.value,
                "present": one.present,
                "rows": one.rows,
                "oldest": one.oldest,
                "newest": one.newest,
            }
            for one in report.entities
        ],
        "media": list(report.media),
        "tables": [table_document(one) for one in report.tables],
        "missing": list(report.missing),
        "warnings": list(report.warnings),
        "samples": [
            {"entity": str(entity), "record": _record(fields, row)}
            for entity, fields, row in samples
        ],
    }


def _record(fields: tuple[Field, ...], row: tuple[object, ...]) -> dict[str, object]:
    """Show a record; bytes only by their number."""
    return {
        field.name: f"<{len(value)} bytes>" if isinstance(value, bytes) else value
        for field, value in zip(fields, row, strict=True)
    }


def _print(report: "SourceReport", samples: "Sequence[Sample]") -> None:
    if report.tables:
        print_pairs({"database": report.product})
        print_tables(report)
    else:
        print_pairs({"database": report.product, "media": ", ".join(report.media)})
        _print_entities(report)
    for entity, fields, row in samples:
        line = json.dumps(_record(fields, row), ensure_ascii=False, default=str)
        shown = line if len(line) <= _LINE else f"{line[:_LINE]}..."
        say(f"{entity}: {shown}")
    for warning in report.warnings:
        note(f"warning: {warning}")


def _print_entities(report: "SourceReport") -> None:
    print_table(
        ("entity", "rows", "oldest", "newest"),
        [
            (one.entity.value, one.rows if one.present else "absent", one.oldest, one.newest)
            for one in report.entities
        ],
    )
