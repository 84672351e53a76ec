"""`tenant`: contact centres, each with keys, clients and users of its own."""

from typing import Annotated

import typer

from cxport.cli.output import Json, print_json, print_pairs, print_table, say, time_text
from cxport.cli.service import shown_once
from cxport.cli.settings import Data, installation
from cxport.domain.access import Role

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
