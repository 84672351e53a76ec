"""Requests and their refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxport.client import Client, ClientError, ClientSecret, JobRequest
from cxport.client import client as client_module
from cxport.domain.artifact import manifest_of
from tests.client.scripted import Scripted, as_json
from tests.client.served import SOURCE, Served
from tests.servers import free_port

NOBODY = ClientSecret("id", "secret")


def test_a_certificate_is_uploaded_and_shown(served: Served, client: Client) -> None:
    """The certificate that was uploaded is the one in force."""
    assert client.upload_certificate("new.pem", served.certificate.read_bytes()) == "new.pem"

    assert client.certificate().name == "new.pem"


def test_a_refused_certificate_says_why(served: Served, client: Client) -> None:
    """The words and the detail of the service come through; a private key is never taken."""
    with pytest.raises(ClientError, match="private key") as refused:
        client.upload_certificate("key.pem", served.key.read_bytes())

    assert refused.value.status == 400
    assert refused.value.detail["field"] == "file"


def test_jobs_and_runs_are_listed(served: Served, client: Client) -> None:
    """A job is found in the list of jobs, and its run in the history."""
    assert served.job_id in [job.id for job in client.jobs(title="first")]
    assert [run.id for run in client.history(job_id=served.job_id)] == [served.run_id]
    assert client.job(served.job_id).status == client.run(served.run_id).status


def test_lists_are_read_to_their_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is longer than a page comes whole, in order, each item once."""
    monkeypatch.setattr(client_module, "_PAGE", 2)
    request = JobRequest(source=SOURCE, title="paged", entities=("CoBrowse",))
    made = [client.create_job(request).id for _ in range(5)]

    assert [job.id for job in client.jobs(title="paged")] == made
    for job_id in made:
        client.wait(job_id)


def test_an_empty_list_is_empty(client: Client) -> None:
    """Where nothing matches there is nothing, and no error."""
    assert list(client.jobs(title="no job is called this")) == []
    assert list(client.files(name="no-file")) == []


def test_what_is_not_there_is_a_404(client: Client) -> None:
    """Unknown ids and names are refused with the status that says so."""
    for act in (
        lambda: client.job(999_999),
        lambda: client.run(999_999),
        lambda: client.file("export-none.smime"),
        lambda: client.link("export-none.smime"),
    ):
        with pytest.raises(ClientError) as refused:
            act()
        assert refused.value.status == 404


def test_a_refused_job_names_the_field(client: Client) -> None:
    """A medium that the source does not know is named, with what it would take."""
    with pytest.raises(ClientError, match="telepathy") as refused:
        client.create_job(JobRequest(source=SOURCE, title="x", media=("telepathy",)))

    assert refused.value.detail["field"] == "jobParams.media"
    assert "email" in str(refused.value.detail["expected"])


def test_a_service_that_is_not_there_is_named() -> None:
    """A wrong port is an error with status 0 that names the host, and may pass."""
    port = free_port()
    with (
        Client(f"http://127.0.0.1:{port}", credentials=NOBODY) as client,
        pytest.raises(ClientError, match=f"127.0.0.1:{port} cannot be reached") as failed,
    ):
        client.sign_in()

    assert failed.value.status == 0
    assert failed.value.transient


def test_another_server_is_told_apart() -> None:
    """A web server that is not the service is not mistaken for it."""
    script = {"/udm/v10/cipher": lambda _: (200, {"Content-Type": "text/html"}, b"<html>")}
    with (
        Scripted(script) as server,
        server.client() as client,
        pytest.raises(ClientError, match="not the URL of the service"),
    ):
        client.certificate()


def test_an_answer_of_another_shape_is_refused() -> None:
    """A field of another type is named, not passed on."""
    wrong = {"/udm/v10/cipher": lambda _: as_json({"ccid": "x", "name": "y", "size": "many"})}
    with (
        Scripted(wrong) as server,
        server.client() as client,
        pytest.raises(ClientError, match="CertificateInfo: its field size"),
    ):
        client.certificate()


@pytest.mark.parametrize("url", ["ftp://host", "host:8080", "http://user:hidden@host", "http://"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    """Only http and https, without a user; the message does not repeat a password."""
    with pytest.raises(ClientError, match=r"http\(s\)://host") as refused:
        Client(url, credentials=NOBODY)

    assert "hidden" not in str(refused.value)


def test_a_ca_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    """Trust in a certificate authority is never dropped silently."""
    with pytest.raises(FileNotFoundError):
        Client("https://host", credentials=NOBODY, ca_file=tmp_path / "none.pem")


def test_a_manifest_is_given_by_its_run(served: Served, client: Client) -> None:
    """The bytes are those that the link to it gives, by the run's id and by its job's."""
    (file, *_) = client.files(run_id=served.run_id)
    signed = client.manifest(manifest_of(file.name))

    assert client.manifest_of(served.run_id) == signed
    assert client.manifest_of(served.job_id) == signed


def test_a_job_runs_between_its_ticks(client: Client) -> None:
    """A further run is queued, and while it has not ended no other one is."""
    request = JobRequest(source=SOURCE, title="now", entities=("CoBrowse",))
    job_id = client.create_job(request).id
    first = client.wait(job_id)
    run = client.run_now(job_id)

    assert run.id > first.id
    assert client.wait(run.id).parent_id == job_id
