"""`job`: make exports, and see how they get on."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from cxport.cli.asked import (
    Attachments,
    DataType,
    DateFrom,
    DateTo,
    Entities,
    Incremental,
    Media,
    Source,
    SplitSize,
    Tables,
    asked,
)
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
    source: Source,
    title: Annotated[str, typer.Option(metavar="TEXT", help="What lists show.")],
    data_type: DataType = "Interaction",
    date_from: DateFrom = "",
    date_to: DateTo = "",
    media: Media = None,
    entity: Entities = None,
    attachments: Attachments = False,
    tables: Tables = "",
    incremental: Incremental = False,
    spreadsheet_safe: Annotated[
        bool,
        typer.Option("--spreadsheet-safe", help="Of tables: no text that runs as a formula."),
    ] = False,
    split_size: SplitSize = "",
    seal: Annotated[
        str, typer.Option(metavar="PROFILE", help="compat (opened by OpenSSL) or strict.")
    ] = "",
    description: Annotated[str, typer.Option(metavar="TEXT", help="More words.")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it has ended.")] = False,
    timeout: _Timeout = None,
    as_json: Json = False,
) -> None:
    """Export a source: everything, or a time frame, media or entities, or what was changed."""
    request = asked(
        source=source,
        title=title,
        data_type=data_type,
        date_from=date_from,
        date_to=date_to,
        media=media,
        entity=entity,
        attachments=attachments,
        tables=tables,
        incremental=incremental,
        split_size=split_size,
    )
    request = replace(
        request, spreadsheet_safe=spreadsheet_safe, profile=seal, description=description
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
def estimate(
    client: "Client",
    *,
    source: Source,
    data_type: DataType = "Interaction",
    date_from: DateFrom = "",
    date_to: DateTo = "",
    media: Media = None,
    entity: Entities = None,
    attachments: Attachments = False,
    tables: Tables = "",
    incremental: Incremental = False,
    split_size: SplitSize = "",
    as_json: Json = False,
) -> None:
    """Tell what such a job would export, by the source's statistics; nothing is made."""
    request = asked(
        source=source,
        title="estimate",
        data_type=data_type,
        date_from=date_from,
        date_to=date_to,
        media=media,
        entity=entity,
        attachments=attachments,
        tables=tables,
        incremental=incremental,
        split_size=split_size,
    )
    found = client.estimate(request)
    if as_json:
        print_json(asdict(found))
        return
    print_pairs(
        {
            "rows": f"about {found.rows:,}",
            "files": f"{found.parts:,}",
            "size": f"{size_text(found.size)} at most, as a rule",
            "time": "unknown: no run of it yet"
            if found.seconds is None
            else f"about {count_text(found.seconds, 'second')}",
        }
    )


@app.command()
@with_client
def ticks(client: "Client", *, job_id: _Id, as_json: Json = False) -> None:
    """List what became of the ticks of a job's schedule, the newest first."""
    found = list(client.ticks(job_id))
    if as_json:
        print_json({"ticks": [asdict(one) for one in found]})
        return
    rows = ((time_text(one.tick), one.state, one.run_id) for one in found)
    print_table(("tick", "state", "run"), rows)


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
