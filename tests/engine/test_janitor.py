"""Files go after their time, exactly; objects that no run knows go as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cxport import blobs
from cxport.blobs.base import Blobs, BlobSettings
from cxport.domain.custody import Decision
from cxport.domain.errors import NotFound, ObjectMissing, StorageUnavailable
from cxport.domain.run import Run, Status
from cxport.domain.tenant import Tenant
from cxport.engine.ending import publish_run
from cxport.engine.janitor import clean_up, expire_files, expire_parts, forget_audit, sweep
from cxport.engine.resources import Resources
from cxport.sealing.signature import new_signing_key
from cxport.sealing.vault import Vault, new_master_key
from cxport.store import audit, database, files, leftovers, runs, tenants
from cxport.store.database import Database
from cxport.store.scope import writing
from tests.store.samples import (
    NOON,
    PLAN,
    a_begun_run,
    a_result,
    a_run,
    an_artifact,
    an_audit_entry,
    new_tenant,
    publish,
)


@dataclass
class Clock:
    """A clock that a test sets."""

    now: datetime

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """Give a store."""
    found = database.connect(f"sqlite:///{tmp_path / 'store.sqlite'}")
    found.migrate()
    yield found
    found.close()


@pytest.fixture
def clock() -> Clock:
    """Give a clock."""
    return Clock(NOON)


@pytest.fixture
def at(db: Database, tmp_path: Path, clock: Clock) -> Resources:
    """Give what a worker has at hand."""
    settings = BlobSettings(url=(tmp_path / "objects").as_uri())
    return Resources(
        db=db,
        box=Vault([new_master_key()]),
        blobs=blobs.connect(settings),
        blob_settings=settings,
        signing_key=new_signing_key(),
        environment={},
        clock=clock,
        workers=1,
        part_rows=1000,
        retention=timedelta(days=30),
    )


@pytest.fixture
def tenant(db: Database) -> Tenant:
    """Give a tenant."""
    return new_tenant(db)


def a_published_run(at: Resources, tenant: Tenant) -> Run:
    """Publish a run with one file that is kept for 30 days from noon."""
    run = begun(at, tenant, "published")
    file = an_artifact(run, object_key=f"{tenant.id}/published/00001-a")
    publish(at.db, run, [file])
    at.blobs.put(file.object_key, [b"sealed"])
    return run


def begun(at: Resources, tenant: Tenant, archive: str) -> Run:
    """Begin a run that writes into the named folder."""
    run = a_run(at.db, tenant)
    return runs.begin(
        at.db, tenant.id, run.id, archive_id=archive, certificate_fingerprint="f" * 64
    )


def is_stored(storage: Blobs, key: str) -> bool:
    """Tell whether an object is there."""
    try:
        return storage.size(key) > 0
    except ObjectMissing:
        return False


def test_a_file_is_kept_until_its_time_and_gone_after(
    at: Resources, tenant: Tenant, clock: Clock
) -> None:
    """An hour before its 30 days end a file is there; when they have, file and object are gone."""
    run = a_published_run(at, tenant)
    (file,) = files.of_run(at.db, tenant.id, run.id)
    clock.now = file.expires_at - timedelta(hours=1)
    expire_files(at)
    assert files.get(at.db, tenant.id, file.name, clock.now) == file
    assert is_stored(at.blobs, file.object_key)

    clock.now = file.expires_at
    expire_files(at)

    with pytest.raises(NotFound):
        files.get(at.db, tenant.id, file.name, clock.now)
    assert not is_stored(at.blobs, file.object_key)
    assert runs.get(at.db, tenant.id, run.id).status is Status.EXPIRED
    expire_files(at)


def test_a_storage_that_is_away_keeps_what_is_known(
    at: Resources, tenant: Tenant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an object cannot be removed the store still knows it; the next round removes it."""
    run = a_published_run(at, tenant)
    (file,) = files.of_run(at.db, tenant.id, run.id)
    clock.now = file.expires_at

    def away(_: str) -> None:
        raise StorageUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(at.blobs, "delete", away)
        with pytest.raises(StorageUnavailable):
            expire_files(at)
    assert files.find(at.db, tenant.id, file.name)

    expire_files(at)

    assert files.find(at.db, tenant.id, file.name) is None
    assert not is_stored(at.blobs, file.object_key)


def test_objects_that_no_run_knows_are_swept(at: Resources, tenant: Tenant, clock: Clock) -> None:
    """What a killed process left in the folder of a run that has ended goes; its files stay."""
    run = a_published_run(at, tenant)
    running = begun(at, tenant, "running")
    ended = runs.get(at.db, tenant.id, run.id)
    assert ended.ended_at
    clock.now = ended.ended_at
    left_behind = f"{tenant.id}/{ended.archive_id}/00001-left"
    in_hand = f"{tenant.id}/{running.archive_id}/00001-hand"
    for key in (left_behind, in_hand):
        at.blobs.put(key, [b"sealed"])

    sweep(at)

    assert not is_stored(at.blobs, left_behind)
    assert is_stored(at.blobs, in_hand)
    (file,) = files.of_run(at.db, tenant.id, run.id)
    assert is_stored(at.blobs, file.object_key)


def test_the_audit_record_is_let_go_by_age(at: Resources, clock: Clock, tenant: Tenant) -> None:
    """After the days that are set; without a setting it is kept for ever."""
    key = audit.audit_key(at.db, at.box)
    with writing(at.db, tenant.id) as scope:
        audit.append(scope, key, an_audit_entry(tenant))
    clock.now += timedelta(days=10_000)

    forget_audit(at)
    assert audit.verify(at.db, tenant.id, key).entries == 1

    forget_audit(replace(at, audit_retention=timedelta(days=730)))
    verdict = audit.verify(at.db, tenant.id, key)
    assert (verdict.entries, verdict.number, verdict.fault) == (0, 1, "")


def a_failed_run(at: Resources, tenant: Tenant, clock: Clock) -> tuple[Run, str]:
    """Let a run fail whose first part is done, and is kept for three days from its end."""
    run = begun(at, tenant, "failed")
    key = f"{tenant.id}/failed/00001-done"
    at.blobs.put(key, [b"sealed"])
    runs.save_plan(at.db, tenant.id, run.id, run.attempt, PLAN, 10, numbered=True)
    runs.start_part(at.db, tenant.id, run.id, run.attempt, 1)
    runs.finish_part(at.db, tenant.id, run.id, run.attempt, 1, 1, a_result(key), ())
    runs.fail(at.db, tenant.id, run.id, run.attempt, "full", clock.now + timedelta(days=3))
    return run, key


def test_parts_of_a_failed_run_are_kept_for_a_retry(
    at: Resources, tenant: Tenant, clock: Clock
) -> None:
    """Until their time is over, and an hour; then object and result go, and a retry redoes all."""
    run, key = a_failed_run(at, tenant, clock)
    ended = runs.get(at.db, tenant.id, run.id).ended_at
    assert ended
    clock.now = ended
    sweep(at)
    clock.now = NOON + timedelta(days=3, minutes=59)
    expire_parts(at)
    assert is_stored(at.blobs, key)

    clock.now = NOON + timedelta(days=3, minutes=61)
    expire_parts(at)

    assert not is_stored(at.blobs, key)
    assert all(part.result is None for part in runs.parts(at.db, tenant.id, run.id))
    assert runs.get(at.db, tenant.id, run.id).parts_until is None


def test_a_retry_and_the_janitor_keep_out_of_each_others_way(
    at: Resources, tenant: Tenant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a retry stores while the janitor looks through the run's folder is not removed."""
    run, key = a_failed_run(at, tenant, clock)
    ended = runs.get(at.db, tenant.id, run.id).ended_at
    assert ended
    clock.now = ended
    listed = at.blobs.keys

    def keys(prefix: str) -> Iterator[str]:
        found = [*listed(prefix), f"{prefix}00002-retried"]
        runs.retry(at.db, tenant.id, run.id, fingerprint="f" * 64, now=NOON)
        return iter(found)

    def gone(name: str) -> None:
        raise AssertionError(f"removed {name}")

    monkeypatch.setattr(at.blobs, "keys", keys)
    monkeypatch.setattr(at.blobs, "delete", gone)

    sweep(at)

    assert is_stored(at.blobs, key)


def test_a_file_under_hold_does_not_expire(at: Resources, tenant: Tenant, clock: Clock) -> None:
    """It is there a year after its time; released, it goes."""
    run = a_published_run(at, tenant)
    (file,) = files.of_run(at.db, tenant.id, run.id)
    decision = Decision(by="user:ann", at=NOON, reason="a lawsuit")
    runs.hold(at.db, tenant.id, run.id, decision)
    clock.now = file.expires_at + timedelta(days=400)
    expire_files(at)
    assert files.get(at.db, tenant.id, file.name, clock.now) == file
    assert is_stored(at.blobs, file.object_key)

    runs.release(at.db, tenant.id, run.id)
    expire_files(at)

    assert runs.get(at.db, tenant.id, run.id).status is Status.EXPIRED
    assert not is_stored(at.blobs, file.object_key)


def test_a_file_that_comes_under_hold_in_a_round_stays(
    at: Resources, tenant: Tenant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hold counts also behind the janitor's look at what is over."""
    run = a_published_run(at, tenant)
    (file,) = files.of_run(at.db, tenant.id, run.id)
    clock.now = file.expires_at
    look = leftovers.expired

    def held_behind(db: Database, now: datetime, limit: int) -> list[tuple[str, str, str]]:
        over = look(db, now, limit)
        runs.hold(db, tenant.id, run.id, Decision(by="user:ann", at=NOON, reason="a lawsuit"))
        return over

    monkeypatch.setattr(leftovers, "expired", held_behind)
    expire_files(at)

    assert files.of_run(at.db, tenant.id, run.id) == [file]
    assert is_stored(at.blobs, file.object_key)


def test_a_round_does_all_of_it(at: Resources, tenant: Tenant, clock: Clock) -> None:
    """Files whose time is over, and objects that no run knows, go in one round."""
    run = a_published_run(at, tenant)
    (file,) = files.of_run(at.db, tenant.id, run.id)
    unknown = f"{tenant.id}/published/00002-unknown"
    at.blobs.put(unknown, [b"sealed"])
    # a run's folder is looked through by the time at which it ended, which the store tells
    clock.now = datetime.now(UTC)

    clean_up(at)

    assert not is_stored(at.blobs, unknown)
    clock.now = max(clock.now, file.expires_at)
    clean_up(at)
    assert not is_stored(at.blobs, file.object_key)
    assert list(at.blobs.keys(f"{tenant.id}/")) == []


def test_a_revocation_is_finished_by_the_janitor(
    at: Resources, tenant: Tenant, clock: Clock
) -> None:
    """Where the storage was away at first, the object goes in the next round."""
    run = a_published_run(at, tenant)
    (file,) = files.of_run(at.db, tenant.id, run.id)
    runs.revoke(at.db, tenant.id, run.id, Decision(by="user:ann", at=clock.now, reason="error"))

    expire_files(at)

    assert not is_stored(at.blobs, file.object_key)
    assert files.of_run(at.db, tenant.id, run.id) == []
    assert runs.get(at.db, tenant.id, run.id).status is Status.EXPIRED


@pytest.mark.parametrize(("wish", "days"), [(None, 30), (7, 7), (90, 30)])
def test_a_tenant_has_its_files_go_earlier_never_later(
    at: Resources, tenant: Tenant, wish: int | None, days: int
) -> None:
    """What it wants holds for files that appear then, up to what the installation grants."""
    tenants.keep_files_for(at.db, tenant.id, wish)
    run = a_begun_run(at.db, tenant)
    for part in PLAN:
        runs.start_part(at.db, tenant.id, run.id, run.attempt, part.number)
        result = a_result(f"objects/{part.number}")
        runs.finish_part(at.db, tenant.id, run.id, run.attempt, part.number, 1, result, ())
    publish_run(at, tenant.id, run.id, run.attempt)

    kept = [one.expires_at for one in files.of_run(at.db, tenant.id, run.id)]
    assert kept == [NOON + timedelta(days=days)] * 2
