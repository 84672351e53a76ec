"""Every operation of the contract, the action it takes, and a request that calls it."""

from __future__ import annotations

from typing import Any, cast

from cxport.api import ApiSettings, create_app
from cxport.api.documents import describe
from cxport.domain.access import Action
from cxport.services import Services
from tests.api.installation import job_body

#: What is ours beside the contract, below `/cxport/v1`.
ADMINISTRATION: dict[tuple[str, str], Action] = {
    ("GET", "/users"): Action.ACCOUNT_READ,
    ("POST", "/users"): Action.ACCOUNT_CHANGE,
    ("PUT", "/users/{name}"): Action.ACCOUNT_CHANGE,
    ("DELETE", "/users/{name}"): Action.ACCOUNT_CHANGE,
    ("GET", "/keys"): Action.ACCOUNT_READ,
    ("POST", "/keys"): Action.ACCOUNT_CHANGE,
    ("DELETE", "/keys/{id}"): Action.ACCOUNT_CHANGE,
    ("GET", "/clients"): Action.ACCOUNT_READ,
    ("POST", "/clients"): Action.ACCOUNT_CHANGE,
    ("PUT", "/clients/{id}"): Action.ACCOUNT_CHANGE,
    ("DELETE", "/clients/{id}"): Action.ACCOUNT_CHANGE,
    ("GET", "/sources"): Action.SOURCE_READ,
    ("POST", "/sources"): Action.SOURCE_CHANGE,
    ("POST", "/sources/{name}/check"): Action.SOURCE_CHECK,
    ("DELETE", "/sources/{name}"): Action.SOURCE_CHANGE,
    ("PUT", "/password"): Action.PASSWORD_CHANGE,
    ("GET", "/retention"): Action.TENANT_READ,
    ("PUT", "/retention"): Action.TENANT_CHANGE,
}

#: What an operation needs, by method and path below `/udm/<version>`.
_ACTIONS: dict[tuple[str, str], Action] = {
    ("GET", "/cipher"): Action.CERTIFICATE_READ,
    ("POST", "/cipher/{certificatefilename}"): Action.CERTIFICATE_UPLOAD,
    ("GET", "/data/attributes"): Action.CATALOGUE_READ,
    ("GET", "/data/job-statuses"): Action.CATALOGUE_READ,
    ("GET", "/data/sources"): Action.CATALOGUE_READ,
    ("GET", "/data/types"): Action.CATALOGUE_READ,
    ("GET", "/data/sub-types"): Action.CATALOGUE_READ,
    ("GET", "/export/history"): Action.RUN_READ,
    ("DELETE", "/export/history"): Action.RUN_DELETE,
    ("GET", "/export/history/{id}"): Action.RUN_READ,
    ("DELETE", "/export/history/{id}"): Action.RUN_DELETE,
    ("GET", "/export/history/{id}/progress"): Action.RUN_READ,
    ("GET", "/export/jobs"): Action.JOB_READ,
    ("POST", "/export/jobs"): Action.JOB_CREATE,
    ("DELETE", "/export/jobs"): Action.JOB_DELETE,
    ("POST", "/export/jobs/cancel/{id}"): Action.JOB_CANCEL,
    ("POST", "/export/jobs/resume/{id}"): Action.JOB_RESUME,
    ("POST", "/export/jobs/suspend/{id}"): Action.JOB_SUSPEND,
    ("GET", "/export/jobs/{id}"): Action.JOB_READ,
    ("PUT", "/export/jobs/{id}"): Action.JOB_UPDATE,
    ("DELETE", "/export/jobs/{id}"): Action.JOB_DELETE,
    ("GET", "/certificates"): Action.CERTIFICATE_READ,
    ("GET", "/events"): Action.RUN_READ,
    ("GET", "/runs/{id}"): Action.RUN_READ,
    ("GET", "/jobs/{id}/ticks"): Action.JOB_READ,
    ("POST", "/estimate"): Action.JOB_CREATE,
    **ADMINISTRATION,
    ("GET", "/audit"): Action.AUDIT_READ,
    ("GET", "/webhooks"): Action.WEBHOOK_READ,
    ("POST", "/webhooks"): Action.WEBHOOK_CREATE,
    ("GET", "/webhooks/{id}"): Action.WEBHOOK_READ,
    ("PUT", "/webhooks/{id}"): Action.WEBHOOK_UPDATE,
    ("DELETE", "/webhooks/{id}"): Action.WEBHOOK_DELETE,
    ("POST", "/webhooks/{id}/rotate"): Action.WEBHOOK_ROTATE,
    ("POST", "/webhooks/{id}/test"): Action.WEBHOOK_TEST,
    ("GET", "/webhooks/{id}/deliveries"): Action.WEBHOOK_READ,
    ("POST", "/webhooks/{id}/deliveries/{delivery}/replay"): Action.WEBHOOK_REPLAY,
    ("POST", "/runs/{id}/retry"): Action.RUN_RETRY,
    ("POST", "/runs/{id}/rerun"): Action.RUN_RERUN,
    ("POST", "/runs/{id}/hold"): Action.RUN_HOLD,
    ("POST", "/runs/{id}/release"): Action.RUN_HOLD,
    ("POST", "/runs/{id}/revoke"): Action.RUN_REVOKE,
    ("GET", "/runs/{id}/manifest"): Action.FILE_DOWNLOAD,
    ("POST", "/jobs/{id}/run"): Action.RUN_RERUN,
    ("POST", "/jobs/{id}/clone"): Action.JOB_CREATE,
    ("GET", "/file-metadatas"): Action.FILE_READ,
    ("GET", "/files"): Action.FILE_DOWNLOAD,
    ("DELETE", "/files"): Action.FILE_DELETE,
    ("GET", "/files/{filename}"): Action.FILE_DOWNLOAD,
    ("DELETE", "/files/{filename}"): Action.FILE_DELETE,
}
#: What neither key nor token is needed for.
OPEN = {("GET", "/version"), ("GET", "/resources/labels")}

#: Bodies that are right in form and name nothing that there is.
_BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/users"): {"name": "-", "roles": []},
    ("PUT", "/users/{name}"): {},
    ("POST", "/keys"): {"name": "-"},
    ("POST", "/clients"): {"name": "-", "roles": []},
    ("PUT", "/clients/{id}"): {},
    ("POST", "/sources"): {"name": "-", "dsn": "none"},
    ("POST", "/webhooks"): {"url": "https://receiver.example/hook"},
    ("PUT", "/webhooks/{id}"): {},
    ("PUT", "/retention"): {"days": None},
    ("PUT", "/password"): {"currentPassword": "-", "newPassword": "-"},
}
_VALUES = {
    "{name}": "nobody",
    "{delivery}": "1",
    "{id}": "1",
    "{filename}": "export-1.smime",
    "{certificatefilename}": "company.pem",
}
#: The stream of events, which does not end while its caller may listen.
STREAM = ("get", "/cxport/v1/events")
#: Our own operations beside the contract's, by method and path, but for the stream.
OWN = [
    (method, path)
    for path, methods in describe(
        create_app(cast("Services", None), ApiSettings()), "/cxport/v1", ""
    )["paths"].items()
    for method in methods
    if (method, path) != STREAM
]


def action_of(method: str, path: str) -> Action | None:
    """Give the action of an operation, None for one that is open; KeyError for a new one."""
    below = path.split("/", 3)[3]
    key = (method.upper(), f"/{below}")
    return None if key in OPEN else _ACTIONS[key]


def request_of(method: str, path: str, certificate: bytes) -> dict[str, Any]:
    """Give the arguments of a request that is right in all but what it names."""
    request: dict[str, Any] = {"method": method.upper(), "url": path}
    for place, value in _VALUES.items():
        request["url"] = request["url"].replace(place, value)
    if method.upper() == "DELETE" and not path.endswith("}"):
        request["url"] += "?filename=export-1.smime" if "/files" in path else "?jobIDs=1"
    elif path.endswith("/files"):
        request["url"] += "?filename=export-1.smime"
    if "/cipher/" in path:
        request["files"] = {"file": ("any", certificate)}
    elif path.endswith(("/export/jobs", "/export/jobs/{id}", "/estimate")) and method.upper() in {
        "POST",
        "PUT",
    }:
        suspended = "false" if "/v4/" in path else False
        request["json"] = {**job_body(), "suspended": suspended}
    elif (method.upper(), path.removeprefix("/cxport/v1")) in _BODIES:
        request["json"] = _BODIES[method.upper(), path.removeprefix("/cxport/v1")]
    elif path.endswith(("/hold", "/revoke")):
        request["json"] = {"reason": "a lawsuit"}
    return request
