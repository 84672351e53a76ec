"""`file`: the sealed files that exports leave behind."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxport.cli.connection import with_client
from cxport.cli.exit_codes import ExitCode
from cxport.cli.output import Json, print_json, print_table, say, size_text
from cxport.cli.progress import bar
from cxport.cli.stop import Stop
from cxport.domain.artifact import manifest_of

if TYPE_CHECKING:
    from cxport.client import Client, FileInfo

app = typer.Typer(help="Files: what exports leave behind, sealed.", no_args_is_help=True)

_COLUMNS = ("name", "size", "rows", "run", "title", "source", "days left")


@app.command("list")
@with_client
def list_files(
    client: "Client",
    *,
    run: Annotated[int | None, typer.Option(metavar="ID", help="Only of this run.")] = None,
    name: Annotated[str, typer.Option(metavar="TEXT", help="Only with this in it.")] = "",
    title: Annotated[str, typer.Option(metavar="TEXT", help="Only with this in it.")] = "",
    source: Annotated[str, typer.Option(metavar="TEXT", help="Only with this in it.")] = "",
    as_json: Json = False,
) -> None:
    """List the files that can be downloaded."""
    found = list(client.files(run_id=run, name=name, title=title, source=source))
    if as_json:
        print_json({"files": [asdict(file) for file in found]})
    else:
        print_table(_COLUMNS, map(_row, found))


def _row(file: "FileInfo") -> tuple[object, ...]:
    return (
        file.name,
        size_text(file.size),
        file.rows,
        str(file.history_id),
        file.job_title,
        file.source,
        file.remaining_days,
    )


@app.command()
@with_client
def retention(
    client: "Client",
    *,
    days: Annotated[
        int | None, typer.Option(metavar="N", help="Keep files that appear from now on so long.")
    ] = None,
    longest: Annotated[
        bool, typer.Option("--longest", help="Keep them as long as the installation grants.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show for how many days files are kept, or change it."""
    if longest and days is not None:
        raise Stop("give --days N or --longest", code=ExitCode.USAGE)
    administration = client.administration
    changes = longest or days is not None
    found = administration.change_retention(days) if changes else administration.retention()
    if as_json:
        print_json(asdict(found))
    else:
        say(f"Files that appear now are kept for {found.days} days ({found.most} at most)")


@app.command()
@with_client
def download(
    client: "Client",
    *,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Names of files.")
    ] = None,
    run: Annotated[int | None, typer.Option(metavar="ID", help="All files of this run.")] = None,
    to: Annotated[Path, typer.Option(metavar="DIR", help="The folder they go to.")] = Path(),
    as_json: Json = False,
) -> None:
    """Download files and their manifests; interrupted ones go on where they stopped.

    A file appears under its name only when it is complete and its SHA-256 is right.
    """
    if bool(names) == (run is not None):
        raise Stop("give names of files, or --run ID", code=ExitCode.USAGE)
    to.mkdir(parents=True, exist_ok=True)
    wanted = (
        list(client.files(run_id=run)) if run is not None else list(map(client.file, names or ()))
    )
    if not wanted:
        raise Stop("this run has no files, or they have expired", code=ExitCode.REFUSED)
    paths = [fetched(client, file, to, quiet=as_json) for file in wanted]
    manifests = fetch_manifests(client, wanted, to)
    if as_json:
        print_json({"files": list(map(str, paths)), "manifests": list(map(str, manifests))})
        return
    for path in (*paths, *manifests):
        say(str(path))
    say("Next: cxport open --key KEY.pem " + " ".join(map(str, paths)))


def fetched(client: "Client", file: "FileInfo", folder: Path, *, quiet: bool) -> Path:
    """Download one file with a progress bar."""
    with bar(file.name, "bytes", quiet=quiet) as report:
        return client.download(file, folder, progress=report)


def fetch_manifests(client: "Client", files: "list[FileInfo]", folder: Path) -> list[Path]:
    """Download the manifests of the runs that these files belong to, each once."""
    names = dict.fromkeys(name for file in files if (name := manifest_of(file.name)))
    return [_fetch_manifest(client, name, folder) for name in names]


def _fetch_manifest(client: "Client", name: str, folder: Path) -> Path:
    """Download a manifest; it appears whole or not at all."""
    content = client.manifest(name)
    partial = folder / f".{name}.part"
    partial.write_bytes(content)
    return partial.replace(folder / name)
