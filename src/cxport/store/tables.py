"""The tables. Their history is in `migrations`; a test compares the two.

Where a list filters or orders by text without regard to case, `<column>_folded` holds it folded;
what lists read is copied into the narrow tables of `listed`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from cxport.store.columns import Number, UtcTime, Words

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_key",
        "uq": "%(table_name)s_unique_%(column_0_N_name)s",
        "fk": "%(table_name)s_of_%(referred_table_name)s",
    }
)


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Words, primary_key=key, nullable=False)


def _number(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, Number, primary_key=key, nullable=False, autoincrement=False)


def _time(name: str, *, optional: bool = False) -> Column[object]:
    return Column(name, UtcTime, nullable=optional)


def _of_tenant() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id"], ["tenants.id"])


def _of_run() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "run_id"], ["runs.tenant_id", "runs.id"])


#: `last_...` are the counters from which a tenant's numbers are taken, under its row lock.
tenants = Table(
    "tenants",
    metadata,
    _text("id", key=True),
    _text("name"),
    _text("name_folded"),
    _time("created_at"),
    _number("last_id"),
    _number("last_file"),
    _number("last_certificate"),
    #: Limits that were set for it, see `domain.tenant.Limits`; null: the default.
    Column("parallel_runs", Number),
    Column("parallel_parts", Number),
    Column("queued_runs", Number),
    Column("daily_bytes", Number),
    #: The days that its files are kept, where it wants fewer than the installation grants.
    Column("retention_days", Number),
    UniqueConstraint("name_folded"),
)

api_keys = Table(
    "api_keys",
    metadata,
    _text("tenant_id", key=True),
    _text("id", key=True),
    _text("name"),
    Column("digest", LargeBinary, nullable=False),
    Column("legacy_key_only", Boolean, nullable=False),
    Column("roles", JSON, nullable=False),
    _time("created_at"),
    UniqueConstraint("digest"),
    _of_tenant(),
)

clients = Table(
    "clients",
    metadata,
    _text("tenant_id", key=True),
    _text("id", key=True),
    _text("name"),
    _text("secret_hash"),
    Column("roles", JSON, nullable=False),
    _time("created_at"),
    UniqueConstraint("id"),
    _of_tenant(),
)

users = Table(
    "users",
    metadata,
    _text("tenant_id", key=True),
    _text("id", key=True),
    _text("name"),
    _text("name_folded"),
    _text("password_hash"),
    Column("roles", JSON, nullable=False),
    _time("created_at"),
    UniqueConstraint("tenant_id", "name_folded"),
    _of_tenant(),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    _text("tenant_id"),
    _text("subject"),
    _time("expires_at"),
    Index("refresh_tokens_by_expiry", "tenant_id", "expires_at"),
    _of_tenant(),
)

#: Access tokens that were signed out before they expire, by the SHA-256 of their id.
revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    _text("tenant_id", key=True),
    Column("digest", LargeBinary, primary_key=True),
    _time("expires_at"),
    _of_tenant(),
)

#: Sessions of the console, by the SHA-256 of their id; `roles` null: those of the account.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    _text("tenant_id"),
    _text("subject"),
    Column("roles", JSON(none_as_null=True)),
    _time("used_at"),
    _number("idle_seconds"),
    _time("expires_at"),
    Index("sessions_by_subject", "tenant_id", "subject"),
    Index("sessions_by_expiry", "tenant_id", "expires_at"),
    _of_tenant(),
)

#: Whoever fails to sign in has no tenant yet; `digest` is of an account's name or an address.
failed_sign_ins = Table(
    "failed_sign_ins",
    metadata,
    _text("id", key=True),
    Column("digest", LargeBinary, nullable=False),
    _time("failed_at"),
    Index("failed_sign_ins_by_digest", "digest", "failed_at"),
    Index("failed_sign_ins_by_time", "failed_at"),
)

#: How many requests a tenant had left, in thousandths, and when that was so.
request_rates = Table(
    "request_rates",
    metadata,
    _text("tenant_id", key=True),
    _number("left_thousandths"),
    _time("at"),
    _of_tenant(),
)

#: Of the installation as a whole, so without a tenant.
secrets = Table(
    "secrets",
    metadata,
    _text("name", key=True),
    Column("sealed", LargeBinary, nullable=False),
    _time("created_at"),
)

sources = Table(
    "sources",
    metadata,
    _text("tenant_id", key=True),
    _text("id", key=True),
    _text("name"),
    _text("name_folded"),
    _text("family"),
    Column("sealed_dsn", LargeBinary, nullable=False),
    _text("dsn_variable"),
    _text("mapping"),
    Column("entities", JSON, nullable=False),
    Column("media", JSON, nullable=False),
    Column("table_sets", JSON, nullable=False),
    _time("created_at"),
    _time("checked_at", optional=True),
    _number("max_readers"),
    Column("max_rows_per_second", Number),
    UniqueConstraint("tenant_id", "name_folded"),
    _of_tenant(),
)

certificates = Table(
    "certificates",
    metadata,
    _text("tenant_id", key=True),
    _number("number", key=True),
    _text("name"),
    Column("pem", LargeBinary, nullable=False),
    _number("size_bytes"),
    _text("fingerprint"),
    _text("subject"),
    _time("not_before"),
    _time("not_after"),
    _time("uploaded_at"),
    _text("uploaded_by"),
    Index("certificates_by_fingerprint", "tenant_id", "fingerprint", "number"),
    _of_tenant(),
)

#: The certificate that a tenant was warned of last, on which day (UTC), and how near its end was.
certificate_warnings = Table(
    "certificate_warnings",
    metadata,
    _text("tenant_id", key=True),
    _number("number"),
    _text("warned_on"),
    _number("within_days"),
    _of_tenant(),
)


def _described() -> tuple[Column[str], ...]:
    """Give what jobs, runs and files alike are listed by, copied from the job's spec."""
    return (
        _text("family"),
        _text("data_type"),
        _text("data_type_folded"),
        _text("source"),
        _text("source_folded"),
        _text("title"),
        _text("title_folded"),
    )


def _ordered() -> tuple[Column[Any], ...]:
    """Give what jobs and runs are ordered by besides, copied from the job's spec.

    A key is the folded beginning of a text that may be longer than an index takes.
    """
    return (
        _text("description_key"),
        _text("media_key"),
        _number("split_bytes"),
        Column("attachments", Boolean, nullable=False),
        _text("date_from"),
        _text("date_to"),
    )


jobs = Table(
    "jobs",
    metadata,
    _text("tenant_id", key=True),
    _number("id", key=True),
    Column("spec", JSON, nullable=False),
    *_described(),
    *_ordered(),
    _text("schedule_type"),
    Column("suspended", Boolean, nullable=False),
    _time("created_at"),
    _text("created_by"),
    _time("updated_at"),
    #: No foreign key: runs and jobs are deleted apart from each other.
    Column("newest_run_id", Number),
    #: The first tick that no run covers yet, perhaps one that has passed; null: none will come.
    _time("next_tick_at", optional=True),
    #: How many runs may still be made; null: any number.
    Column("runs_left", Number),
    #: The job or run that it is a copy of.
    Column("cloned_from", Number),
    _of_tenant(),
)
Index(
    "jobs_by_next_tick",
    jobs.c.next_tick_at,
    sqlite_where=jobs.c.next_tick_at.is_not(None),
    postgresql_where=jobs.c.next_tick_at.is_not(None),
)

#: What is watched is asked for by when it changed.
Index("jobs_by_update", jobs.c.updated_at)

#: `submitted_at`: when the run was handed to the engine; null while it was not.
runs = Table(
    "runs",
    metadata,
    _text("tenant_id", key=True),
    _number("id", key=True),
    _number("job_id"),
    Column("spec", JSON, nullable=False),
    *_described(),
    *_ordered(),
    _text("status"),
    _time("created_at"),
    _text("created_by"),
    _time("tick_at", optional=True),
    _text("note"),
    _time("submitted_at", optional=True),
    _number("attempt"),
    _time("started_at", optional=True),
    _time("ended_at", optional=True),
    _text("reason"),
    #: How note, reason and notices were made; null of runs that an earlier version wrote last.
    Column("said", JSON(none_as_null=True)),
    _text("archive_id"),
    Column("numbered", Boolean, nullable=False),
    _number("estimate_rows"),
    _number("rows_read"),
    #: Null before the run began, and of runs that an earlier version began.
    Column("pace", JSON(none_as_null=True)),
    _number("selected"),
    _number("exported"),
    _number("skipped"),
    _number("warnings"),
    _number("size_bytes"),
    _text("certificate_fingerprint"),
    _text("first_file"),
    _text("first_file_folded"),
    Column("marks", JSON, nullable=False),
    Column("notices", JSON, nullable=False),
    Column("snapshot", Words),
    Column("rerun_of", Number),
    _time("parts_until", optional=True),
    Column("hold", JSON(none_as_null=True)),
    Column("revoked", JSON(none_as_null=True)),
    #: Copied from the spec; null, as 0, in rows from before it.
    Column("priority", Number),
    #: The attempt that it was handed to the engine with, which names its workflow there.
    Column("stint", Number),
    #: When its files were gone or revoked; null in rows from before it.
    _time("expired_at", optional=True),
    Index("runs_by_ended_at", "tenant_id", "ended_at"),
    Index("runs_by_job_id", "tenant_id", "job_id", "id"),
    Index("runs_by_status", "tenant_id", "status", "id"),
    Index("runs_by_source", "tenant_id", "source_folded", "id"),
    #: All that sums of days need: see `activity`.
    Index("runs_by_day", "tenant_id", "ended_at", "family", "status", "exported", "size_bytes"),
    _of_tenant(),
)
Index(
    "runs_to_submit",
    runs.c.created_at,
    sqlite_where=runs.c.submitted_at.is_(None),
    postgresql_where=runs.c.submitted_at.is_(None),
)

#: Also for those that have none: what has not ended is found by it among any number of others.
Index("runs_by_end", runs.c.ended_at)

Index(
    "runs_under_hold",
    runs.c.tenant_id,
    runs.c.id,
    sqlite_where=runs.c.hold.is_not(None),
    postgresql_where=runs.c.hold.is_not(None),
)
Index(
    "runs_by_expired_at",
    runs.c.tenant_id,
    runs.c.expired_at,
    sqlite_where=runs.c.expired_at.is_not(None),
    postgresql_where=runs.c.expired_at.is_not(None),
)
Index(
    "runs_by_parts_until",
    runs.c.parts_until,
    sqlite_where=runs.c.parts_until.is_not(None),
    postgresql_where=runs.c.parts_until.is_not(None),
)

#: One row for each tick of a job that has passed; `run_id` is the run that covers it, null where it
#: was skipped. No foreign key to jobs: a deleted job's runs keep theirs.
ticks = Table(
    "ticks",
    metadata,
    _text("tenant_id", key=True),
    _number("job_id", key=True),
    Column("tick_at", UtcTime, primary_key=True, nullable=False),
    _text("state"),
    Column("run_id", Number),
    Index("ticks_by_run", "tenant_id", "run_id"),
    _of_tenant(),
    _of_run(),
)

#: `remainder_of`: the part whose rest this one is; null for a part of the plan. `turn`: its place
#: in the one line of all tenants' parts, see `turns`; null before it has one.
run_parts = Table(
    "run_parts",
    metadata,
    _text("tenant_id", key=True),
    _number("run_id", key=True),
    _number("number", key=True),
    Column("slices", JSON, nullable=False),
    Column("remainder_of", Number),
    _text("state"),
    _number("starts"),
    _number("rows_read"),
    _time("started_at", optional=True),
    _time("ended_at", optional=True),
    Column("result", JSON(none_as_null=True)),
    Column("turn", Number),
    _of_run(),
)

files = Table(
    "files",
    metadata,
    _text("tenant_id", key=True),
    _number("id", key=True),
    _text("name"),
    _text("name_folded"),
    _number("run_id"),
    _number("job_id"),
    _text("object_key"),
    _number("size_bytes"),
    _number("rows"),
    _text("sha256"),
    _number("part"),
    _number("parts"),
    *_described(),
    _time("created_at"),
    _time("expires_at"),
    UniqueConstraint("tenant_id", "name"),
    Index("files_by_run_id", "tenant_id", "run_id", "id"),
    Index("files_by_expires_at", "tenant_id", "expires_at", "id"),
    _of_run(),
)

#: Files that expire, of all tenants.
Index("files_by_time", files.c.expires_at)

#: How far a job has come with each of its tables; no foreign key, as with jobs and runs.
marks = Table(
    "marks",
    metadata,
    _text("tenant_id", key=True),
    _number("job_id", key=True),
    _text("table_name", key=True),
    Column("mark", JSON, nullable=False),
    _number("run_id"),
    _of_tenant(),
)

manifests = Table(
    "manifests",
    metadata,
    _text("tenant_id", key=True),
    _number("run_id", key=True),
    _text("name"),
    Column("content", LargeBinary, nullable=False),
    UniqueConstraint("tenant_id", "name"),
    _of_run(),
)

#: Services and workers that run; `beat_at` is in milliseconds of the database's own clock, the
#: rest tells what a process is, but for those of the first release.
beats = Table(
    "beats",
    metadata,
    _text("worker_id", key=True),
    _number("beat_at"),
    Column("release", Words, nullable=True),
    Column("revision", Words, nullable=True),
    Column("engine", Words, nullable=True),
)

#: At most one row: the oldest revision of the schema that a process may know.
schema_floor = Table("schema_floor", metadata, _text("revision", key=True))

#: What was done, by whom, to what; `id` counts from 1 without a gap, and each digest covers the
#: one before. No foreign key: acts that belong to no tenant stand under an empty tenant id.
audit = Table(
    "audit",
    metadata,
    _text("tenant_id", key=True),
    _number("id", key=True),
    _time("at"),
    _text("actor"),
    _text("act"),
    _text("outcome"),
    _text("object"),
    Column("digest", LargeBinary, nullable=False),
    Index("audit_by_time", "tenant_id", "at", "id"),
    Index("audit_by_actor", "tenant_id", "actor", "id"),
    Index("audit_by_object", "tenant_id", "object", "id"),
)

#: The two ends of each chain: its last row, and the last of those that were let go by age.
audit_chains = Table(
    "audit_chains",
    metadata,
    _text("tenant_id", key=True),
    _number("last_id"),
    Column("last_digest", LargeBinary, nullable=False),
    _number("forgotten_id"),
    Column("forgotten_digest", LargeBinary, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

#: Who is told of what; `sealed` holds where to. Whoever sends for a subscription holds its lease
#: until `leased_until`; `lease` counts them, and an earlier one may write nothing any more.
subscriptions = Table(
    "subscriptions",
    metadata,
    _text("tenant_id", key=True),
    _text("id", key=True),
    _text("kind"),
    Column("events", JSON, nullable=False),
    _text("language"),
    Column("active", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    _time("previous_until", optional=True),
    _time("created_at"),
    _text("created_by"),
    _number("failures"),
    _time("paused_until"),
    _number("lease"),
    _time("leased_until"),
    _of_tenant(),
)

#: The outbox: written in one transaction with what it tells of, one row a subscription.
deliveries = Table(
    "deliveries",
    metadata,
    _text("tenant_id", key=True),
    _text("id", key=True),
    _text("subscription_id"),
    _text("notice_id"),
    _text("event"),
    _text("body"),
    _text("state"),
    _number("attempts"),
    _time("created_at"),
    _time("queued_at"),
    _time("next_at"),
    _time("ended_at", optional=True),
    _text("answer"),
    #: How the answer was made; null where an earlier version wrote it.
    Column("said", JSON(none_as_null=True)),
    UniqueConstraint("tenant_id", "subscription_id", "notice_id"),
    Index("deliveries_by_age", "created_at"),
    Index("deliveries_by_subscription", "tenant_id", "subscription_id", "created_at", "id"),
    ForeignKeyConstraint(
        ["tenant_id", "subscription_id"], ["subscriptions.tenant_id", "subscriptions.id"]
    ),
)
Index(
    "deliveries_to_send",
    deliveries.c.tenant_id,
    deliveries.c.subscription_id,
    deliveries.c.next_at,
    sqlite_where=deliveries.c.ended_at.is_(None),
    postgresql_where=deliveries.c.ended_at.is_(None),
)
