"""The steps of the demo, one function each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cxport.cli.certificate import write_new
from cxport.cli.demo.service import serving
from cxport.cli.evidence import Evidence
from cxport.cli.file import fetch_manifests, fetched
from cxport.cli.job import watched
from cxport.cli.output import say, size_text
from cxport.cli.progress import bar
from cxport.cli.service import shown_once
from cxport.cli.settings import load_settings
from cxport.cli.stop import Stop

if TYPE_CHECKING:
    from cxport.cli.demo.folder import DemoFolder
    from cxport.client import Client, JobInfo

SOURCE = "contact-centre"
_DAYS = 30
_BITS = 2048


def make_sample(place: DemoFolder, interactions: int, seed: int) -> None:
    """Write the sample contact centre, and make key and certificate."""
    from cxport.bootstrap import make_certificate, write_sample

    with bar("sample", "interactions", quiet=False) as report:
        dsn = dsn_of(place)
        write_sample(dsn, interactions, seed, lambda done: report(done, interactions))
    place.database.chmod(0o600)
    key, certificate = make_certificate("cxport demo", _DAYS, _BITS)
    write_new(place.key, key, 0o600)
    write_new(place.certificate, certificate, 0o600)
    say("made the contact centre, a private key and its certificate")


def dsn_of(place: DemoFolder) -> str:
    """Give the URL of the sample's database."""
    return f"sqlite:///{place.database.absolute()}"


@contextmanager
def make_installation(place: DemoFolder) -> Iterator[Client]:
    """Make an installation, start its service, add the source, and give a client."""
    from cxport.bootstrap import add_source, check_source, initialise, open_installation

    settings = load_settings(place.data)
    credentials = shown_once(initialise(settings))
    write_new(place.profile, json.dumps(credentials, indent=2).encode(), 0o600)
    with serving(place) as client:
        say("started the service")
        with open_installation(settings) as opened:
            tenant = str(credentials["tenant"])
            add_source(opened, tenant, SOURCE, dsn=dsn_of(place))
            check_source(opened, tenant, SOURCE)
        say(f"added and checked the source {SOURCE}")
        client.upload_certificate("demo.pem", place.certificate.read_bytes())
        yield client


def export(client: Client) -> JobInfo:
    """Export every interaction with its attachments, through the API."""
    from cxport.client import JobRequest

    job = client.create_job(
        JobRequest(source=SOURCE, title="Demo: every interaction", attachments=True)
    )
    run = watched(client, job.id, None, quiet=False)
    if not run.succeeded:
        raise Stop(f"the export ended as {run.status}", hint="the service's log says why")
    say(f"exported: job {job.id}, run {run.id}, {run.status}, {size_text(run.file_size)} sealed")
    return run


def download(client: Client, run: JobInfo, place: DemoFolder) -> list[Path]:
    """Download the run's sealed files through their links, and its manifest."""
    place.downloads.mkdir()
    files = list(client.files(run_id=run.id))
    paths = [fetched(client, file, place.downloads, quiet=False) for file in files]
    fetch_manifests(client, files, place.downloads)
    say(f"downloaded {', '.join(path.name for path in paths)}")
    return paths


def open_all(place: DemoFolder, files: list[Path]) -> None:
    """Open the sealed files, check them against the signed manifest, and unpack them."""
    from cxport.bootstrap import open_installation
    from cxport.sealing.opener import Expected, load_private_key, open_sealed, unpack

    with open_installation(load_settings(place.data)) as opened:
        evidence = Evidence(public_key=opened.public_key)
    key = load_private_key(place.key.read_bytes())
    for file in files:
        proof = evidence.of(str(file))
        if not proof.known:
            raise Stop(f"the manifest of {file.name} is missing")
        archive = file.with_suffix(".zip")
        expected = Expected(sealed_sha256=proof.sealed_sha256, zip_sha256=proof.zip_sha256)
        with file.open("rb") as stream:
            open_sealed(stream, key, archive, expected=expected)
        unpack(archive, place.opened)
        archive.unlink()
    say("opened: every digest is the one in the manifest, and our installation signed it")
