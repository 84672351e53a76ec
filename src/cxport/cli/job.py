"""`job`: make exports, and see how they get on."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cxport.cli.connection import with_client
from cxport.cli.exit_codes import ExitCode
from cxport.cli.output import (
    Json,
    count_text,
    print_json,
    print_pairs,
    print_table,
    say,
    size_text,
    time_text,
)
from cxport.cli.progress import bar
from cxport.cli.stop import Stop

if TYPE_CHECKING:
    from cxport.client import Client, JobInfo

app = typer.Typer(help="Jobs: exports, and how they get on.", no_args_is_help=True)

_Id = Annotated[int, typer.Argument(metavar="ID", help="Id of a job, or of one of its runs.")]
_Timeout = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="Wait no longer; the run goes on.")
]
_COLUMNS = ("id", "title", "source", "type", "status", "progress", "size", "made")


@app.command()
@with_client
def create(
    client: "Client",
    *,
    source: Annotated[str, typer.Option(metavar="NAME", help="The source to export.")],
    title: Annotated[str, typer.Option(metavar="TEXT", help="What lists show.")],
    data_type: Annotated[
        str, typer.Option("--type", help="Interaction or Contact.")
    ] = "Interaction",
    date_from: Annotated[
        str, typer.Option("--from", metavar="TIME", help="ISO 8601, UTC; from this moment on.")
    ] = "",
    date_to: Annotated[
        str, typer.Option("--to", metavar="TIME", help="ISO 8601, UTC; before this moment.")
    ] = "",
    media: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A media type; may be repeated.")
    ] = None,
    entity: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="EmailIn, Chat...; may be repeated.")
    ] = None,
    attachments: Annotated[
        bool, typer.Option("--attachments", help="Export attachments, too.")
    ] = False,
    tables: Annotated[
        str, typer.Option(metavar="SET", help="A table set (DataSync), in place of a type.")
    ] = "",
    incremental: Annotated[
        bool, typer.Option("--incremental", help="What was changed since the job's last run.")
    ] = False,
    spreadsheet_safe: Annotated[
        bool,
        typer.Option("--spreadsheet-safe", help="Of tables: no text that runs as a formula."),
    ] = False,
    split_size: Annotated[
        str, typer.Option(metavar="SIZE", help="Of one file at most: 100MB, 512MiB.")
    ] = "",
    seal: Annotated[
        str, typer.Option(metavar="PROFILE", help="compat (opened by OpenSSL) or strict.")
    ] = "",
    description: Annotated[str, typer.Option(metavar="TEXT", help="More words.")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it has ended.")] = False,
    timeout: _Timeout = None,
    as_json: Json = False,
) -> None:
    """Export a source: everything, or a time frame, media or entities, or what was changed."""
    from cxport.client import JobRequest

    request = JobRequest(
        source=source,
        title=title,
        type="DataSync" if tables else "UCS",
        data_type=tables or data_type,
        incremental=incremental,
        spreadsheet_safe=spreadsheet_safe,
        date_from=date_from,
        date_to=date_to,
        media=tuple(media or ()),
        entities=tuple(entity or ()),
        attachments=attachments,
        split_size=split_size,
        profile=seal,
        description=description,
    )
    made = client.create_job(request)
    if wait:
        _finish(client, watched(client, made.id, timeout, quiet=as_json), as_json=as_json)
    elif as_json:
        print_json(asdict(made))
    else:
        say(f"Job {made.id} is {made.status}. Next: cxport job watch {made.id}")


@app.command()
@with_client
def watch(
    client: "Client", *, job_id: _Id, timeout: _Timeout = None, as_json: Json = False
) -> None:
    """Wait until a run (of a job: its newest) has ended."""
    _finish(client, watched(client, job_id, timeout, quiet=as_json), as_json=as_json)


@app.command("list")
@with_client
def list_jobs(
    client: "Client",
    *,
    title: Annotated[str, typer.Option(metavar="TEXT", help="Only with this in it.")] = "",
    source: Annotated[str, typer.Option(metavar="TEXT", help="Only with this in it.")] = "",
    as_json: Json = False,
) -> None:
    """List the jobs, each with the state of its newest run."""
    found = list(client.jobs(title=title, source=source))
    if as_json:
        print_json({"jobs": [asdict(job) for job in found]})
    else:
        print_table(_COLUMNS, map(_row, found))


@app.command()
@with_client
def show(client: "Client", *, job_id: _Id, as_json: Json = False) -> None:
    """Show a job and its runs, or one run."""
    found = client.run(job_id)
    job = client.job(found.id if found.parent_id is None else found.parent_id)
    runs = list(client.history(job_id=job_id))
    if as_json:
        print_json({"job": asdict(job), "runs": [asdict(run) for run in runs]})
        return
    print_pairs(asdict(job))
    print_table(_COLUMNS, map(_row, runs))


def watched(client: "Client", run_id: int, timeout: float | None, *, quiet: bool) -> "JobInfo":
    """Wait for a run with a progress bar."""
    with bar(f"export {run_id}", "%", quiet=quiet) as report:
        return client.wait(
            run_id,
            progress=lambda run: report(run.progress, 100),
            timeout_seconds=timeout,
        )


def _finish(client: "Client", run: "JobInfo", *, as_json: bool) -> None:
    """Say how a run ended; one that failed ends the command with a code of its own."""
    files = list(client.files(run_id=run.id)) if run.succeeded else []
    if as_json:
        print_json({"run": asdict(run), "files": [asdict(file) for file in files]})
    elif run.succeeded:
        held = f"{size_text(run.file_size)} in {count_text(len(files), 'file')}"
        say(f"Run {run.id}: {run.status}, {held}")
        if files:
            say(f"Next: cxport file download --run {run.id}")
    if not run.succeeded:
        raise Stop(
            f"run {run.id} ended as {run.status}",
            hint=_reason(client, run),
            code=ExitCode.RUN_FAILED,
        )


def _reason(client: "Client", run: "JobInfo") -> str:
    from cxport.client import ClientError

    try:
        return client.reason(run.id) or "the log of the service says why"
    except ClientError:
        return "the log of the service says why"


def _row(job: "JobInfo") -> tuple[object, ...]:
    return (
        str(job.id),
        job.title,
        job.source,
        job.type,
        job.status,
        f"{job.progress} %",
        size_text(job.file_size),
        time_text(job.created_date),
    )
