"""A running service with one finished export in it, reached through a proxy that can break."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cxport.bootstrap import make_certificate, write_sample
from cxport.client import Client, ClientSecret, FileInfo, JobRequest
from tests.client.proxy import Proxy
from tests.scenarios.running import RunningService

SOURCE = "history"
INTERACTIONS = 400


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a test works with; `run_id` is the finished run of `job_id`."""

    service: RunningService
    proxy: Proxy
    folder: Path
    key: Path
    certificate: Path
    profile: Path
    job_id: int
    run_id: int
    file: FileInfo

    @property
    def url(self) -> str:
        """Where clients reach the service: through the proxy."""
        return self.proxy.url

    @property
    def data(self) -> Path:
        """The folder of the installation."""
        return self.service.data

    def client(self) -> Client:
        """Give a client that signs in as the first tenant's."""
        return client_of(self.service, self.proxy)


def client_of(service: RunningService, proxy: Proxy) -> Client:
    """Give a client that signs in as the first tenant's."""
    known = service.credentials
    credentials = ClientSecret(known["client_id"], known["client_secret"])
    return Client(proxy.url, api_key=known["api_key"], credentials=credentials)


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Serve an installation with a sample source, a certificate and one finished export."""
    database, key, certificate = (folder / name for name in ("db.sqlite", "key.pem", "cert.pem"))
    write_sample(f"sqlite:///{database}", INTERACTIONS, 1)
    for path, content in zip((key, certificate), make_certificate("test", 30, 2048), strict=True):
        path.write_bytes(content)
    with Proxy() as proxy, RunningService(folder, public_url=proxy.url) as service:
        proxy.target_port = service.port
        service.add_source(SOURCE, f"sqlite:///{database}")
        profile = folder / "profile.json"
        profile.touch(0o600)
        profile.write_text(json.dumps({**service.credentials, "url": proxy.url}))
        with client_of(service, proxy) as client:
            client.upload_certificate("cert.pem", certificate.read_bytes())
            job = client.create_job(JobRequest(source=SOURCE, title="first", attachments=True))
            run = client.wait(job.id)
            (file,) = client.files(run_id=run.id)
        yield Served(
            service=service,
            proxy=proxy,
            folder=folder,
            key=key,
            certificate=certificate,
            profile=profile,
            job_id=job.id,
            run_id=run.id,
            file=file,
        )
