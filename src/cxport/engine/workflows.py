"""Runs as durable workflows: plan, export the parts in parallel, publish.

A workflow's inputs and results are ids and short words in portable JSON: the engine keeps them
in its own tables. Whatever process continues a workflow after a crash replays the steps that
were finished from there, and does the others again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import structlog
from dbos import DBOS, SetEnqueueOptions, SetWorkflowID, WorkflowHandle

from cxport.domain.errors import RunFailed
from cxport.domain.said import Said, written
from cxport.engine.ending import end_run, publish_run
from cxport.engine.parts import export_part, waiting_parts
from cxport.engine.planning import plan_run
from cxport.engine.resources import Resources
from cxport.engine.retrying import Result, patiently
from cxport.engine.telling import told
from cxport.export.readers import RunKey
from cxport.store import runs
from cxport.telemetry import metrics

_log = structlog.get_logger()

RUNS_QUEUE = "runs"
PARTS_QUEUE = "parts"
RUN_WORKFLOW = "run"
PART_WORKFLOW = "part"

#: How often, in seconds, a run looks whether its parts are done.
_RESULT_POLL_SECONDS = 0.2

_INTERNAL = Said("internal error: the run was ended; the log of the worker says where")


def register(at: Resources) -> None:
    """Register the workflows of this process; to be called once, before the launch."""
    part = DBOS.workflow(name=PART_WORKFLOW)(_part_workflow(at))
    DBOS.workflow(name=RUN_WORKFLOW)(_run_workflow(at, part))


Workflow = Callable[..., Any]
Handle = WorkflowHandle[Any]


def _part_workflow(at: Resources) -> Workflow:
    def part(tenant_id: str, run_id: int, attempt: int, number: int) -> str:
        key = (tenant_id, run_id, attempt)
        try:
            return _step(at, "export", lambda: _export(at, key, number))
        except Exception as error:  # noqa: BLE001 - a fault of ours ends one run, which says so
            at.check_stopping()
            return _fault(error, tenant_id, run_id)

    return part


def _run_workflow(at: Resources, part: Workflow) -> Workflow:
    def run(tenant_id: str, run_id: int) -> None:
        attempt = 0
        try:
            attempt = _step(at, "plan", lambda: _plan(at, tenant_id, run_id))
            reason = _export_all(at, part, tenant_id, run_id, attempt) if attempt else ""
        except Exception as error:  # noqa: BLE001 - a fault of ours ends the run, which says so
            at.check_stopping()
            reason = _fault(error, tenant_id, run_id)
        if reason:
            _step(at, "end", lambda: _end(at, tenant_id, run_id, reason))
        elif attempt:
            _step(at, "publish", lambda: _publish(at, tenant_id, run_id, attempt))

    return run


def _export_all(at: Resources, part: Workflow, tenant_id: str, run_id: int, attempt: int) -> str:
    """Export parts until none waits; give the first reason why the run cannot go on."""
    key = (tenant_id, run_id, attempt)
    while waiting := _step(at, "waiting", lambda: waiting_parts(at, key)):
        under_way: deque[Handle] = deque()
        for number, starts, turn, most in waiting:
            if len(under_way) >= most and (reason := _result(under_way.popleft())):
                return reason
            name = f"{tenant_id}:{run_id}:{attempt}:{number}:{starts}"
            with SetWorkflowID(name), SetEnqueueOptions(priority=turn):
                under_way.append(DBOS.enqueue_workflow(PARTS_QUEUE, part, *key, number))
        for handle in under_way:
            if reason := _result(handle):
                return reason
    return ""


def _result(handle: Handle) -> str:
    """Wait for a part, and give the reason why its run cannot go on, if there is one."""
    return str(handle.get_result(polling_interval_sec=_RESULT_POLL_SECONDS))


def _step(at: Resources, name: str, act: Callable[[], Result]) -> Result:
    """Do a step whose result the engine keeps, waiting for the store where that is away."""
    return DBOS.run_step({"name": name}, lambda: patiently(at, act))


def _export(at: Resources, key: RunKey, number: int) -> str:
    with told("part", key[0], key[1], part=number) as span:
        reason = export_part(at, key, number)
        if reason:
            span.failed(RunFailed.__name__)
        return reason


def _plan(at: Resources, tenant_id: str, run_id: int) -> int:
    with told("plan", tenant_id, run_id):
        return plan_run(at, tenant_id, run_id)


def _publish(at: Resources, tenant_id: str, run_id: int, attempt: int) -> None:
    with told("publish", tenant_id, run_id):
        publish_run(at, tenant_id, run_id, attempt)


def _end(at: Resources, tenant_id: str, run_id: int, reason: str) -> None:
    with told("end", tenant_id, run_id):
        end_run(at, runs.get(at.db, tenant_id, run_id), reason)


def _fault(error: Exception, tenant_id: str, run_id: int) -> str:
    """Log where our own fault lies; its text could hold data, so it stays out."""
    metrics.count_failure(error, "step")
    trace = error.__traceback__
    places = []
    while trace is not None:
        places.append(f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}")
        trace = trace.tb_next
    with told("fault", tenant_id, run_id) as span:
        span.failed(type(error).__name__)
        _log.error("internal error", error=type(error).__name__, at=places[-6:])
    return written(_INTERNAL)
