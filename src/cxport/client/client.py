"""The client: what a data administrator's script does, one method a step."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from cxport.client import bulk, download, waiting, watching
from cxport.client.administration import Administration
from cxport.client.catalogue import Catalogue
from cxport.client.errors import ClientError
from cxport.client.record import AuditEntry
from cxport.client.service import API, OURS, Service, read_json
from cxport.client.shapes import (
    CertificateInfo,
    FileInfo,
    JobEstimate,
    JobInfo,
    JobRequest,
    RunInfo,
    StoredCertificate,
    TickInfo,
    certificates_of,
    page_of,
)
from cxport.client.sign_in import Credentials
from cxport.client.watching import JobEvent, RunEvent
from cxport.client.webhooks import Webhooks

_PAGE = 1000
_NOT_FOUND = 404
#: A manifest is a few hundred bytes a part; something larger is none.
_MANIFEST_BYTES = 64 * 1024 * 1024


class Client:
    """A caller of one service, over its v10 API.

    `url` is the service's own (`https://host[:port]`). Every method raises ClientError: with the
    status and the words of the service where it refuses, with status 0 where it cannot be
    reached. Not for several threads at once.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str = "",
        credentials: Credentials,
        ca_file: Path | None = None,
        timeout_seconds: float = 30.0,
    ) -> None:
        self._service = Service(
            url,
            api_key=api_key,
            credentials=credentials,
            tls=None if ca_file is None else ssl.create_default_context(cafile=ca_file),
            timeout_seconds=timeout_seconds,
        )

    @property
    def webhooks(self) -> Webhooks:
        """What can be asked about subscriptions."""
        return Webhooks(self._service)

    @property
    def administration(self) -> Administration:
        """What an administrator does: users, keys, clients, sources, and how long files stay."""
        return Administration(self._service)

    @property
    def catalogue(self) -> Catalogue:
        """What there is to choose from: sources, types, attributes, states; and what serves."""
        return Catalogue(self._service)

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def sign_in(self) -> None:
        """Exchange the credentials for a token now; otherwise the first request does."""
        self._service.sign_in()

    def upload_certificate(self, name: str, content: bytes) -> str:
        """Make a certificate (PEM or DER) the one in force; return the name it is stored by."""
        path = f"/cipher/{quote(name, safe='')}"
        return str(read_json(self._service.request("POST", path, file=(name, content))))

    def certificate(self) -> CertificateInfo:
        """Give the certificate in force; status 404 where there is none."""
        return CertificateInfo.from_json(self._service.ask("/cipher"))

    def certificates(self) -> list[StoredCertificate]:
        """Give every certificate that was uploaded, the one in force first."""
        answer = self._service.request("GET", "/certificates", base=OURS)
        return certificates_of(read_json(answer))

    def create_job(self, job: JobRequest) -> JobInfo:
        """Create a job; it starts at once where it is to run immediately."""
        answer = self._service.request("POST", "/export/jobs", body=job.to_json())
        return JobInfo.from_json(read_json(answer))

    def update_job(self, job_id: int, job: JobRequest) -> JobInfo:
        """Change a job of which no run has started; all of it is what the request says."""
        answer = self._service.request("PUT", f"/export/jobs/{job_id}", body=job.to_json())
        return JobInfo.from_json(read_json(answer))

    def job(self, job_id: int) -> JobInfo:
        """Give a job, with the state of its newest run."""
        return JobInfo.from_json(self._service.ask(f"/export/jobs/{job_id}"))

    def jobs(
        self,
        *,
        title: str = "",
        source: str = "",
        type: str = "",  # noqa: A002 - the contract's word
        schedule_type: str = "",
        suspended: bool | None = None,
    ) -> Iterator[JobInfo]:
        """Give the jobs, oldest first; the filters are "contains"."""
        filters = {"title": title, "source": source, "type": type, "scheduleType": schedule_type}
        if suspended is not None:
            filters["suspend"] = str(suspended).lower()
        return map(JobInfo.from_json, self._items("/export/jobs", filters))

    def run(self, run_id: int) -> JobInfo:
        """Give a run; by a job's id, its newest."""
        return JobInfo.from_json(self._service.ask(f"/export/history/{run_id}"))

    def reason(self, run_id: int) -> str:
        """Give why a run ended as it did, in words; empty where there is nothing to say."""
        return self.run_detail(run_id).reason

    def cancel(self, item_id: int) -> None:
        """Cancel a run, or a job's current or waiting one; its schedule stays."""
        self._service.request("POST", f"/export/jobs/cancel/{item_id}")

    def suspend(self, item_id: int) -> JobInfo:
        """Hold a job's schedule and runs, or one run; parts in hand are finished."""
        return self._post(f"/export/jobs/suspend/{item_id}")

    def resume(self, item_id: int) -> JobInfo:
        """Let a job, or one run, go on."""
        return self._post(f"/export/jobs/resume/{item_id}")

    def delete_job(self, job_id: int) -> None:
        """Delete a job and its schedule; its runs and files stay until they expire."""
        self._service.request("DELETE", f"/export/jobs/{job_id}")

    def delete_run(self, run_id: int) -> None:
        """Delete a run that has ended, with its files; status 403 where it is under hold."""
        self._service.request("DELETE", f"/export/history/{run_id}")

    def delete_jobs(self, job_ids: Sequence[int]) -> list[int]:
        """Delete jobs as `delete_job` does; give the ids of those that could not be deleted."""
        return self._delete_ids("/export/jobs", job_ids)

    def delete_runs(self, run_ids: Sequence[int]) -> list[int]:
        """Delete runs as `delete_run` does; give the ids of those that could not be deleted."""
        return self._delete_ids("/export/history", run_ids)

    def delete_file(self, name: str) -> None:
        """Delete a sealed file; one that is gone already counts as deleted."""
        self._service.request("DELETE", f"/files/{quote(name, safe='')}")

    def delete_files(self, names: Sequence[str]) -> list[str]:
        """Delete sealed files; give the names of those that could not be deleted."""
        return list(map(str, bulk.delete_all(self._service, "/files", "filename", names)))

    def clone(self, item_id: int) -> JobInfo:
        """Make a suspended copy of a job, or, by a run's id, a job that exports what it did."""
        return self._post(f"/jobs/{item_id}/clone", base=OURS)

    def run_detail(self, run_id: int) -> RunInfo:
        """Give all that is known of a run (by a job's id: its newest)."""
        return RunInfo.from_json(self._service.ask(f"/runs/{run_id}", base=OURS))

    def run_now(self, job_id: int) -> RunInfo:
        """Queue a run of a job between its ticks; while one has not ended, that is given."""
        answer = self._service.request("POST", f"/jobs/{job_id}/run", base=OURS)
        return RunInfo.from_json(read_json(answer))

    def retry(self, run_id: int) -> RunInfo:
        """Let a failed run go on from its finished parts, as the same run."""
        return self._act(run_id, "retry")

    def rerun(self, run_id: int) -> RunInfo:
        """Queue a further run of the same job that exports what this one did."""
        return self._act(run_id, "rerun")

    def hold(self, run_id: int, reason: str) -> RunInfo:
        """Put a run under legal hold: nothing of it is deleted or expires until it is released."""
        return self._act(run_id, "hold", {"reason": reason})

    def release(self, run_id: int) -> RunInfo:
        """End the hold on a run."""
        return self._act(run_id, "release")

    def revoke(self, run_id: int, reason: str) -> RunInfo:
        """End the time of a run's files now: content, manifest and links are gone at once."""
        return self._act(run_id, "revoke", {"reason": reason})

    def ticks(self, job_id: int) -> Iterator[TickInfo]:
        """Give what became of the ticks of a job's schedule, the newest first."""
        return map(TickInfo.from_json, self._items(f"/jobs/{job_id}/ticks", {}, base=OURS))

    def estimate(self, job: JobRequest) -> JobEstimate:
        """Tell what a job's first run would export, by statistics; nothing is made."""
        answer = self._service.request("POST", "/estimate", body=job.to_json(), base=OURS)
        return JobEstimate.from_json(read_json(answer))

    def history(
        self, *, job_id: int | None = None, title: str = "", source: str = "", status: str = ""
    ) -> Iterator[JobInfo]:
        """Give the runs (history records), oldest first."""
        filters = {"title": title, "source": source, "status": status}
        if job_id is not None:
            filters["jobId"] = str(job_id)
        return map(JobInfo.from_json, self._items("/export/history", filters))

    def wait(
        self,
        run_id: int,
        *,
        progress: Callable[[JobInfo], None] | None = None,
        timeout_seconds: float | None = None,
    ) -> JobInfo:
        """Wait until a run (by a job's id: its newest) has ended and return it.

        `progress` is told how it goes, by the service's events, or where it has none by looks at
        the run; a service that is started again meanwhile is waited for. Raises StillRunning when
        the time is over. A failed run is returned, not raised.
        """
        listen = watching.Listening(self._service).connection
        return waiting.wait(lambda: self.run(run_id), listen, progress, timeout_seconds)

    def watch(self) -> Iterator[JobEvent | RunEvent]:
        """Give every change of the tenant's jobs and runs as it happens, for ever.

        First come the runs that have not ended, and what has ended within the last minute. A
        connection that breaks is made again, and what was missed meanwhile comes then. Raises
        ClientError where the service refuses, or does not answer for a minute.
        """
        return watching.watch(self._service)

    def files(  # noqa: PLR0913 - the filters
        self,
        *,
        run_id: int | None = None,
        name: str = "",
        title: str = "",
        source: str = "",
        date_from: str = "",
        date_to: str = "",
    ) -> Iterator[FileInfo]:
        """Give the sealed files that can be downloaded, oldest first.

        Times are ISO 8601, `from <= upload < to`; the other filters are "contains".
        """
        filters = {"name": name, "jobTitle": title, "source": source}
        filters |= {"startDate": date_from, "endDate": date_to}
        if run_id is not None:
            filters["historyId"] = str(run_id)
        return map(FileInfo.from_json, self._items("/file-metadatas", filters))

    def file(self, name: str) -> FileInfo:
        """Give one sealed file by its whole name; status 404 where there is none."""
        for found in self.files(name=name):
            if found.name == name:
                return found
        raise ClientError("no such file, or it has expired", status=_NOT_FOUND)

    def download(
        self, file: FileInfo, folder: Path, *, progress: download.Progress | None = None
    ) -> Path:
        """Fetch a sealed file into a folder and return its path.

        It appears under its name only when it is complete and its SHA-256 is the described one;
        an interrupted download goes on where it stopped. Raises DownloadRefused where what came
        is something else, or its name would lead out of the folder.
        """
        target = folder / download.plain_name(file.name)
        return download.download(
            self._service, lambda: self.link(file.name), file, target, progress
        )

    def link(self, name: str) -> str:
        """Give a link to a file: it works for a minute and needs neither key nor token."""
        answer = self._service.request("GET", f"/files/{quote(name, safe='')}")
        location: str = answer.headers.get("Location", "")
        if not location:
            raise ClientError("the service gave no link", status=answer.status_code)
        return location

    def links(self, names: Sequence[str]) -> dict[str, str]:
        """Give a link to each file, by name: they work for 15 minutes. 404 where one is missing."""
        return bulk.links(self._service, names)

    def manifest(self, name: str) -> bytes:
        """Fetch a run's manifest (`export-<id>.manifest.json`) as it was signed."""
        return download.small(self._service, self.link(name), _MANIFEST_BYTES)

    def manifest_of(self, run_id: int) -> bytes:
        """Give a run's manifest (by a job's id, its newest's) as it was signed."""
        return self._service.request("GET", f"/runs/{run_id}/manifest", base=OURS).content

    def change_password(self, current: str, new: str) -> None:
        """Change the password of the user who is signed in; sign in anew afterwards.

        All that the current password opened ends, this client's token as well.
        """
        body = {"currentPassword": current, "newPassword": new}
        self._service.request("PUT", "/password", body=body, base=OURS)

    def audit(
        self,
        *,
        actor: str = "",
        act: str = "",
        object: str = "",  # noqa: A002 - the word of the record
        date_from: str = "",
        date_to: str = "",
    ) -> Iterator[AuditEntry]:
        """Give the audit record, oldest first; times are ISO 8601, `from <= time < to`."""
        filters = {"actor": actor, "act": act, "object": object}
        filters |= {"dateFrom": date_from, "dateTo": date_to}
        return map(AuditEntry.from_json, self._items("/audit", filters, base=OURS))

    def _post(self, path: str, *, base: str = API) -> JobInfo:
        return JobInfo.from_json(read_json(self._service.request("POST", path, base=base)))

    def _delete_ids(self, path: str, ids: Sequence[int]) -> list[int]:
        left = bulk.delete_all(self._service, path, "jobIDs", list(map(str, ids)))
        return [int(str(one)) for one in left]

    def _act(self, run_id: int, verb: str, body: object = None) -> RunInfo:
        answer = self._service.request("POST", f"/runs/{run_id}/{verb}", body=body, base=OURS)
        return RunInfo.from_json(read_json(answer))

    def _items(self, path: str, filters: dict[str, str], *, base: str = API) -> Iterator[object]:
        """Give every item of a list, page by page."""
        given = {key: value for key, value in filters.items() if value}
        start = 0
        while True:
            page = {**given, "from": str(start), "size": str(_PAGE)}
            items, count = page_of(self._service.ask(path, page, base=base))
            yield from items
            start += len(items)
            if not items or start >= count:
                return
