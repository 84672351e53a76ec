"""`upgrade`: from one release to the next, while the processes go on."""

from typing import TYPE_CHECKING, Annotated

import typer

from cxport.cli.output import Json, print_json, print_table, say
from cxport.cli.settings import Data, load_settings

if TYPE_CHECKING:
    from cxport.domain.upgrade import SchemaState


def upgrade(
    *,
    data: Data = None,
    finish: Annotated[
        bool,
        typer.Option("--finish", help="Drop what only older versions need; none may run any more."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring the store to this version while older processes work, and tell who uses it."""
    from cxport.bootstrap import upgrade as bring_up

    found = bring_up(load_settings(data), finish=finish)
    if as_json:
        print_json(_document(found))
        return
    say(f"The store is at revision {found.revision}; this version knows {found.known}")
    if found.processes:
        print_table(
            ("process", "version", "knows"),
            ((one.id, one.release or "0.1.0", one.revision) for one in found.processes),
        )
    say(_next(found))


def _document(found: "SchemaState") -> dict[str, object]:
    return {
        "revision": found.revision,
        "known": found.known,
        "oldest": found.floor,
        "finished": not found.finishing,
        "processes": [vars(one) for one in found.processes],
    }


def _next(found: "SchemaState") -> str:
    """Say what is to be done."""
    if found.older:
        return f"Next: replace the {len(found.older)} older, then cxport upgrade --finish"
    if found.finishing:
        return "Next: cxport upgrade --finish"
    return "Nothing is left to do"
