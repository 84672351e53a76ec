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
COLUMNS = ("id", "title", "source", "type", "status", "progress", "size", "made")


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
    relative: Annotated[
        str,
        typer.Option(metavar="PERIOD", help="The whole period before a run: P1D, P1W, PT1H."),
    ] = "",
    cron: Annotated[
        str, typer.Option(metavar="CRON", help="Run by this schedule: '0 3 * * *', '@hourly'.")
    ] = "",
    every: Annotated[
        str, typer.Option(metavar="WORD", help="Run hourly, daily, weekly or monthly.")
    ] = "",
    runs: Annotated[
        int | None, typer.Option(metavar="N", help="End the schedule after so many runs.")
    ] = None,
    start: Annotated[
        str, typer.Option(metavar="TIME", help="ISO 8601, UTC; the schedule begins then.")
    ] = "",
    zone: Annotated[
        str, typer.Option(metavar="ZONE", help="The schedule's clock: Europe/Berlin, else UTC.")
    ] = "",
    missed: Annotated[
        str, typer.Option(metavar="WORD", help="Of ticks that nobody saw: one run, all, or none.")
    ] = "",
    at_once: Annotated[
        bool, typer.Option("--at-once", help="With a schedule: run now, too.")
    ] = False,
    priority: Annotated[
        int, typer.Option(metavar="N", help="-9 to 9: of runs that wait, the highest first.")
    ] = 0,
    suspended: Annotated[
        bool, typer.Option("--suspended", help="Run nothing until it is resumed.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it has ended.")] = False,
    timeout: _Timeout = None,
    as_json: Json = False,
) -> None:
    """Export a source: everything, or a time frame, media or entities, or what was changed.

    It runs at once; with a schedule (--cron, --every or --start) when that says.
    """
    if every and runs is not None:
        raise Stop("--every and --runs exclude each other", hint="--cron", code=ExitCode.USAGE)
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
        request,
        spreadsheet_safe=spreadsheet_safe,
        profile=seal,
        description=description,
        relative=relative,
        immediately=at_once or not (cron or every or start),
        cron=cron,
        runs=every or ("" if runs is None else str(runs)),
        start_date=start,
        timezone=zone,
        missed_ticks=missed,
        priority=priority,
        suspended=suspended,
    )
    made = client.create_job(request)
    if wait:
        finish(client, watched(client, made.id, timeout, quiet=as_json), as_json=as_json)
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
    finish(client, watched(client, job_id, timeout, quiet=as_json), as_json=as_json)


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
        print_table(COLUMNS, map(row, found))


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
    print_table(COLUMNS, map(row, runs))


@app.command()
@with_client
def suspend(client: "Client", *, job_id: _Id, as_json: Json = False) -> None:
    """Hold a job's schedule and runs, or one run; parts in hand are finished."""
    told(client.suspend(job_id), as_json=as_json)


@app.command()
@with_client
def resume(client: "Client", *, job_id: _Id, as_json: Json = False) -> None:
    """Let a job, or one run, go on; no finished part is redone."""
    told(client.resume(job_id), as_json=as_json)


@app.command()
@with_client
def cancel(client: "Client", *, job_id: _Id, as_json: Json = False) -> None:
    """Cancel a run, or a job's current or waiting one; its schedule stays."""
    client.cancel(job_id)
    told(client.run(job_id), as_json=as_json)


@app.command()
@with_client
def delete(client: "Client", *, job_id: _Id, as_json: Json = False) -> None:
    """Delete a job and its schedule; its runs and files stay until they expire."""
    client.delete_job(job_id)
    gone(f"Job {job_id}", job_id, as_json=as_json)


@app.command()
@with_client
def clone(client: "Client", *, job_id: _Id, as_json: Json = False) -> None:
    """Make a suspended copy of a job, or of a run a job that exports once what it did."""
    made = client.clone(job_id)
    if as_json:
        print_json(asdict(made))
    else:
        say(f"Job {made.id} is a copy, suspended. Next: cxport job resume {made.id}")


def told(found: "JobInfo", *, as_json: bool) -> None:
    """Say where a job or a run stands now."""
    if as_json:
        print_json(asdict(found))
    else:
        kind = "Job" if found.parent_id is None else "Run"
        say(f"{kind} {found.id} is {found.status}")


def gone(what: str, item_id: int, *, as_json: bool) -> None:
    """Say that something was deleted."""
    if as_json:
        print_json({"deleted": item_id})
    else:
        say(f"{what} is deleted")


def watched(client: "Client", run_id: int, timeout: float | None, *, quiet: bool) -> "JobInfo":
    """Wait for a run with a progress bar."""
    with bar(f"export {run_id}", "%", quiet=quiet) as report:
        return client.wait(
            run_id,
            progress=lambda run: report(run.progress, 100),
            timeout_seconds=timeout,
        )


def finish(client: "Client", run: "JobInfo", *, as_json: bool) -> None:
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


def row(job: "JobInfo") -> tuple[object, ...]:
    """Give a job or a run as a row of a table."""
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
