"""What is put on record: who did which act to what, and what was refused.

The record holds account names, ids and names of objects; no secret, and nothing of what is
exported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: The actor where an administrator works on the host itself, without signing in.
HOST = "host"
#: The actor where a download link was followed: whoever holds one needs nothing else.
LINK = "link"
#: The chain of acts that belong to no tenant.
INSTALLATION = ""


class Act(StrEnum):
    """An act that is put on record; each `access.Action` has its own, of the same name.

    Looking at things is recorded where it was refused, and not where it was allowed.
    """

    SIGN_IN = "sign-in"
    """An access token was issued for a secret or password, or the secret was wrong."""
    TOKEN_REFRESH = "token.refresh"  # noqa: S105 - the name of an act
    """An access token was issued for a refresh token, or that was not valid."""
    TOKEN_REVOKE = "token.revoke"  # noqa: S105 - the same
    """A token was revoked by its client."""
    SIGN_OUT = "sign-out"
    """An access token was signed out."""
    CERTIFICATE_READ = "certificate.read"
    """The certificate in force was asked for."""
    CERTIFICATE_UPLOAD = "certificate.upload"
    """A certificate was put in force; the object is its SHA-256 fingerprint."""
    CATALOGUE_READ = "catalogue.read"
    """Sources, types or labels were asked for."""
    JOB_READ = "job.read"
    """Jobs were asked for."""
    JOB_CREATE = "job.create"
    """A job was made; the object is its id."""
    JOB_UPDATE = "job.update"
    """A job was changed."""
    JOB_CANCEL = "job.cancel"
    """A job or run was cancelled; the object is the id that was named."""
    JOB_SUSPEND = "job.suspend"
    """A job or run was suspended."""
    JOB_RESUME = "job.resume"
    """A job or run was resumed."""
    JOB_DELETE = "job.delete"
    """A job was deleted."""
    RUN_READ = "run.read"
    """Runs were asked for."""
    RUN_RETRY = "run.retry"
    """A failed run was let go on."""
    RUN_RERUN = "run.rerun"
    """A run was queued once more, as a new one; the object is the new run's id."""
    RUN_HOLD = "run.hold"
    """A run was put under hold, so that nothing of it may be deleted."""
    RUN_RELEASE = "run.release"
    """The hold on a run was ended."""
    RUN_REVOKE = "run.revoke"
    """The time of a run's files was ended before its days were over."""
    RUN_DELETE = "run.delete"
    """A history record was deleted, with its files; the object is the run's id."""
    FILE_READ = "file.read"
    """The list of files was asked for."""
    FILE_DOWNLOAD = "file.download"
    """A download link was given out; the object is the file's name."""
    FILE_DELETE = "file.delete"
    """A file was deleted."""
    LINK_FOLLOW = "link.follow"
    """A download link was followed, for the whole file or a part of it."""
    AUDIT_READ = "audit.read"
    """This record was asked for."""
    WEBHOOK_READ = "webhook.read"
    """Subscriptions or their deliveries were asked for."""
    WEBHOOK_CREATE = "webhook.create"
    """A subscription was made; the object is its id."""
    WEBHOOK_UPDATE = "webhook.update"
    """A subscription was changed."""
    WEBHOOK_DELETE = "webhook.delete"
    """A subscription was deleted."""
    WEBHOOK_ROTATE = "webhook.rotate"
    """A subscription was given a new secret."""
    WEBHOOK_TEST = "webhook.test"
    """A test event was sent to a subscription."""
    WEBHOOK_REPLAY = "webhook.replay"
    """A delivery was ordered again; the object is the delivery's id."""
    TENANT_CREATE = "tenant.create"
    """A tenant was made on the host, with its first key, client and user."""
    TENANT_LIMIT = "tenant.limit"
    """What a tenant may have at the same time was set on the host."""
    TENANT_READ = "tenant.read"
    """Limits or retention were asked for."""
    TENANT_CHANGE = "tenant.change"
    """The days that files are kept were changed."""
    ACCOUNT_READ = "account.read"
    """Users, keys, clients or sessions were asked for."""
    SESSION_END = "session.end"
    """Somebody's session at the console was ended; the object is whose."""
    ACCOUNT_CHANGE = "account.change"
    """A change of users, keys or clients was refused; one that was done has an act below."""
    KEY_ADD = "key.add"
    """An API key was made; the object is its id."""
    KEY_REMOVE = "key.remove"
    """An API key was removed."""
    CLIENT_ADD = "client.add"
    """A client was made; the object is its id."""
    CLIENT_UPDATE = "client.update"
    """A client was given other roles or a new secret."""
    CLIENT_REMOVE = "client.remove"
    """A client was removed."""
    USER_ADD = "user.add"
    """A user was made; the object is the user's name."""
    USER_UPDATE = "user.update"
    """A user was given other roles or a new password."""
    USER_REMOVE = "user.remove"
    """A user was removed."""
    PASSWORD_CHANGE = "password.change"  # noqa: S105 - the same
    """A user changed the own password, or gave the current one wrongly."""
    SOURCE_READ = "source.read"
    """Sources and their limits were asked for."""
    SOURCE_CHANGE = "source.change"
    """A source was refused to be added or removed; what was done has an act of its own."""
    SOURCE_ADD = "source.add"
    """A source was added; the object is its name."""
    SOURCE_CHECK = "source.check"
    """A source was checked, and what was found is kept."""
    SOURCE_REFRESH = "source.refresh"
    """The jobs of a source were given the columns that its tables have now."""
    SOURCE_LIMIT = "source.limit"
    """How a source may be read was set."""
    SOURCE_REMOVE = "source.remove"
    """A source was removed."""
    SIGNING_KEY_ROTATE = "signing-key.rotate"
    """The key of tokens or links was rotated on the host; the object says which."""
    MASTER_KEY_ROTATE = "master-key.rotate"
    """Every stored secret was sealed again by a new master key."""


class Outcome(StrEnum):
    """Whether an act was done."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is to be put on record, in the chain of a tenant or of the installation."""

    tenant_id: str
    #: `user:<name>`, `client:<id>`, `key:<id>`, HOST or LINK.
    actor: str
    act: Act
    outcome: Outcome
    #: What it was done to, empty where there is nothing to name.
    object: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """An entry as it stands in its chain; the first has the number 1."""

    number: int
    entry: Entry
    digest: bytes


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check of a chain found; `fault` is empty where it holds.

    `number` and `digest` are those of the last entry: kept elsewhere, they show later that
    nothing behind them was cut off.
    """

    entries: int
    number: int
    digest: str
    fault: str
