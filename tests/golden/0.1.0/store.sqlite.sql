BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE api_keys (
	tenant_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	digest BLOB NOT NULL, 
	legacy_key_only BOOLEAN NOT NULL, 
	roles JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT api_keys_key PRIMARY KEY (tenant_id, id), 
	CONSTRAINT api_keys_of_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id), 
	CONSTRAINT api_keys_unique_digest UNIQUE (digest)
);
CREATE TABLE beats (
	worker_id TEXT NOT NULL, 
	beat_at BIGINT NOT NULL, 
	CONSTRAINT beats_key PRIMARY KEY (worker_id)
);
CREATE TABLE certificates (
	tenant_id TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	pem BLOB NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	not_before DATETIME NOT NULL, 
	not_after DATETIME NOT NULL, 
	uploaded_at DATETIME NOT NULL, 
	uploaded_by TEXT NOT NULL, 
	CONSTRAINT certificates_key PRIMARY KEY (tenant_id, number), 
	CONSTRAINT certificates_of_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
INSERT INTO "certificates" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',1,'ours.pem',X'2D2D2D2D2D424547494E2043455254494649434154452D2D2D2D2D',27,'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','CN=ours','2026-05-01 12:00:00.123456','2026-05-31 12:00:00.123456','2026-11-24 13:06:31.674216','user:ann');
CREATE TABLE clients (
	tenant_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	secret_hash TEXT NOT NULL, 
	roles JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT clients_key PRIMARY KEY (tenant_id, id), 
	CONSTRAINT clients_of_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id), 
	CONSTRAINT clients_unique_id UNIQUE (id)
);
CREATE TABLE files (
	tenant_id TEXT NOT NULL, 
	id BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	name_folded TEXT NOT NULL, 
	run_id BIGINT NOT NULL, 
	job_id BIGINT NOT NULL, 
	object_key TEXT NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	rows BIGINT NOT NULL, 
	sha256 TEXT NOT NULL, 
	part BIGINT NOT NULL, 
	parts BIGINT NOT NULL, 
	family TEXT NOT NULL, 
	data_type TEXT NOT NULL, 
	data_type_folded TEXT NOT NULL, 
	source TEXT NOT NULL, 
	source_folded TEXT NOT NULL, 
	title TEXT NOT NULL, 
	title_folded TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT files_key PRIMARY KEY (tenant_id, id), 
	CONSTRAINT files_of_runs FOREIGN KEY(tenant_id, run_id) REFERENCES runs (tenant_id, id), 
	CONSTRAINT files_unique_tenant_id_name UNIQUE (tenant_id, name)
);
INSERT INTO "files" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',1,'export-12-1.smime','export-12-1.smime',12,11,'objects/1',4096,10,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1,2,'UCS','Interaction','interaction','History','history','Weekly','weekly','2026-05-01 12:00:00.123456','2100-01-01 00:00:00.000000');
INSERT INTO "files" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',2,'export-12-2.smime','export-12-2.smime',12,11,'objects/1',4096,10,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',2,2,'UCS','Interaction','interaction','History','history','Weekly','weekly','2026-05-01 12:00:00.123456','2100-01-01 00:00:00.000000');
CREATE TABLE jobs (
	tenant_id TEXT NOT NULL, 
	id BIGINT NOT NULL, 
	spec JSON NOT NULL, 
	family TEXT NOT NULL, 
	data_type TEXT NOT NULL, 
	data_type_folded TEXT NOT NULL, 
	source TEXT NOT NULL, 
	source_folded TEXT NOT NULL, 
	title TEXT NOT NULL, 
	title_folded TEXT NOT NULL, 
	description_key TEXT NOT NULL, 
	media_key TEXT NOT NULL, 
	split_bytes BIGINT NOT NULL, 
	attachments BOOLEAN NOT NULL, 
	date_from TEXT NOT NULL, 
	date_to TEXT NOT NULL, 
	schedule_type TEXT NOT NULL, 
	suspended BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by TEXT NOT NULL, 
	updated_at DATETIME NOT NULL, 
	newest_run_id BIGINT, 
	next_tick_at DATETIME, 
	runs_left BIGINT, 
	CONSTRAINT jobs_key PRIMARY KEY (tenant_id, id), 
	CONSTRAINT jobs_of_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
INSERT INTO "jobs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',1,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Stra\u00dfe", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','Straße','strasse','','',536870912,0,'','','immediate',0,'2026-11-24 13:06:31.318484','user:ann','2026-11-24 13:06:31.318484',2,NULL,0);
INSERT INTO "jobs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',3,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','weekly','weekly','','',536870912,0,'','','immediate',0,'2026-11-24 13:06:31.357446','user:ann','2026-11-24 13:06:31.357446',4,NULL,0);
INSERT INTO "jobs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',5,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "\u039f\u0394\u039f\u03a3", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','ΟΔΟΣ','οδοσ','','',536870912,0,'','','immediate',0,'2026-11-24 13:06:31.375676','user:ann','2026-11-24 13:06:31.375676',6,NULL,0);
INSERT INTO "jobs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',7,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','Weekly','weekly','','',536870912,0,'','','immediate',0,'2026-11-24 13:06:31.387138','user:ann','2026-11-24 13:06:31.387138',8,NULL,0);
INSERT INTO "jobs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',9,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','Weekly','weekly','','',536870912,0,'','','immediate',0,'2026-11-24 13:06:31.486472','user:ann','2026-11-24 13:06:31.486472',10,NULL,0);
INSERT INTO "jobs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',11,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','Weekly','weekly','','',536870912,0,'','','immediate',0,'2026-11-24 13:06:31.575009','user:ann','2026-11-24 13:06:31.575009',12,NULL,0);
INSERT INTO "jobs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',13,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "held", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": true}','UCS','Interaction','interaction','History','history','held','held','','',536870912,0,'','','immediate',1,'2026-11-24 13:06:31.663260','user:ann','2026-11-24 13:06:31.663260',NULL,NULL,1);
INSERT INTO "jobs" VALUES('51dfb4ff-288c-46b8-8aea-a285a25eb39d',1,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "theirs", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','theirs','theirs','','',536870912,0,'','','immediate',0,'2026-11-24 13:06:31.705093','user:ann','2026-11-24 13:06:31.705093',2,NULL,0);
CREATE TABLE manifests (
	tenant_id TEXT NOT NULL, 
	run_id BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	content BLOB NOT NULL, 
	CONSTRAINT manifests_key PRIMARY KEY (tenant_id, run_id), 
	CONSTRAINT manifests_of_runs FOREIGN KEY(tenant_id, run_id) REFERENCES runs (tenant_id, id), 
	CONSTRAINT manifests_unique_tenant_id_name UNIQUE (tenant_id, name)
);
INSERT INTO "manifests" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',10,'export-982c5c2a-2e21-42d6-ba55-ea2cc903fa9b.manifest.json',X'7B7D00FF');
INSERT INTO "manifests" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',12,'export-9b8caf3f-ffe4-4a9c-951d-862eb5b63d9f.manifest.json',X'7B7D00FF');
CREATE TABLE marks (
	tenant_id TEXT NOT NULL, 
	job_id BIGINT NOT NULL, 
	table_name TEXT NOT NULL, 
	mark JSON NOT NULL, 
	run_id BIGINT NOT NULL, 
	CONSTRAINT marks_key PRIMARY KEY (tenant_id, job_id, table_name), 
	CONSTRAINT marks_of_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
CREATE TABLE refresh_tokens (
	digest BLOB NOT NULL, 
	tenant_id TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT refresh_tokens_key PRIMARY KEY (digest), 
	CONSTRAINT refresh_tokens_of_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
CREATE TABLE revoked_tokens (
	tenant_id TEXT NOT NULL, 
	digest BLOB NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT revoked_tokens_key PRIMARY KEY (tenant_id, digest), 
	CONSTRAINT revoked_tokens_of_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
CREATE TABLE run_parts (
	tenant_id TEXT NOT NULL, 
	run_id BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	slices JSON NOT NULL, 
	remainder_of BIGINT, 
	state TEXT NOT NULL, 
	starts BIGINT NOT NULL, 
	rows_read BIGINT NOT NULL, 
	started_at DATETIME, 
	ended_at DATETIME, 
	result JSON, 
	CONSTRAINT run_parts_key PRIMARY KEY (tenant_id, run_id, number), 
	CONSTRAINT run_parts_of_runs FOREIGN KEY(tenant_id, run_id) REFERENCES runs (tenant_id, id)
);
INSERT INTO "run_parts" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',8,1,'[{"entity": "Chat", "content": "records", "after": null, "upto": "m", "after_attachment": null, "since": null}]',NULL,'waiting',0,0,NULL,NULL,NULL);
INSERT INTO "run_parts" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',8,2,'[{"entity": "Chat", "content": "records", "after": "m", "upto": null, "after_attachment": null, "since": null}, {"entity": "EmailIn", "content": "records", "after": null, "upto": null, "after_attachment": null, "since": null}]',NULL,'waiting',0,0,NULL,NULL,NULL);
CREATE TABLE runs (
	tenant_id TEXT NOT NULL, 
	id BIGINT NOT NULL, 
	job_id BIGINT NOT NULL, 
	spec JSON NOT NULL, 
	family TEXT NOT NULL, 
	data_type TEXT NOT NULL, 
	data_type_folded TEXT NOT NULL, 
	source TEXT NOT NULL, 
	source_folded TEXT NOT NULL, 
	title TEXT NOT NULL, 
	title_folded TEXT NOT NULL, 
	description_key TEXT NOT NULL, 
	media_key TEXT NOT NULL, 
	split_bytes BIGINT NOT NULL, 
	attachments BOOLEAN NOT NULL, 
	date_from TEXT NOT NULL, 
	date_to TEXT NOT NULL, 
	status TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by TEXT NOT NULL, 
	tick_at DATETIME, 
	note TEXT NOT NULL, 
	submitted_at DATETIME, 
	attempt BIGINT NOT NULL, 
	started_at DATETIME, 
	ended_at DATETIME, 
	reason TEXT NOT NULL, 
	archive_id TEXT NOT NULL, 
	numbered BOOLEAN NOT NULL, 
	estimate_rows BIGINT NOT NULL, 
	rows_read BIGINT NOT NULL, 
	selected BIGINT NOT NULL, 
	exported BIGINT NOT NULL, 
	skipped BIGINT NOT NULL, 
	warnings BIGINT NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	certificate_fingerprint TEXT NOT NULL, 
	first_file TEXT NOT NULL, 
	first_file_folded TEXT NOT NULL, 
	marks JSON NOT NULL, 
	notices JSON NOT NULL, 
	CONSTRAINT runs_key PRIMARY KEY (tenant_id, id), 
	CONSTRAINT runs_of_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
INSERT INTO "runs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',2,1,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Stra\u00dfe", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','Straße','strasse','','',536870912,0,'','','queued','2026-11-24 13:06:31.331104','user:ann',NULL,'',NULL,0,NULL,NULL,'','',0,0,0,0,0,0,0,0,'','','','[]','[]');
INSERT INTO "runs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',4,3,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','weekly','weekly','','',536870912,0,'','','queued','2026-11-24 13:06:31.358583','user:ann',NULL,'',NULL,0,NULL,NULL,'','',0,0,0,0,0,0,0,0,'','','','[]','[]');
INSERT INTO "runs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',6,5,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "\u039f\u0394\u039f\u03a3", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','ΟΔΟΣ','οδοσ','','',536870912,0,'','','queued','2026-11-24 13:06:31.376572','user:ann',NULL,'',NULL,0,NULL,NULL,'','',0,0,0,0,0,0,0,0,'','','','[]','[]');
INSERT INTO "runs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',8,7,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','Weekly','weekly','','',536870912,0,'','','inProgress','2026-11-24 13:06:31.388045','user:ann',NULL,'',NULL,1,'2026-11-24 13:06:31.421564',NULL,'','2f1e',1,1000,0,0,0,0,0,0,'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','','','[]','[]');
INSERT INTO "runs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',10,9,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','Weekly','weekly','','',536870912,0,'','','completed','2026-11-24 13:06:31.497392','user:ann',NULL,'',NULL,1,'2026-11-24 13:06:31.513177','2026-11-24 13:06:31.545227','','2f1e',0,1000,0,12,10,2,1,0,'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','','','[]','[]');
INSERT INTO "runs" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9',12,11,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "Weekly", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','Weekly','weekly','','',536870912,0,'','','completed','2026-11-24 13:06:31.575908','user:ann',NULL,'',NULL,1,'2026-11-24 13:06:31.591866','2026-11-24 13:06:31.639389','','2f1e',0,1000,0,12,10,2,1,8192,'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','export-12-1.smime','export-12-1.smime','[]','[]');
INSERT INTO "runs" VALUES('51dfb4ff-288c-46b8-8aea-a285a25eb39d',2,1,'{"source": "History", "family": "UCS", "data_type": "Interaction", "title": "theirs", "description": "", "window": {"start": null, "end": null}, "relative": "", "schedule": {"immediately": true, "cron": "", "runs": "", "start_at": null, "timezone": "UTC", "missed_ticks": "one"}, "entities": [], "tables": null, "incremental": false, "media": [], "attachments": false, "filters": [], "split_bytes": 536870912, "split_text": "", "profile": "compat", "spreadsheet_safe": false, "suspended": false}','UCS','Interaction','interaction','History','history','theirs','theirs','','',536870912,0,'','','queued','2026-11-24 13:06:31.706017','user:ann',NULL,'',NULL,0,NULL,NULL,'','',0,0,0,0,0,0,0,0,'','','','[]','[]');
CREATE TABLE secrets (
	name TEXT NOT NULL, 
	sealed BLOB NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT secrets_key PRIMARY KEY (name)
);
CREATE TABLE sources (
	tenant_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_folded TEXT NOT NULL, 
	family TEXT NOT NULL, 
	sealed_dsn BLOB NOT NULL, 
	dsn_variable TEXT NOT NULL, 
	mapping TEXT NOT NULL, 
	entities JSON NOT NULL, 
	media JSON NOT NULL, 
	table_sets JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	checked_at DATETIME, 
	max_readers BIGINT NOT NULL, 
	CONSTRAINT sources_key PRIMARY KEY (tenant_id, id), 
	CONSTRAINT sources_of_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id), 
	CONSTRAINT sources_unique_tenant_id_name_folded UNIQUE (tenant_id, name_folded)
);
CREATE TABLE tenants (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_folded TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_id BIGINT NOT NULL, 
	last_file BIGINT NOT NULL, 
	last_certificate BIGINT NOT NULL, 
	CONSTRAINT tenants_key PRIMARY KEY (id), 
	CONSTRAINT tenants_unique_name_folded UNIQUE (name_folded)
);
INSERT INTO "tenants" VALUES('bf7c6d6b-63db-4dc6-98e3-bd0b86aed7f9','Müller & Söhne','müller & söhne','2026-11-24 13:06:31.285045',13,2,1);
INSERT INTO "tenants" VALUES('51dfb4ff-288c-46b8-8aea-a285a25eb39d','other','other','2026-11-24 13:06:31.309553',2,0,0);
CREATE TABLE ticks (
	tenant_id TEXT NOT NULL, 
	job_id BIGINT NOT NULL, 
	tick_at DATETIME NOT NULL, 
	state TEXT NOT NULL, 
	run_id BIGINT, 
	CONSTRAINT ticks_key PRIMARY KEY (tenant_id, job_id, tick_at), 
	CONSTRAINT ticks_of_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id), 
	CONSTRAINT ticks_of_runs FOREIGN KEY(tenant_id, run_id) REFERENCES runs (tenant_id, id)
);
CREATE TABLE users (
	tenant_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_folded TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	roles JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT users_key PRIMARY KEY (tenant_id, id), 
	CONSTRAINT users_of_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id), 
	CONSTRAINT users_unique_tenant_id_name_folded UNIQUE (tenant_id, name_folded)
);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (tenant_id, expires_at);
CREATE INDEX certificates_by_fingerprint ON certificates (tenant_id, fingerprint, number);
CREATE INDEX jobs_by_attachments ON jobs (tenant_id, attachments, id);
CREATE INDEX jobs_by_date_from ON jobs (tenant_id, date_from, id);
CREATE INDEX jobs_by_date_to ON jobs (tenant_id, date_to, id);
CREATE INDEX jobs_by_description_key ON jobs (tenant_id, description_key, id);
CREATE INDEX jobs_by_media_key ON jobs (tenant_id, media_key, id);
CREATE INDEX jobs_by_split_bytes ON jobs (tenant_id, split_bytes, id);
CREATE INDEX jobs_by_created_at ON jobs (tenant_id, created_at, id);
CREATE INDEX jobs_by_data_type ON jobs (tenant_id, data_type_folded, id);
CREATE INDEX jobs_by_family ON jobs (tenant_id, family, id);
CREATE INDEX jobs_by_schedule_type ON jobs (tenant_id, schedule_type, id);
CREATE INDEX jobs_by_source ON jobs (tenant_id, source_folded, id);
CREATE INDEX jobs_by_suspended ON jobs (tenant_id, suspended, id);
CREATE INDEX jobs_by_title ON jobs (tenant_id, title_folded, id);
CREATE INDEX jobs_by_next_tick ON jobs (next_tick_at) WHERE next_tick_at IS NOT NULL;
CREATE INDEX runs_by_attachments ON runs (tenant_id, attachments, id);
CREATE INDEX runs_by_date_from ON runs (tenant_id, date_from, id);
CREATE INDEX runs_by_date_to ON runs (tenant_id, date_to, id);
CREATE INDEX runs_by_description_key ON runs (tenant_id, description_key, id);
CREATE INDEX runs_by_media_key ON runs (tenant_id, media_key, id);
CREATE INDEX runs_by_split_bytes ON runs (tenant_id, split_bytes, id);
CREATE INDEX runs_by_created_at ON runs (tenant_id, created_at, id);
CREATE INDEX runs_by_data_type ON runs (tenant_id, data_type_folded, id);
CREATE INDEX runs_by_family ON runs (tenant_id, family, id);
CREATE INDEX runs_by_first_file ON runs (tenant_id, first_file_folded, id);
CREATE INDEX runs_by_job_id ON runs (tenant_id, job_id, id);
CREATE INDEX runs_by_size_bytes ON runs (tenant_id, size_bytes, id);
CREATE INDEX runs_by_source ON runs (tenant_id, source_folded, id);
CREATE INDEX runs_by_status ON runs (tenant_id, status, id);
CREATE INDEX runs_by_title ON runs (tenant_id, title_folded, id);
CREATE INDEX runs_to_submit ON runs (created_at) WHERE submitted_at IS NULL;
CREATE INDEX ticks_by_run ON ticks (tenant_id, run_id);
CREATE INDEX files_by_created_at ON files (tenant_id, created_at, id);
CREATE INDEX files_by_data_type ON files (tenant_id, data_type_folded, id);
CREATE INDEX files_by_expires_at ON files (tenant_id, expires_at, id);
CREATE INDEX files_by_family ON files (tenant_id, family, id);
CREATE INDEX files_by_job_id ON files (tenant_id, job_id, id);
CREATE INDEX files_by_name ON files (tenant_id, name_folded, id);
CREATE INDEX files_by_rows ON files (tenant_id, rows, id);
CREATE INDEX files_by_run_id ON files (tenant_id, run_id, id);
CREATE INDEX files_by_size_bytes ON files (tenant_id, size_bytes, id);
CREATE INDEX files_by_source ON files (tenant_id, source_folded, id);
CREATE INDEX files_by_title ON files (tenant_id, title_folded, id);
COMMIT;
