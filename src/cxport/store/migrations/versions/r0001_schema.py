"""The schema of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger()
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make every table, those that others refer to first."""
    _create_tenants()
    _create_api_keys()
    _create_clients()
    _create_users()
    _create_refresh_tokens()
    _create_revoked_tokens()
    _create_secrets()
    _create_sources()
    _create_certificates()
    _create_jobs()
    _create_runs()
    _create_ticks()
    _create_run_parts()
    _create_files()
    _create_marks()
    _create_manifests()
    _create_beats()


def _create_tenants() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_folded", TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_id", NUMBER, nullable=False),
        sa.Column("last_file", NUMBER, nullable=False),
        sa.Column("last_certificate", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="tenants_key"),
        sa.UniqueConstraint("name_folded", name="tenants_unique_name_folded"),
    )


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("legacy_key_only", sa.Boolean(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="api_keys_of_tenants"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="api_keys_key"),
        sa.UniqueConstraint("digest", name="api_keys_unique_digest"),
    )


def _create_clients() -> None:
    op.create_table(
        "clients",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("secret_hash", TEXT, nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="clients_of_tenants"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="clients_key"),
        sa.UniqueConstraint("id", name="clients_unique_id"),
    )


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_folded", TEXT, nullable=False),
        sa.Column("password_hash", TEXT, nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="users_of_tenants"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="users_key"),
        sa.UniqueConstraint("tenant_id", "name_folded", name="users_unique_tenant_id_name_folded"),
    )


def _create_refresh_tokens() -> None:
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="refresh_tokens_of_tenants"),
        sa.PrimaryKeyConstraint("digest", name="refresh_tokens_key"),
    )
    op.create_index("refresh_tokens_by_expiry", "refresh_tokens", ["tenant_id", "expires_at"])


def _create_revoked_tokens() -> None:
    op.create_table(
        "revoked_tokens",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="revoked_tokens_of_tenants"),
        sa.PrimaryKeyConstraint("tenant_id", "digest", name="revoked_tokens_key"),
    )


def _create_secrets() -> None:
    op.create_table(
        "secrets",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="secrets_key"),
    )


def _create_sources() -> None:
    op.create_table(
        "sources",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_folded", TEXT, nullable=False),
        sa.Column("family", TEXT, nullable=False),
        sa.Column("sealed_dsn", sa.LargeBinary(), nullable=False),
        sa.Column("dsn_variable", TEXT, nullable=False),
        sa.Column("mapping", TEXT, nullable=False),
        sa.Column("entities", sa.JSON(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("table_sets", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("checked_at", TIME, nullable=True),
        sa.Column("max_readers", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="sources_of_tenants"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="sources_key"),
        sa.UniqueConstraint(
            "tenant_id", "name_folded", name="sources_unique_tenant_id_name_folded"
        ),
    )


def _create_certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("pem", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", NUMBER, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("not_before", TIME, nullable=False),
        sa.Column("not_after", TIME, nullable=False),
        sa.Column("uploaded_at", TIME, nullable=False),
        sa.Column("uploaded_by", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="certificates_of_tenants"),
        sa.PrimaryKeyConstraint("tenant_id", "number", name="certificates_key"),
    )
    op.create_index(
        "certificates_by_fingerprint", "certificates", ["tenant_id", "fingerprint", "number"]
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("family", TEXT, nullable=False),
        sa.Column("data_type", TEXT, nullable=False),
        sa.Column("data_type_folded", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("source_folded", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("title_folded", TEXT, nullable=False),
        sa.Column("description_key", TEXT, nullable=False),
        sa.Column("media_key", TEXT, nullable=False),
        sa.Column("split_bytes", NUMBER, nullable=False),
        sa.Column("attachments", sa.Boolean(), nullable=False),
        sa.Column("date_from", TEXT, nullable=False),
        sa.Column("date_to", TEXT, nullable=False),
        sa.Column("schedule_type", TEXT, nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("newest_run_id", NUMBER, nullable=True),
        sa.Column("next_tick_at", TIME, nullable=True),
        sa.Column("runs_left", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="jobs_of_tenants"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="jobs_key"),
    )
    op.create_index("jobs_by_attachments", "jobs", ["tenant_id", "attachments", "id"])
    op.create_index("jobs_by_date_from", "jobs", ["tenant_id", "date_from", "id"])
    op.create_index("jobs_by_date_to", "jobs", ["tenant_id", "date_to", "id"])
    op.create_index("jobs_by_description_key", "jobs", ["tenant_id", "description_key", "id"])
    op.create_index("jobs_by_media_key", "jobs", ["tenant_id", "media_key", "id"])
    op.create_index("jobs_by_split_bytes", "jobs", ["tenant_id", "split_bytes", "id"])
    op.create_index("jobs_by_created_at", "jobs", ["tenant_id", "created_at", "id"])
    op.create_index("jobs_by_data_type", "jobs", ["tenant_id", "data_type_folded", "id"])
    op.create_index("jobs_by_family", "jobs", ["tenant_id", "family", "id"])
    op.create_index("jobs_by_schedule_type", "jobs", ["tenant_id", "schedule_type", "id"])
    op.create_index("jobs_by_source", "jobs", ["tenant_id", "source_folded", "id"])
    op.create_index("jobs_by_suspended", "jobs", ["tenant_id", "suspended", "id"])
    op.create_index("jobs_by_title", "jobs", ["tenant_id", "title_folded", "id"])
    op.create_index(
        "jobs_by_next_tick",
        "jobs",
        ["next_tick_at"],
        sqlite_where=sa.text("next_tick_at IS NOT NULL"),
        postgresql_where=sa.text("next_tick_at IS NOT NULL"),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("job_id", NUMBER, nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("family", TEXT, nullable=False),
        sa.Column("data_type", TEXT, nullable=False),
        sa.Column("data_type_folded", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("source_folded", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("title_folded", TEXT, nullable=False),
        sa.Column("description_key", TEXT, nullable=False),
        sa.Column("media_key", TEXT, nullable=False),
        sa.Column("split_bytes", NUMBER, nullable=False),
        sa.Column("attachments", sa.Boolean(), nullable=False),
        sa.Column("date_from", TEXT, nullable=False),
        sa.Column("date_to", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("tick_at", TIME, nullable=True),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("submitted_at", TIME, nullable=True),
        sa.Column("attempt", NUMBER, nullable=False),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("archive_id", TEXT, nullable=False),
        sa.Column("numbered", sa.Boolean(), nullable=False),
        sa.Column("estimate_rows", NUMBER, nullable=False),
        sa.Column("rows_read", NUMBER, nullable=False),
        sa.Column("selected", NUMBER, nullable=False),
        sa.Column("exported", NUMBER, nullable=False),
        sa.Column("skipped", NUMBER, nullable=False),
        sa.Column("warnings", NUMBER, nullable=False),
        sa.Column("size_bytes", NUMBER, nullable=False),
        sa.Column("certificate_fingerprint", TEXT, nullable=False),
        sa.Column("first_file", TEXT, nullable=False),
        sa.Column("first_file_folded", TEXT, nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="runs_of_tenants"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="runs_key"),
    )
    op.create_index("runs_by_attachments", "runs", ["tenant_id", "attachments", "id"])
    op.create_index("runs_by_date_from", "runs", ["tenant_id", "date_from", "id"])
    op.create_index("runs_by_date_to", "runs", ["tenant_id", "date_to", "id"])
    op.create_index("runs_by_description_key", "runs", ["tenant_id", "description_key", "id"])
    op.create_index("runs_by_media_key", "runs", ["tenant_id", "media_key", "id"])
    op.create_index("runs_by_split_bytes", "runs", ["tenant_id", "split_bytes", "id"])
    op.create_index("runs_by_created_at", "runs", ["tenant_id", "created_at", "id"])
    op.create_index("runs_by_data_type", "runs", ["tenant_id", "data_type_folded", "id"])
    op.create_index("runs_by_family", "runs", ["tenant_id", "family", "id"])
    op.create_index("runs_by_first_file", "runs", ["tenant_id", "first_file_folded", "id"])
    op.create_index("runs_by_job_id", "runs", ["tenant_id", "job_id", "id"])
    op.create_index("runs_by_size_bytes", "runs", ["tenant_id", "size_bytes", "id"])
    op.create_index("runs_by_source", "runs", ["tenant_id", "source_folded", "id"])
    op.create_index("runs_by_status", "runs", ["tenant_id", "status", "id"])
    op.create_index("runs_by_title", "runs", ["tenant_id", "title_folded", "id"])
    op.create_index(
        "runs_to_submit",
        "runs",
        ["created_at"],
        sqlite_where=sa.text("submitted_at IS NULL"),
        postgresql_where=sa.text("submitted_at IS NULL"),
    )


def _create_ticks() -> None:
    op.create_table(
        "ticks",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("job_id", NUMBER, nullable=False),
        sa.Column("tick_at", TIME, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("run_id", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="ticks_of_tenants"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"], ["runs.tenant_id", "runs.id"], name="ticks_of_runs"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "job_id", "tick_at", name="ticks_key"),
    )
    op.create_index("ticks_by_run", "ticks", ["tenant_id", "run_id"])


def _create_run_parts() -> None:
    op.create_table(
        "run_parts",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("run_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("slices", sa.JSON(), nullable=False),
        sa.Column("remainder_of", NUMBER, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("starts", NUMBER, nullable=False),
        sa.Column("rows_read", NUMBER, nullable=False),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"], ["runs.tenant_id", "runs.id"], name="run_parts_of_runs"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", "number", name="run_parts_key"),
    )


def _create_files() -> None:
    op.create_table(
        "files",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_folded", TEXT, nullable=False),
        sa.Column("run_id", NUMBER, nullable=False),
        sa.Column("job_id", NUMBER, nullable=False),
        sa.Column("object_key", TEXT, nullable=False),
        sa.Column("size_bytes", NUMBER, nullable=False),
        sa.Column("rows", NUMBER, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("part", NUMBER, nullable=False),
        sa.Column("parts", NUMBER, nullable=False),
        sa.Column("family", TEXT, nullable=False),
        sa.Column("data_type", TEXT, nullable=False),
        sa.Column("data_type_folded", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("source_folded", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("title_folded", TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"], ["runs.tenant_id", "runs.id"], name="files_of_runs"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="files_key"),
        sa.UniqueConstraint("tenant_id", "name", name="files_unique_tenant_id_name"),
    )
    op.create_index("files_by_created_at", "files", ["tenant_id", "created_at", "id"])
    op.create_index("files_by_data_type", "files", ["tenant_id", "data_type_folded", "id"])
    op.create_index("files_by_expires_at", "files", ["tenant_id", "expires_at", "id"])
    op.create_index("files_by_family", "files", ["tenant_id", "family", "id"])
    op.create_index("files_by_job_id", "files", ["tenant_id", "job_id", "id"])
    op.create_index("files_by_name", "files", ["tenant_id", "name_folded", "id"])
    op.create_index("files_by_rows", "files", ["tenant_id", "rows", "id"])
    op.create_index("files_by_run_id", "files", ["tenant_id", "run_id", "id"])
    op.create_index("files_by_size_bytes", "files", ["tenant_id", "size_bytes", "id"])
    op.create_index("files_by_source", "files", ["tenant_id", "source_folded", "id"])
    op.create_index("files_by_title", "files", ["tenant_id", "title_folded", "id"])


def _create_marks() -> None:
    op.create_table(
        "marks",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("job_id", NUMBER, nullable=False),
        sa.Column("table_name", TEXT, nullable=False),
        sa.Column("mark", sa.JSON(), nullable=False),
        sa.Column("run_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="marks_of_tenants"),
        sa.PrimaryKeyConstraint("tenant_id", "job_id", "table_name", name="marks_key"),
    )


def _create_manifests() -> None:
    op.create_table(
        "manifests",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("run_id", NUMBER, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"], ["runs.tenant_id", "runs.id"], name="manifests_of_runs"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", name="manifests_key"),
        sa.UniqueConstraint("tenant_id", "name", name="manifests_unique_tenant_id_name"),
    )


def _create_beats() -> None:
    op.create_table(
        "beats",
        sa.Column("worker_id", TEXT, nullable=False),
        sa.Column("beat_at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name="beats_key"),
    )
