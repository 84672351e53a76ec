"""`audit`: what was done, by whom, and whether the record is whole."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cxport.cli.connection import with_client
from cxport.cli.exit_codes import ExitCode
from cxport.cli.output import Json, count_text, print_json, print_table, say, time_text
from cxport.cli.settings import Data, installation
from cxport.cli.stop import Stop

if TYPE_CHECKING:
    from cxport.bootstrap import Installation
    from cxport.client import Client
    from cxport.domain.audit import Verdict

app = typer.Typer(help="The record of every sensitive act.", no_args_is_help=True)

_KEPT = "TENANT:NUMBER:DIGEST"


@app.command("list")
@with_client
def list_entries(
    client: "Client",
    *,
    actor: Annotated[
        str, typer.Option(metavar="NAME", help="Only by user:NAME, client:ID, host or link.")
    ] = "",
    act: Annotated[str, typer.Option(metavar="ACT", help="Only this act: job.create...")] = "",
    named: Annotated[
        str, typer.Option("--object", metavar="ID", help="Only done to this id or name.")
    ] = "",
    date_from: Annotated[
        str, typer.Option("--from", metavar="TIME", help="ISO 8601, UTC; from this moment on.")
    ] = "",
    date_to: Annotated[
        str, typer.Option("--to", metavar="TIME", help="ISO 8601, UTC; before this moment.")
    ] = "",
    as_json: Json = False,
) -> None:
    """List the tenant's record, oldest first; only administrators may."""
    found = list(
        client.audit(actor=actor, act=act, object=named, date_from=date_from, date_to=date_to)
    )
    if as_json:
        print_json({"entries": [asdict(one) for one in found]})
        return
    print_table(
        ("number", "time", "actor", "act", "outcome", "object"),
        (
            (str(one.id), time_text(one.date), one.actor, one.act, one.outcome, one.object)
            for one in found
        ),
    )


@app.command()
def verify(
    *,
    expect: Annotated[
        list[str] | None,
        typer.Option(
            metavar=_KEPT,
            help="An end that an earlier check printed: it must still stand there. Repeatable.",
        ),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Check on the host that no entry of any tenant was changed, removed or moved."""
    with installation(data) as opened:
        names = {"": "(installation)"} | {
            tenant.id: tenant.name for tenant in opened.services.tenants.list()
        }
        verdicts = {name: opened.services.audit.verify(one) for one, name in names.items()}
        kept = _missing(opened, names, expect or [])
    _report(verdicts, as_json=as_json)
    faults = [f"{name}: {found.fault}" for name, found in verdicts.items() if found.fault] + kept
    if faults:
        raise Stop("; ".join(faults), hint="the record was tampered with", code=ExitCode.DAMAGED)


def _report(verdicts: "dict[str, Verdict]", *, as_json: bool) -> None:
    if as_json:
        print_json({"chains": [{"tenant": name, **asdict(one)} for name, one in verdicts.items()]})
        return
    for name, one in verdicts.items():
        state = "holds" if not one.fault else one.fault
        say(f"{name}: {count_text(one.entries, 'entry', 'entries')}, {state}")
        if one.number and not one.fault:
            say(f"  end: {name}:{one.number}:{one.digest}")


def _missing(opened: "Installation", names: dict[str, str], expected: list[str]) -> list[str]:
    """Say which ends that were kept elsewhere do not stand in their chain any more."""
    ids = {name: one for one, name in names.items()}
    faults = []
    for text in expected:
        name, number, digest = _end(text)
        if name not in ids or opened.services.audit.digest_of(ids[name], number) != digest:
            faults.append(f"{name}: entry {number} is not the one that was expected")
    return faults


def _end(text: str) -> tuple[str, int, str]:
    name, _, rest = text.rpartition(":")[0].rpartition(":")
    digest = text.rpartition(":")[2]
    if not name or not rest.isdecimal() or not digest:
        raise typer.BadParameter(f"as printed: {_KEPT}", param_hint="--expect")
    return name, int(rest), digest.lower()
