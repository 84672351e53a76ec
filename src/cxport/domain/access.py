"""Who may do what: one table of roles and actions, read by every surface."""

from __future__ import annotations

from enum import StrEnum

from cxport.domain.catalogue import Family


class Role(StrEnum):
    """A role of a user or client; the names are those that existing set-ups use."""

    ADMINISTRATOR = "administrator"
    UCS_EXPORTER = "UDM UCSX Exporter"
    DATASYNC_EXPORTER = "iWD Administrator"
    VIEWER = "viewer"


class Action(StrEnum):
    """Something that a caller may ask for."""

    CERTIFICATE_READ = "certificate.read"
    CERTIFICATE_UPLOAD = "certificate.upload"
    CATALOGUE_READ = "catalogue.read"
    JOB_READ = "job.read"
    JOB_CREATE = "job.create"
    JOB_UPDATE = "job.update"
    JOB_CANCEL = "job.cancel"
    JOB_SUSPEND = "job.suspend"
    JOB_RESUME = "job.resume"
    JOB_DELETE = "job.delete"
    RUN_READ = "run.read"
    RUN_DELETE = "run.delete"
    RUN_RETRY = "run.retry"
    RUN_RERUN = "run.rerun"
    RUN_HOLD = "run.hold"
    RUN_REVOKE = "run.revoke"
    FILE_READ = "file.read"
    FILE_DOWNLOAD = "file.download"
    FILE_DELETE = "file.delete"
    ACCOUNT_READ = "account.read"
    ACCOUNT_CHANGE = "account.change"
    SOURCE_READ = "source.read"
    SOURCE_CHECK = "source.check"
    SOURCE_CHANGE = "source.change"
    AUDIT_READ = "audit.read"
    WEBHOOK_READ = "webhook.read"
    WEBHOOK_CREATE = "webhook.create"
    WEBHOOK_UPDATE = "webhook.update"
    WEBHOOK_DELETE = "webhook.delete"
    WEBHOOK_ROTATE = "webhook.rotate"
    WEBHOOK_TEST = "webhook.test"
    WEBHOOK_REPLAY = "webhook.replay"
    PASSWORD_CHANGE = "password.change"  # noqa: S105 - the name of an action
    TENANT_READ = "tenant.read"
    TENANT_CHANGE = "tenant.change"


_READ = frozenset(
    {
        Action.CERTIFICATE_READ,
        Action.CATALOGUE_READ,
        Action.JOB_READ,
        Action.RUN_READ,
        Action.FILE_READ,
        Action.PASSWORD_CHANGE,
    }
)
_EXPORT = _READ | {
    Action.CERTIFICATE_UPLOAD,
    Action.JOB_CREATE,
    Action.JOB_UPDATE,
    Action.JOB_CANCEL,
    Action.JOB_SUSPEND,
    Action.JOB_RESUME,
    Action.JOB_DELETE,
    Action.RUN_DELETE,
    Action.RUN_RETRY,
    Action.RUN_RERUN,
    Action.RUN_REVOKE,
    Action.FILE_DOWNLOAD,
    Action.FILE_DELETE,
}

PERMISSIONS: dict[Role, frozenset[Action]] = {
    Role.ADMINISTRATOR: frozenset(Action),
    Role.UCS_EXPORTER: _EXPORT,
    Role.DATASYNC_EXPORTER: _EXPORT,
    Role.VIEWER: _READ,
}

#: The families whose items a role sees.
FAMILIES: dict[Role, frozenset[Family]] = {
    Role.ADMINISTRATOR: frozenset(Family),
    Role.UCS_EXPORTER: frozenset({Family.UCS}),
    Role.DATASYNC_EXPORTER: frozenset({Family.DATASYNC}),
    Role.VIEWER: frozenset(Family),
}


def allowed(roles: frozenset[Role], action: Action) -> bool:
    """Tell whether one of the roles may do the action."""
    return any(action in PERMISSIONS[role] for role in roles)


def visible_families(roles: frozenset[Role]) -> frozenset[Family]:
    """Give the families whose sources, jobs, runs and files the roles may see."""
    return frozenset().union(*(FAMILIES[role] for role in roles))
