"""`sample`: the generated contact centre, to try everything on."""

from typing import Annotated

import typer

from cxport.cli.output import Json, print_json, say
from cxport.cli.progress import bar

_INTERACTIONS = 3000


def sample(
    *,
    dsn: Annotated[
        str,
        typer.Argument(metavar="DSN", help="postgresql://, mariadb://, mysql:// or sqlite:///."),
    ],
    interactions: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many interactions.")
    ] = _INTERACTIONS,
    seed: Annotated[int, typer.Option(help="The same seed gives the same rows.")] = 1,
    as_json: Json = False,
) -> None:
    """Write a generated contact centre into a database that has none of its tables yet."""
    from cxport.bootstrap import write_sample

    with bar("sample", "interactions", quiet=as_json) as report:
        written = write_sample(dsn, interactions, seed, lambda done: report(done, interactions))
    if as_json:
        print_json({"interactions": interactions, "seed": seed, "rows": written})
        return
    say(f"Wrote {interactions:,} interactions (seed {seed}): {sum(written.values()):,} rows")
    say("Next: cxport source add NAME --kind ucs --dsn DSN")
