CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.api_keys (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    legacy_key_only boolean NOT NULL,
    roles json NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.beats (
    worker_id text NOT NULL COLLATE pg_catalog."C",
    beat_at bigint NOT NULL
);
CREATE TABLE public.certificates (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    pem bytea NOT NULL,
    size_bytes bigint NOT NULL,
    fingerprint text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    not_before timestamp with time zone NOT NULL,
    not_after timestamp with time zone NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    uploaded_by text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.clients (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    secret_hash text NOT NULL COLLATE pg_catalog."C",
    roles json NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.files (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    name_folded text NOT NULL COLLATE pg_catalog."C",
    run_id bigint NOT NULL,
    job_id bigint NOT NULL,
    object_key text NOT NULL COLLATE pg_catalog."C",
    size_bytes bigint NOT NULL,
    rows bigint NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    part bigint NOT NULL,
    parts bigint NOT NULL,
    family text NOT NULL COLLATE pg_catalog."C",
    data_type text NOT NULL COLLATE pg_catalog."C",
    data_type_folded text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    source_folded text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    title_folded text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.jobs (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    id bigint NOT NULL,
    spec json NOT NULL,
    family text NOT NULL COLLATE pg_catalog."C",
    data_type text NOT NULL COLLATE pg_catalog."C",
    data_type_folded text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    source_folded text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    title_folded text NOT NULL COLLATE pg_catalog."C",
    description_key text NOT NULL COLLATE pg_catalog."C",
    media_key text NOT NULL COLLATE pg_catalog."C",
    split_bytes bigint NOT NULL,
    attachments boolean NOT NULL,
    date_from text NOT NULL COLLATE pg_catalog."C",
    date_to text NOT NULL COLLATE pg_catalog."C",
    schedule_type text NOT NULL COLLATE pg_catalog."C",
    suspended boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    updated_at timestamp with time zone NOT NULL,
    newest_run_id bigint,
    next_tick_at timestamp with time zone,
    runs_left bigint
);
CREATE TABLE public.manifests (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    run_id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    content bytea NOT NULL
);
CREATE TABLE public.marks (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    job_id bigint NOT NULL,
    table_name text NOT NULL COLLATE pg_catalog."C",
    mark json NOT NULL,
    run_id bigint NOT NULL
);
CREATE TABLE public.refresh_tokens (
    digest bytea NOT NULL,
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.revoked_tokens (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.run_parts (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    run_id bigint NOT NULL,
    number bigint NOT NULL,
    slices json NOT NULL,
    remainder_of bigint,
    state text NOT NULL COLLATE pg_catalog."C",
    starts bigint NOT NULL,
    rows_read bigint NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    result json
);
CREATE TABLE public.runs (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    id bigint NOT NULL,
    job_id bigint NOT NULL,
    spec json NOT NULL,
    family text NOT NULL COLLATE pg_catalog."C",
    data_type text NOT NULL COLLATE pg_catalog."C",
    data_type_folded text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    source_folded text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    title_folded text NOT NULL COLLATE pg_catalog."C",
    description_key text NOT NULL COLLATE pg_catalog."C",
    media_key text NOT NULL COLLATE pg_catalog."C",
    split_bytes bigint NOT NULL,
    attachments boolean NOT NULL,
    date_from text NOT NULL COLLATE pg_catalog."C",
    date_to text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    tick_at timestamp with time zone,
    note text NOT NULL COLLATE pg_catalog."C",
    submitted_at timestamp with time zone,
    attempt bigint NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    reason text NOT NULL COLLATE pg_catalog."C",
    archive_id text NOT NULL COLLATE pg_catalog."C",
    numbered boolean NOT NULL,
    estimate_rows bigint NOT NULL,
    rows_read bigint NOT NULL,
    selected bigint NOT NULL,
    exported bigint NOT NULL,
    skipped bigint NOT NULL,
    warnings bigint NOT NULL,
    size_bytes bigint NOT NULL,
    certificate_fingerprint text NOT NULL COLLATE pg_catalog."C",
    first_file text NOT NULL COLLATE pg_catalog."C",
    first_file_folded text NOT NULL COLLATE pg_catalog."C",
    marks json NOT NULL,
    notices json NOT NULL
);
CREATE TABLE public.secrets (
    name text NOT NULL COLLATE pg_catalog."C",
    sealed bytea NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.sources (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    name_folded text NOT NULL COLLATE pg_catalog."C",
    family text NOT NULL COLLATE pg_catalog."C",
    sealed_dsn bytea NOT NULL,
    dsn_variable text NOT NULL COLLATE pg_catalog."C",
    mapping text NOT NULL COLLATE pg_catalog."C",
    entities json NOT NULL,
    media json NOT NULL,
    table_sets json NOT NULL,
    created_at timestamp with time zone NOT NULL,
    checked_at timestamp with time zone,
    max_readers bigint NOT NULL
);
CREATE TABLE public.tenants (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    name_folded text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    last_id bigint NOT NULL,
    last_file bigint NOT NULL,
    last_certificate bigint NOT NULL
);
CREATE TABLE public.ticks (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    job_id bigint NOT NULL,
    tick_at timestamp with time zone NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    run_id bigint
);
CREATE TABLE public.users (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    name_folded text NOT NULL COLLATE pg_catalog."C",
    password_hash text NOT NULL COLLATE pg_catalog."C",
    roles json NOT NULL,
    created_at timestamp with time zone NOT NULL
);
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.certificates VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 1, 'ours.pem', '\x2d2d2d2d2d424547494e2043455254494649434154452d2d2d2d2d', 27, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'CN=ours', '2026-05-01 12:00:00.123456+00', '2026-05-31 12:00:00.123456+00', '2026-11-24 13:06:40.458914+00', 'user:ann');
INSERT INTO public.files VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 1, 'export-12-1.smime', 'export-12-1.smime', 12, 11, 'objects/1', 4096, 10, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 2, 'UCS', 'Interaction', 'interaction', 'History', 'history', 'Weekly', 'weekly', '2026-05-01 12:00:00.123456+00', '2100-01-01 00:00:00+00');
INSERT INTO public.files VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 2, 'export-12-2.smime', 'export-12-2.smime', 12, 11, 'objects/1', 4096, 10, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 2, 2, 'UCS', 'Interaction', 'interaction', 'History', 'history', 'Weekly', 'weekly', '2026-05-01 12:00:00.123456+00', '2100-01-01 00:00:00+00');
INSERT INTO public.jobs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 1, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Stra\u00dfe", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'Straße', 'strasse', '', '', 536870912, false, '', '', 'immediate', false, '2026-11-24 13:06:39.059593+00', 'user:ann', '2026-11-24 13:06:39.059593+00', 2, NULL, 0);
INSERT INTO public.jobs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 3, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'weekly', 'weekly', '', '', 536870912, false, '', '', 'immediate', false, '2026-11-24 13:06:39.204578+00', 'user:ann', '2026-11-24 13:06:39.204578+00', 4, NULL, 0);
INSERT INTO public.jobs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 5, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "\u039f\u0394\u039f\u03a3", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'ΟΔΟΣ', 'οδοσ', '', '', 536870912, false, '', '', 'immediate', false, '2026-11-24 13:06:39.327049+00', 'user:ann', '2026-11-24 13:06:39.327049+00', 6, NULL, 0);
INSERT INTO public.jobs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 7, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'Weekly', 'weekly', '', '', 536870912, false, '', '', 'immediate', false, '2026-11-24 13:06:39.392367+00', 'user:ann', '2026-11-24 13:06:39.392367+00', 8, NULL, 0);
INSERT INTO public.jobs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 9, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'Weekly', 'weekly', '', '', 536870912, false, '', '', 'immediate', false, '2026-11-24 13:06:39.828234+00', 'user:ann', '2026-11-24 13:06:39.828234+00', 10, NULL, 0);
INSERT INTO public.jobs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 11, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'Weekly', 'weekly', '', '', 536870912, false, '', '', 'immediate', false, '2026-11-24 13:06:40.215+00', 'user:ann', '2026-11-24 13:06:40.215+00', 12, NULL, 0);
INSERT INTO public.jobs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 13, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "held", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": true}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'held', 'held', '', '', 536870912, false, '', '', 'immediate', true, '2026-11-24 13:06:40.430338+00', 'user:ann', '2026-11-24 13:06:40.430338+00', NULL, NULL, 1);
INSERT INTO public.jobs VALUES ('57ed5f31-180c-4500-912b-87e18674ae6b', 1, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "theirs", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'theirs', 'theirs', '', '', 536870912, false, '', '', 'immediate', false, '2026-11-24 13:06:40.510627+00', 'user:ann', '2026-11-24 13:06:40.510627+00', 2, NULL, 0);
INSERT INTO public.manifests VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 10, 'export-b66fc761-326c-43ff-8d44-a3373a66c0d8.manifest.json', '\x7b7d00ff');
INSERT INTO public.manifests VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 12, 'export-100d23c3-30bd-42c5-a179-8a271b22d893.manifest.json', '\x7b7d00ff');
INSERT INTO public.run_parts VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 8, 1, '[{"entity": "Chat", "content": "records", "after": null, "upto": "m", "after_attachment": null, "since": null}]', NULL, 'waiting', 0, 0, NULL, NULL, NULL);
INSERT INTO public.run_parts VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 8, 2, '[{"entity": "Chat", "content": "records", "after": "m", "upto": null, "after_attachment": null, "since": null}, {"entity": "EmailIn", "content": "records", "after": null, "upto": null, "after_attachment": null, "since": null}]', NULL, 'waiting', 0, 0, NULL, NULL, NULL);
INSERT INTO public.runs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 2, 1, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Stra\u00dfe", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'Straße', 'strasse', '', '', 536870912, false, '', '', 'queued', '2026-11-24 13:06:39.111339+00', 'user:ann', NULL, '', NULL, 0, NULL, NULL, '', '', false, 0, 0, 0, 0, 0, 0, 0, '', '', '', '[]', '[]');
INSERT INTO public.runs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 4, 3, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'weekly', 'weekly', '', '', 536870912, false, '', '', 'queued', '2026-11-24 13:06:39.274983+00', 'user:ann', NULL, '', NULL, 0, NULL, NULL, '', '', false, 0, 0, 0, 0, 0, 0, 0, '', '', '', '[]', '[]');
INSERT INTO public.runs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 6, 5, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "\u039f\u0394\u039f\u03a3", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'ΟΔΟΣ', 'οδοσ', '', '', 536870912, false, '', '', 'queued', '2026-11-24 13:06:39.375211+00', 'user:ann', NULL, '', NULL, 0, NULL, NULL, '', '', false, 0, 0, 0, 0, 0, 0, 0, '', '', '', '[]', '[]');
INSERT INTO public.runs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 8, 7, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'Weekly', 'weekly', '', '', 536870912, false, '', '', 'inProgress', '2026-11-24 13:06:39.443377+00', 'user:ann', NULL, '', NULL, 1, '2026-11-24 13:06:39.559347+00', NULL, '', '2f1e', true, 1000, 0, 0, 0, 0, 0, 0, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '', '', '[]', '[]');
INSERT INTO public.runs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 12, 11, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'Weekly', 'weekly', '', '', 536870912, false, '', '', 'completed', '2026-11-24 13:06:40.245396+00', 'user:ann', NULL, '', NULL, 1, '2026-11-24 13:06:40.299076+00', '2026-11-24 13:06:40.379433+00', '', '2f1e', false, 1000, 0, 12, 10, 2, 1, 8192, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'export-12-1.smime', 'export-12-1.smime', '[]', '[]');
INSERT INTO public.runs VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 10, 9, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'Weekly', 'weekly', '', '', 536870912, false, '', '', 'completed', '2026-11-24 13:06:39.903545+00', 'user:ann', NULL, '', NULL, 1, '2026-11-24 13:06:39.995294+00', '2026-11-24 13:06:40.143444+00', '', '2f1e', false, 1000, 0, 12, 10, 2, 1, 0, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '', '', '[]', '[]');
INSERT INTO public.runs VALUES ('57ed5f31-180c-4500-912b-87e18674ae6b', 2, 1, '{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "theirs", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}', 'UCS', 'Interaction', 'interaction', 'History', 'history', 'theirs', 'theirs', '', '', 536870912, false, '', '', 'queued', '2026-11-24 13:06:40.535671+00', 'user:ann', NULL, '', NULL, 0, NULL, NULL, '', '', false, 0, 0, 0, 0, 0, 0, 0, '', '', '', '[]', '[]');
INSERT INTO public.tenants VALUES ('fce1553b-ce05-48d3-b8ad-15523efc94a6', 'Müller & Söhne', 'müller & söhne', '2026-11-24 13:06:38.953842+00', 13, 2, 1);
INSERT INTO public.tenants VALUES ('57ed5f31-180c-4500-912b-87e18674ae6b', 'other', 'other', '2026-11-24 13:06:39.020602+00', 2, 0, 0);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_key PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_unique_digest UNIQUE (digest);
ALTER TABLE ONLY public.beats
    ADD CONSTRAINT beats_key PRIMARY KEY (worker_id);
ALTER TABLE ONLY public.certificates
    ADD CONSTRAINT certificates_key PRIMARY KEY (tenant_id, number);
ALTER TABLE ONLY public.clients
    ADD CONSTRAINT clients_key PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.clients
    ADD CONSTRAINT clients_unique_id UNIQUE (id);
ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_key PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_unique_tenant_id_name UNIQUE (tenant_id, name);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_key PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.manifests
    ADD CONSTRAINT manifests_key PRIMARY KEY (tenant_id, run_id);
ALTER TABLE ONLY public.manifests
    ADD CONSTRAINT manifests_unique_tenant_id_name UNIQUE (tenant_id, name);
ALTER TABLE ONLY public.marks
    ADD CONSTRAINT marks_key PRIMARY KEY (tenant_id, job_id, table_name);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_key PRIMARY KEY (digest);
ALTER TABLE ONLY public.revoked_tokens
    ADD CONSTRAINT revoked_tokens_key PRIMARY KEY (tenant_id, digest);
ALTER TABLE ONLY public.run_parts
    ADD CONSTRAINT run_parts_key PRIMARY KEY (tenant_id, run_id, number);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_key PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.secrets
    ADD CONSTRAINT secrets_key PRIMARY KEY (name);
ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_key PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_unique_tenant_id_name_folded UNIQUE (tenant_id, name_folded);
ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_key PRIMARY KEY (id);
ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_unique_name_folded UNIQUE (name_folded);
ALTER TABLE ONLY public.ticks
    ADD CONSTRAINT ticks_key PRIMARY KEY (tenant_id, job_id, tick_at);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_key PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_unique_tenant_id_name_folded UNIQUE (tenant_id, name_folded);
CREATE INDEX certificates_by_fingerprint ON public.certificates USING btree (tenant_id, fingerprint, number);
CREATE INDEX files_by_created_at ON public.files USING btree (tenant_id, created_at, id);
CREATE INDEX files_by_data_type ON public.files USING btree (tenant_id, data_type_folded, id);
CREATE INDEX files_by_expires_at ON public.files USING btree (tenant_id, expires_at, id);
CREATE INDEX files_by_family ON public.files USING btree (tenant_id, family, id);
CREATE INDEX files_by_job_id ON public.files USING btree (tenant_id, job_id, id);
CREATE INDEX files_by_name ON public.files USING btree (tenant_id, name_folded, id);
CREATE INDEX files_by_rows ON public.files USING btree (tenant_id, rows, id);
CREATE INDEX files_by_run_id ON public.files USING btree (tenant_id, run_id, id);
CREATE INDEX files_by_size_bytes ON public.files USING btree (tenant_id, size_bytes, id);
CREATE INDEX files_by_source ON public.files USING btree (tenant_id, source_folded, id);
CREATE INDEX files_by_title ON public.files USING btree (tenant_id, title_folded, id);
CREATE INDEX jobs_by_attachments ON public.jobs USING btree (tenant_id, attachments, id);
CREATE INDEX jobs_by_created_at ON public.jobs USING btree (tenant_id, created_at, id);
CREATE INDEX jobs_by_data_type ON public.jobs USING btree (tenant_id, data_type_folded, id);
CREATE INDEX jobs_by_date_from ON public.jobs USING btree (tenant_id, date_from, id);
CREATE INDEX jobs_by_date_to ON public.jobs USING btree (tenant_id, date_to, id);
CREATE INDEX jobs_by_description_key ON public.jobs USING btree (tenant_id, description_key, id);
CREATE INDEX jobs_by_family ON public.jobs USING btree (tenant_id, family, id);
CREATE INDEX jobs_by_media_key ON public.jobs USING btree (tenant_id, media_key, id);
CREATE INDEX jobs_by_next_tick ON public.jobs USING btree (next_tick_at) WHERE (next_tick_at IS NOT NULL);
CREATE INDEX jobs_by_schedule_type ON public.jobs USING btree (tenant_id, schedule_type, id);
CREATE INDEX jobs_by_source ON public.jobs USING btree (tenant_id, source_folded, id);
CREATE INDEX jobs_by_split_bytes ON public.jobs USING btree (tenant_id, split_bytes, id);
CREATE INDEX jobs_by_suspended ON public.jobs USING btree (tenant_id, suspended, id);
CREATE INDEX jobs_by_title ON public.jobs USING btree (tenant_id, title_folded, id);
CREATE INDEX refresh_tokens_by_expiry ON public.refresh_tokens USING btree (tenant_id, expires_at);
CREATE INDEX runs_by_attachments ON public.runs USING btree (tenant_id, attachments, id);
CREATE INDEX runs_by_created_at ON public.runs USING btree (tenant_id, created_at, id);
CREATE INDEX runs_by_data_type ON public.runs USING btree (tenant_id, data_type_folded, id);
CREATE INDEX runs_by_date_from ON public.runs USING btree (tenant_id, date_from, id);
CREATE INDEX runs_by_date_to ON public.runs USING btree (tenant_id, date_to, id);
CREATE INDEX runs_by_description_key ON public.runs USING btree (tenant_id, description_key, id);
CREATE INDEX runs_by_family ON public.runs USING btree (tenant_id, family, id);
CREATE INDEX runs_by_first_file ON public.runs USING btree (tenant_id, first_file_folded, id);
CREATE INDEX runs_by_job_id ON public.runs USING btree (tenant_id, job_id, id);
CREATE INDEX runs_by_media_key ON public.runs USING btree (tenant_id, media_key, id);
CREATE INDEX runs_by_size_bytes ON public.runs USING btree (tenant_id, size_bytes, id);
CREATE INDEX runs_by_source ON public.runs USING btree (tenant_id, source_folded, id);
CREATE INDEX runs_by_split_bytes ON public.runs USING btree (tenant_id, split_bytes, id);
CREATE INDEX runs_by_status ON public.runs USING btree (tenant_id, status, id);
CREATE INDEX runs_by_title ON public.runs USING btree (tenant_id, title_folded, id);
CREATE INDEX runs_to_submit ON public.runs USING btree (created_at) WHERE (submitted_at IS NULL);
CREATE INDEX ticks_by_run ON public.ticks USING btree (tenant_id, run_id);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_of_tenants FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.certificates
    ADD CONSTRAINT certificates_of_tenants FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.clients
    ADD CONSTRAINT clients_of_tenants FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_of_runs FOREIGN KEY (tenant_id, run_id) REFERENCES public.runs(tenant_id, id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_of_tenants FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.manifests
    ADD CONSTRAINT manifests_of_runs FOREIGN KEY (tenant_id, run_id) REFERENCES public.runs(tenant_id, id);
ALTER TABLE ONLY public.marks
    ADD CONSTRAINT marks_of_tenants FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_of_tenants FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.revoked_tokens
    ADD CONSTRAINT revoked_tokens_of_tenants FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.run_parts
    ADD CONSTRAINT run_parts_of_runs FOREIGN KEY (tenant_id, run_id) REFERENCES public.runs(tenant_id, id);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_of_tenants FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_of_tenants FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.ticks
    ADD CONSTRAINT ticks_of_runs FOREIGN KEY (tenant_id, run_id) REFERENCES public.runs(tenant_id, id);
ALTER TABLE ONLY public.ticks
    ADD CONSTRAINT ticks_of_tenants FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_of_tenants FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
