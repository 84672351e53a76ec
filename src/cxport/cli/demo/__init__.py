"""`demo`: the whole path on generated data, in a folder of its own, in a few seconds."""

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxport.cli.demo.counts import compare, warnings_in
from cxport.cli.demo.folder import DemoFolder
from cxport.cli.demo.next_steps import write_next_steps
from cxport.cli.output import print_table, say
from cxport.cli.stop import Stop

if TYPE_CHECKING:
    from cxport.cli.demo.counts import Comparison

_INTERACTIONS = 3000
_SEED = 1


def run_demo(
    *,
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Made anew; only a demo's own is replaced.")
    ] = Path("demo"),
    interactions: Annotated[
        int, typer.Option(min=100, metavar="N", help="Size of the contact centre.")
    ] = _INTERACTIONS,
) -> None:
    """Make a sample contact centre, export it sealed, open it and check it; leave it to look at."""
    from cxport.cli.demo.steps import download, export, make_installation, make_sample, open_all

    _stand_alone()
    place = DemoFolder.made_anew(folder)
    say(f"A contact centre of {interactions:,} interactions, exported and opened, in {folder}/")
    make_sample(place, interactions, _SEED)
    with make_installation(place) as client:
        run = export(client)
        files = download(client, run, place)
    open_all(place, files)
    _report(place, compare(place))
    write_next_steps(place)


def _stand_alone() -> None:
    """Let no setting of this machine reach in, nobody else look in, and end cleanly when told."""
    for name in [name for name in os.environ if name.startswith("CXPORT_")]:
        del os.environ[name]
    os.umask(0o077)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def _report(place: DemoFolder, found: "list[Comparison]") -> None:
    """Show what was exported beside what the database holds; they have to be the same."""
    print_table(
        ("entity", "in the database", "in the manifest", "in the export"),
        [(one.entity, one.in_source, one.in_manifest, one.in_export) for one in found],
    )
    wrong = [one.entity for one in found if not one.agrees]
    if wrong:
        raise Stop(f"the three differ: {', '.join(wrong)}")
    say("Every row is there.")
    for warning in warnings_in(place):
        say(f"A warning that the export carries: {warning}")
    say("\nWhat was made:")
    for path, what in place.contents():
        say(f"  {path}  {what}")
