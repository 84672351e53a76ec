"""`run`: what has run or runs, once more or no more, and how long its files stay."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cxport.cli.connection import with_client
from cxport.cli.job import COLUMNS, finish, gone, row, told, watched
from cxport.cli.output import Json, print_json, print_pairs, print_table, say

if TYPE_CHECKING:
    from cxport.client import Client, RunInfo

app = typer.Typer(help="Runs: what jobs have done, once more or no more.", no_args_is_help=True)

_Id = Annotated[int, typer.Argument(metavar="ID", help="Id of a run.")]
_Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept with the run.")]
_Wait = Annotated[bool, typer.Option("--wait", help="Wait until it has ended.")]
_Timeout = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="Wait no longer; the run goes on.")
]


@app.command("list")
@with_client
def list_runs(
    client: "Client",
    *,
    job: Annotated[int | None, typer.Option(metavar="ID", help="Only of this job.")] = None,
    status: Annotated[str, typer.Option(metavar="WORD", help="Only in this state.")] = "",
    title: Annotated[str, typer.Option(metavar="TEXT", help="Only with this in it.")] = "",
    source: Annotated[str, typer.Option(metavar="TEXT", help="Only with this in it.")] = "",
    as_json: Json = False,
) -> None:
    """List the runs, oldest first."""
    found = list(client.history(job_id=job, status=status, title=title, source=source))
    if as_json:
        print_json({"runs": [asdict(run) for run in found]})
    else:
        print_table(COLUMNS, map(row, found))


@app.command()
@with_client
def show(client: "Client", *, run_id: _Id, as_json: Json = False) -> None:
    """Show all that is known of a run, above all why it ended as it did."""
    found = asdict(client.run_detail(run_id))
    if as_json:
        print_json(found)
    else:
        print_pairs(found)


@app.command()
@with_client
def manifest(client: "Client", *, run_id: _Id, as_json: Json = False) -> None:
    """Print a run's manifest as it was signed, byte for byte; it is JSON."""
    del as_json  # it is in either case
    typer.echo(client.manifest_of(run_id), nl=False)


@app.command()
@with_client
def now(
    client: "Client",
    *,
    job_id: Annotated[int, typer.Argument(metavar="JOB", help="Id of a job.")],
    wait: _Wait = False,
    timeout: _Timeout = None,
    as_json: Json = False,
) -> None:
    """Queue a run of a job between its ticks; while one has not ended, that is it."""
    _begun(client, client.run_now(job_id), wait=wait, timeout=timeout, as_json=as_json)


@app.command()
@with_client
def retry(
    client: "Client",
    *,
    run_id: _Id,
    wait: _Wait = False,
    timeout: _Timeout = None,
    as_json: Json = False,
) -> None:
    """Let a failed run go on from its finished parts, as the same run."""
    _begun(client, client.retry(run_id), wait=wait, timeout=timeout, as_json=as_json)


@app.command()
@with_client
def rerun(
    client: "Client",
    *,
    run_id: _Id,
    wait: _Wait = False,
    timeout: _Timeout = None,
    as_json: Json = False,
) -> None:
    """Queue a further run of the same job that exports what this one did."""
    _begun(client, client.rerun(run_id), wait=wait, timeout=timeout, as_json=as_json)


@app.command()
@with_client
def suspend(client: "Client", *, run_id: _Id, as_json: Json = False) -> None:
    """Hold a run: the parts in hand are finished, no other is begun."""
    told(client.suspend(run_id), as_json=as_json)


@app.command()
@with_client
def resume(client: "Client", *, run_id: _Id, as_json: Json = False) -> None:
    """Let a run go on; no finished part is redone."""
    told(client.resume(run_id), as_json=as_json)


@app.command()
@with_client
def cancel(client: "Client", *, run_id: _Id, as_json: Json = False) -> None:
    """Cancel a run; nothing of it stays."""
    client.cancel(run_id)
    told(client.run(run_id), as_json=as_json)


@app.command()
@with_client
def delete(client: "Client", *, run_id: _Id, as_json: Json = False) -> None:
    """Delete a run that has ended, with its files, at once."""
    client.delete_run(run_id)
    gone(f"Run {run_id}", run_id, as_json=as_json)


@app.command()
@with_client
def hold(client: "Client", *, run_id: _Id, reason: _Reason, as_json: Json = False) -> None:
    """Put a run under legal hold: nothing of it is deleted or expires until it is released."""
    _decided(client.hold(run_id, reason), "is under hold", as_json=as_json)


@app.command()
@with_client
def release(client: "Client", *, run_id: _Id, as_json: Json = False) -> None:
    """End the hold on a run."""
    _decided(client.release(run_id), "is under no hold", as_json=as_json)


@app.command()
@with_client
def revoke(client: "Client", *, run_id: _Id, reason: _Reason, as_json: Json = False) -> None:
    """End the time of a run's files now: content, manifest and links are gone at once."""
    _decided(client.revoke(run_id, reason), "has no files any more", as_json=as_json)


def _begun(
    client: "Client", run: "RunInfo", *, wait: bool, timeout: float | None, as_json: bool
) -> None:
    if wait:
        finish(client, watched(client, run.id, timeout, quiet=as_json), as_json=as_json)
    elif as_json:
        print_json(asdict(run))
    else:
        say(f"Run {run.id} is {run.label}. Next: cxport job watch {run.id}")


def _decided(run: "RunInfo", words: str, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(run))
    else:
        say(f"Run {run.id} {words}")
