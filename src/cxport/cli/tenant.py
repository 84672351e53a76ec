"""`tenant`: contact centres, each with keys, clients and users of its own."""

from dataclasses import asdict, replace
from typing import Annotated

import typer

from cxport.cli.output import Json, print_json, print_pairs, print_table, say, time_text
from cxport.cli.service import shown_once
from cxport.cli.settings import Data, installation
from cxport.domain.access import Role
from cxport.domain.tenant import Limits

app = typer.Typer(help="Tenants: contact centres apart from each other.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The tenant's name.")]


@app.command()
def create(*, name: _Name, data: Data = None, as_json: Json = False) -> None:
    """Make a tenant; print what it signs in with, this once."""
    with installation(data) as opened:
        credentials = shown_once(opened.services.tenants.create_tenant(name))
    if as_json:
        print_json(credentials)
        return
    say("Keep these: they are shown this once and cannot be shown again.")
    print_pairs(credentials)


@app.command("list")
def list_tenants(*, data: Data = None, as_json: Json = False) -> None:
    """List the tenants."""
    with installation(data) as opened:
        tenants = opened.services.tenants.list()
    found = [{"name": one.name, "created_at": one.created_at.isoformat()} for one in tenants]
    if as_json:
        print_json({"tenants": found})
    else:
        print_table(
            ("tenant", "made"), [(one["name"], time_text(one["created_at"])) for one in found]
        )


@app.command("limits")
def tenant_limits(
    *,
    name: _Name,
    parallel_runs: Annotated[
        int | None, typer.Option(metavar="N", help="Runs at the same time, 1 to 48.")
    ] = None,
    parallel_parts: Annotated[
        int | None, typer.Option(metavar="N", help="Parts at the same time; 0: any number.")
    ] = None,
    queued_runs: Annotated[
        int | None, typer.Option(metavar="N", help="Runs that wait; 0: any number.")
    ] = None,
    daily_bytes: Annotated[
        int | None,
        typer.Option(metavar="BYTES", help="Bytes of files in a day (UTC); 0: any number."),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show what a tenant may have at the same time; set what an option names.

    What somebody asks for beyond the last two is refused with 429; what a schedule asks for waits.
    """
    asked = {
        "parallel_runs": parallel_runs,
        "parallel_parts": parallel_parts,
        "queued_runs": queued_runs,
        "daily_bytes": daily_bytes,
    }
    with installation(data) as opened:
        tenants = opened.services.tenants
        limits = changed(tenants.limits(name), asked)
        if any(number is not None for number in asked.values()):
            tenants.set_limits(name, limits)
    if as_json:
        print_json({"tenant": name, **asdict(limits)})
    else:
        print_pairs({one: n or "any number" for one, n in asdict(limits).items()})


def changed(limits: Limits, asked: dict[str, int | None]) -> Limits:
    """Set the limits that were asked for; 0 ends all but that of the runs."""
    given = {name: number for name, number in asked.items() if number is not None}
    ended = {name: number or None for name, number in given.items() if name != "parallel_runs"}
    return replace(limits, **{**given, **ended})  # type: ignore[arg-type]  # their types by name


@app.command()
def key(
    *,
    name: _Name,
    label: Annotated[str, typer.Option(metavar="TEXT", help="What the key is for.")] = "key",
    legacy_key_only: Annotated[
        bool,
        typer.Option(
            "--legacy-key-only",
            help="Let versions 4 and 3 of the API take this key alone, without a token.",
        ),
    ] = False,
    role: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE",
            help="What a key that stands alone may do: a role's name, or exporter for"
            " 'UDM UCSX Exporter'. May be given several times.",
        ),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a further API key for a tenant; print it, this once."""
    roles = _roles(role or [], legacy_key_only=legacy_key_only)
    with installation(data) as opened:
        tenant = opened.services.tenants.named(name).name
        made = opened.services.tenants.add_key(tenant, label, roles)
    if as_json:
        print_json({"tenant": tenant, "api_key": made})
    else:
        say("Keep it: it is shown this once and cannot be shown again.")
        print_pairs({"api_key": made})


def _roles(names: list[str], *, legacy_key_only: bool) -> frozenset[Role]:
    """Read the roles of a key; a key that stands alone has one, any other has none."""
    if legacy_key_only != bool(names):
        raise typer.BadParameter(
            "--legacy-key-only and --role belong together: there is no default role",
            param_hint="--role",
        )
    known = {"exporter": Role.UCS_EXPORTER, **{role.casefold(): role for role in Role}}
    for name in names:
        if name.casefold() not in known:
            raise typer.BadParameter(f"one of: {', '.join(known)}", param_hint="--role")
    return frozenset(known[name.casefold()] for name in names)
