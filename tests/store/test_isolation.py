"""No tenant can see, change or detect what another has."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import cxport.store
from cxport.domain.access import Role
from cxport.domain.catalogue import Family
from cxport.domain.custody import Decision
from cxport.domain.errors import CxportError, NotFound
from cxport.domain.listing import Query
from cxport.domain.notice import Kind, Subscription, trial_notice
from cxport.domain.run import Status
from cxport.domain.tenant import Tenant
from cxport.store import (
    audit,
    files,
    jobs,
    marks,
    outbox,
    rates,
    runs,
    sessions,
    sign_ins,
    sources,
    subscriptions,
    tables,
    tenants,
)
from cxport.store.database import Database
from cxport.store.scope import writing
from tests.store.samples import (
    COUNTS,
    LATER,
    NO_TICKS,
    NOON,
    PLAN,
    a_begun_run,
    a_certificate,
    a_due_job,
    a_manifest,
    a_mark,
    a_result,
    a_session,
    a_spec,
    a_table_set,
    a_table_spec,
    an_artifact,
    an_audit_entry,
    everything_of,
    new_tenant,
    publish,
)


@dataclass(frozen=True, kw_only=True)
class Ids:
    """What a caller may name, of one tenant or of none."""

    job_id: int = 777
    #: In progress, and ended.
    run_id: int = 778
    ended_run_id: int = 779
    source_id: str = "unknown"
    source_name: str = "unknown"
    key_id: str = "unknown"
    user_name: str = "unknown"
    user_stamp: str = "unknown"
    fingerprint: str = "0" * 64
    file_name: str = "export-unknown.smime"
    held_file_name: str = "export-unknown.smime"
    manifest_name: str = "export-unknown.manifest.json"
    refresh_digest: bytes = b"unknown"
    revoked_digest: bytes = b"unknown"
    session_digest: bytes = b"unknown"
    client_id: str = "unknown"
    subscription_id: str = "unknown"
    delivery_id: str = "unknown"


FAR = datetime(9999, 1, 1, tzinfo=UTC)
DECISION = Decision(by="user:ann", at=NOON, reason="a lawsuit")

Call = Callable[[Ids], dict[str, Any]]

NOTICE = trial_notice("", NOON)


def a_subscription(subscription_id: str) -> Subscription:
    """Give a subscription as it would be saved."""
    return Subscription(
        id=subscription_id,
        tenant_id="",
        kind=Kind.WEBHOOK,
        events=(),
        language="de",
        active=False,
        created_at=NOON,
        created_by="",
        sealed=b"",
    )


def _none(_: Ids) -> dict[str, Any]:
    return {}


def _run(ids: Ids) -> dict[str, Any]:
    return {"run_id": ids.run_id}


def _part(ids: Ids) -> dict[str, Any]:
    return {"run_id": ids.run_id, "attempt": 1, "number": 1}


def _ending(ids: Ids) -> dict[str, Any]:
    return {"run_id": ids.run_id, "attempt": 1}


def _publish(ids: Ids) -> dict[str, Any]:
    values = {"status": Status.COMPLETED, "reason": "", "counts": COUNTS, "artifacts": ()}
    return {**_ending(ids), **values, "manifest": None}


#: Every function that takes a tenant and does not only add: what it is called with.
CALLS: dict[str, Call] = {
    "tenants.keys": _none,
    "tenants.remove_key": lambda ids: {"key_id": ids.key_id},
    "tenants.user_by_name": lambda ids: {"name": ids.user_name},
    "sign_ins.revoke_refresh_token": lambda ids: {"digest": ids.refresh_digest},
    "sign_ins.is_revoked": lambda ids: {"digest": ids.revoked_digest},
    "accounts.all_users": _none,
    "accounts.all_clients": _none,
    "accounts.update_user": lambda ids: {"name": ids.user_name, "password_hash": "new"},
    "accounts.replace_password": lambda ids: {
        "name": ids.user_name,
        "stamp": ids.user_stamp,
        "password_hash": "new",
        "session": b"",
    },
    "accounts.update_client": lambda ids: {"client_id": ids.client_id, "secret_hash": "new"},
    "accounts.remove_user": lambda ids: {"name": ids.user_name},
    "accounts.remove_client": lambda ids: {"client_id": ids.client_id},
    "sessions.touch": lambda ids: {"digest": ids.session_digest, "now": NOON},
    "sessions.list": _none,
    "sessions.end_others": lambda _: {"subject": "user:ann", "digest": b"unknown"},
    "activity.days": lambda _: {"starts": (NOON,), "end": FAR, "families": {Family.UCS}},
    "activity.failed": lambda _: {"since": NOON, "families": {Family.UCS}, "limit": 9},
    "extra_runs.run_now": lambda ids: {"job_id": ids.job_id, "now": NOON},
    "sessions.end": lambda ids: {"digest": ids.session_digest},
    "sources.get": lambda ids: {"source_id": ids.source_id},
    "sources.by_name": lambda ids: {"name": ids.source_name},
    "sources.list": _none,
    "sources.update_checked": lambda ids: {
        "source_id": ids.source_id,
        "entities": (),
        "media": (),
        "checked_at": NOON,
    },
    "sources.update_limits": lambda ids: {
        "source_id": ids.source_id,
        "max_readers": 9,
        "max_rows_per_second": 900,
    },
    "sources.remove": lambda ids: {"source_id": ids.source_id},
    "certificates.in_force": _none,
    "certificates.by_fingerprint": lambda ids: {"fingerprint": ids.fingerprint},
    "certificates.history": _none,
    "jobs.get": lambda ids: {"job_id": ids.job_id},
    "jobs.newest_run": lambda ids: {"job_id": ids.job_id},
    "jobs.suspend": lambda ids: {"job_id": ids.job_id},
    "jobs.resume": lambda ids: {"job_id": ids.job_id},
    "jobs.cancel": lambda ids: {"job_id": ids.job_id},
    "jobs.update": lambda ids: {"job_id": ids.job_id, "spec": a_spec()},
    "jobs.delete": lambda ids: {"job_id": ids.job_id},
    "jobs.page": lambda ids: {"query": Query(equals={"id": (ids.job_id,)})},
    "runs.get": _run,
    "runs.page": lambda ids: {"query": Query(equals={"job_id": (ids.job_id,)})},
    "runs.begin": lambda ids: {**_run(ids), "archive_id": "", "certificate_fingerprint": ""},
    "runs.save_plan": lambda ids: {
        **_ending(ids),
        "parts": PLAN,
        "estimate_rows": 1,
        "numbered": True,
    },
    "runs.parts": _run,
    "runs.start_part": _part,
    "runs.part_progress": lambda ids: {**_part(ids), "starts": 1, "rows_read": 1},
    "runs.finish_part": lambda ids: {
        **_part(ids),
        "starts": 1,
        "result": a_result(),
        "remainder": (),
    },
    "runs.number_members": _ending,
    "runs.publish": _publish,
    "runs.fail": lambda ids: {**_ending(ids), "reason": ""},
    "runs.cancelled": _ending,
    "runs.cancel": _run,
    "runs.suspend": _run,
    "runs.resume": _run,
    "runs.delete": _run,
    "files.get": lambda ids: {"name": ids.file_name, "now": NOON},
    "files.find": lambda ids: {"name": ids.file_name},
    "files.delete": lambda ids: {"name": ids.file_name},
    "files.manifest": lambda ids: {"name": ids.manifest_name},
    "files.page": lambda ids: {
        "query": Query(equals={"run_id": (ids.ended_run_id,)}),
        "now": NOON,
    },
    "marks.of_job": lambda ids: {"job_id": ids.job_id},
    "marks.refresh": lambda ids: {"source": ids.source_name, "sets": (a_table_set("more"),)},
    "files.of_run": lambda ids: {"run_id": ids.ended_run_id},
    "audit.page": lambda _: {"query": Query()},
    "audit.verify": lambda _: {"key": bytes(32)},
    "audit.digest_of": lambda _: {"number": 1},
    "audit.forget_before": lambda _: {"key": bytes(32), "moment": LATER},
    "subscriptions.get": lambda ids: {"subscription_id": ids.subscription_id},
    "subscriptions.list": _none,
    "subscriptions.save": lambda ids: {"changed": a_subscription(ids.subscription_id)},
    "subscriptions.remove": lambda ids: {"subscription_id": ids.subscription_id},
    "outbox.send_to": lambda ids: {"subscription_id": ids.subscription_id, "notice": NOTICE},
    "deliveries.page": lambda ids: {"subscription_id": ids.subscription_id, "query": Query()},
    "deliveries.replay": lambda ids: {
        "subscription_id": ids.subscription_id,
        "delivery_id": ids.delivery_id,
    },
    "custody.hold": lambda ids: {"run_id": ids.ended_run_id, "decision": DECISION},
    "custody.release": _run,
    "custody.revoke": lambda ids: {"run_id": ids.ended_run_id, "decision": DECISION},
    "leftovers.expire_file": lambda ids: {"name": ids.file_name},
    "leftovers.forget_parts": _ending,
    "leftovers.is_held": lambda ids: {"name": ids.held_file_name},
    "repeats.rerun": lambda ids: {"run_id": ids.ended_run_id, "created_by": "", "now": NOON},
    "repeats.retry": lambda ids: {"run_id": ids.run_id, "fingerprint": "", "now": NOON},
    "turns.take": _ending,
    "work.hand_back": _ending,
    "work.mark_submitted": _run,
    "ticks.of_run": _run,
    "ticks.of_job": lambda ids: {"job_id": ids.job_id, "offset": 0, "limit": 9},
    "progress.usual_rate": lambda _: {"source": "History", "data_type": "Interaction"},
    "ticks.spans": lambda ids: {"job_id": ids.job_id, "first": NOON, "last": datetime.now(UTC)},
    "ticks.take": lambda ids: {"seen": a_due_job(ids.job_id), "plan": NO_TICKS, "now": NOON},
}

#: Every function that takes a tenant and only adds.
ADDS: dict[str, Call] = {
    "tenants.add_key": lambda _: {"name": "k", "digest": os.urandom(32)},
    "tenants.add_client": lambda _: {
        "client_id": str(uuid4()),
        "name": "c",
        "secret_hash": "",
        "roles": frozenset(),
    },
    "tenants.add_user": lambda ids: {
        "name": ids.user_name,
        "password_hash": "",
        "roles": frozenset(),
    },
    "sign_ins.add_refresh_token": lambda ids: {
        "digest": os.urandom(32),
        "subject": f"user:{ids.user_name}",
        "stamp": ids.user_stamp,
        "expires_at": LATER,
    },
    "sign_ins.revoke_access_token": lambda _: {
        "digest": os.urandom(32),
        "expires_at": LATER,
    },
    "sessions.add": lambda _: {"digest": os.urandom(32), "session": a_session()},
    "rates.take": lambda _: {"per_minute": 60, "wanted": 1, "now": NOON},
    "sources.add": lambda ids: {
        "name": ids.source_name,
        "family": Family.UCS,
        "sealed_dsn": b"",
    },
    "expiry.warn": lambda _: {"now": NOON},
    "certificates.add": lambda ids: {
        "name": "c.pem",
        "pem": b"",
        "size_bytes": 0,
        "fingerprint": ids.fingerprint,
        "subject": "",
        "not_before": NOON,
        "not_after": LATER,
        "uploaded_by": "",
    },
    "subscriptions.add": lambda _: {
        "kind": Kind.WEBHOOK,
        "events": (),
        "language": "en",
        "sealed": b"",
        "created_by": "",
    },
    "jobs.create": lambda _: {"spec": a_spec(), "created_by": "", "run_now": True},
    "repeats.clone": lambda ids: {
        "origin_id": ids.job_id,
        "spec": replace(a_spec(), suspended=True),
        "created_by": "",
        "next_tick_at": None,
        "now": NOON,
    },
}

#: These and `limits` are about the tenant itself; `outbox.tell` tells whoever subscribed.
ABOUT_THE_TENANT = {
    "tenants.get",
    "tenants.keep_files_for",
    "outbox.tell",
    "limits.change",
    "limits.of_tenant",
    "limits.usage",
}

#: What works across tenants: sign-in, the installation's own keys, and the engine's view.
ACROSS = {
    "scope": {"reading", "writing"},
    "tenants": {
        "create",
        "get",
        "keep_files_for",
        "by_name",
        "all",
        "key_by_digest",
        "client_by_id",
    },
    "sign_ins": {"use_refresh_token"},
    "sessions": {"find"},
    "failures": {"newest", "add", "forget"},
    "secrets": {"reseal_all", "all_sealed", "_find", "_add"},
    "key_rings": {"turn", "_rows"},
    "leftovers": {"expired", "ended_since", "parts_over"},
    "limits": {"change"},
    "work": {"queued", "handed_over", "_used_up"},
    "ticks": {"due", "next_at"},
    "beats": {"beat", "living", "forget"},
    # what is watched is asked for once for all tenants that are watched
    "changes": {"since"},
    "expiry": {"near"},
    "figures": {"figures"},
    "database": {"migrate", "finish_upgrade", "check_admitted", "schema_state", "ping", "together"},
    "audit": {"aged"},
    "outbox": {"wanting"},
    "deliveries": {"claim", "forget_old"},
    "counts": {"fold"},
}


def _function(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(f"cxport.store.{module}"), function)
    return found


def _taking_a_tenant() -> Iterator[str]:
    """Name the store's public functions that take a Database and a tenant's id."""
    for found in pkgutil.iter_modules(cxport.store.__path__):
        if found.name in {"migrations", "scope", "parts", "intents"}:
            continue
        module = importlib.import_module(f"cxport.store.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ in {
                module.__name__,
                "cxport.store.parts",
                "cxport.store.intents",
            }
            parameters = list(inspect.signature(function).parameters)
            if own and not name.startswith("_") and parameters[:2] == ["db", "tenant_id"]:
                yield f"{found.name}.{name}"


def test_every_function_that_takes_a_tenant_is_tried() -> None:
    """A function that is added must be added here."""
    assert set(_taking_a_tenant()) == {*CALLS, *ADDS, *ABOUT_THE_TENANT}


def _possessions(db: Database, tenant: Tenant) -> Ids:
    """Let a tenant have one of everything."""
    role = frozenset({Role.VIEWER})
    source = sources.add(db, tenant.id, name="Secret", family=Family.UCS, sealed_dsn=b"")
    certificate = a_certificate(db, tenant, "a" * 64)
    run, ended = a_begun_run(db, tenant), a_begun_run(db, tenant)
    runs.start_part(db, tenant.id, run.id, 1, 1)
    file, manifest = an_artifact(ended), a_manifest(ended)
    publish(db, ended, [file], manifest=manifest)
    held = a_begun_run(db, tenant)
    held_file = an_artifact(held)
    publish(db, held, [held_file], manifest=a_manifest(held))
    runs.hold(db, tenant.id, held.id, DECISION)
    with writing(db, tenant.id) as scope:
        marks.advance(scope, run.job_id, run.id, [a_mark()])
        audit.append(scope, bytes(32), an_audit_entry(tenant))
        tick = {"job_id": run.job_id, "tick_at": NOON, "state": "run", "run_id": run.id}
        scope.insert(tables.ticks, tick)
    failed = a_begun_run(db, tenant)
    runs.fail(db, tenant.id, failed.id, failed.attempt, "full")
    jobs.create(db, tenant.id, a_table_spec(source.name), "user:ann", run_now=False)
    refresh, revoked, session = os.urandom(32), os.urandom(32), os.urandom(32)
    sessions.add(db, tenant.id, session, a_session())
    rates.take(db, tenant.id, 60, 1, NOON)
    user = tenants.add_user(db, tenant.id, "ann", "", role)
    sign_ins.add_refresh_token(db, tenant.id, refresh, "user:ann", user.stamp, LATER)
    sign_ins.revoke_access_token(db, tenant.id, revoked, LATER)
    subscribed = subscriptions.add(
        db, tenant.id, kind=Kind.WEBHOOK, events=(), language="en", sealed=b"", created_by=""
    )
    return Ids(
        subscription_id=subscribed.id,
        delivery_id=outbox.send_to(db, tenant.id, subscribed.id, NOTICE),
        job_id=run.job_id,
        run_id=run.id,
        ended_run_id=ended.id,
        source_id=source.id,
        source_name=source.name,
        key_id=tenants.add_key(db, tenant.id, "nightly", os.urandom(32), roles=role).id,
        user_name=user.name,
        user_stamp=user.stamp,
        fingerprint=certificate.fingerprint,
        file_name=file.name,
        held_file_name=held_file.name,
        manifest_name=manifest.name,
        refresh_digest=refresh,
        revoked_digest=revoked,
        session_digest=session,
        client_id=tenants.add_client(db, tenant.id, str(uuid4()), "c", "", role).id,
    )


def _answer(function: Callable[..., Any], db: Database, tenant: Tenant, values: Any) -> object:
    """Give what a caller can tell of a call."""
    try:
        return function(db, tenant.id, **values)
    except CxportError as error:
        return type(error), str(error)


@pytest.mark.parametrize("name", CALLS)
def test_what_another_tenant_has_is_as_unknown(
    db: Database, tenant: Tenant, other: Tenant, name: str
) -> None:
    """The answer is that for ids that nobody has, and nothing of the owner's changes."""
    ids = _possessions(db, tenant)
    before = everything_of(db, tenant.id)

    answer = _answer(_function(name), db, other, CALLS[name](ids))

    assert answer == _answer(_function(name), db, new_tenant(db), CALLS[name](Ids()))
    assert everything_of(db, tenant.id) == before
    assert _answer(_function(name), db, tenant, CALLS[name](ids)) != answer


@pytest.mark.parametrize("name", ADDS)
def test_adding_leaves_other_tenants_alone(
    db: Database, tenant: Tenant, other: Tenant, name: str
) -> None:
    """Also under a name that another tenant uses; an unknown tenant can have nothing."""
    ids = _possessions(db, tenant)
    before = everything_of(db, tenant.id)

    _function(name)(db, other.id, **ADDS[name](ids))

    assert everything_of(db, tenant.id) == before
    with pytest.raises(NotFound):
        _function(name)(db, str(uuid4()), **ADDS[name](ids))


def test_lists_hold_one_tenants_rows(db: Database, tenant: Tenant, other: Tenant) -> None:
    """Whatever is asked for, nothing of another tenant's is found or counted."""
    _possessions(db, tenant)
    everything = Query(contains={"title": ""}, order="title")

    assert jobs.page(db, tenant.id, everything).count == 5
    assert jobs.page(db, other.id, everything).count == 0
    assert runs.page(db, other.id, everything).count == 0
    assert files.page(db, other.id, everything, NOON).count == 0


def test_only_named_functions_work_across_tenants() -> None:
    """Everywhere else transactions are begun within a tenant: no statement lacks its id."""
    across: dict[str, set[str]] = {}
    for path in Path(cxport.store.__path__[0]).glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef) and _begins_across(function):
                across.setdefault(path.stem, set()).add(function.name)

    assert across == ACROSS


def _begins_across(function: ast.FunctionDef) -> bool:
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(
        isinstance(call, ast.Attribute)
        and call.attr in {"read", "write"}
        and isinstance(call.value, ast.Name)
        and call.value.id in {"db", "self"}
        for call in calls
    )
