"""`/runs` and `/jobs`: a run once more, and what becomes of its files."""

from __future__ import annotations

from fastapi import APIRouter

from cxport.api.auth import SignedIn, Use
from cxport.api.body import Part
from cxport.api.errors import documented
from cxport.api.extension.runs import RunDetail, run_detail
from cxport.api.json_body import StrictRoute
from cxport.api.paging import whole
from cxport.api.v10.shapes import JobInfo, job_info

router = APIRouter(route_class=StrictRoute)


class Reason(Part):
    """Why; it is told to whoever meets the hold, and kept with the run."""

    reason: str


@router.post("/runs/{id}/retry", status_code=202, tags=["runs"], responses=documented(400, 404))
def retry_run(id: str, caller: SignedIn, services: Use) -> RunDetail:  # noqa: A002 - as the contract names it
    """Queue a failed run again: it goes on from its finished parts, as the same run."""
    return run_detail(services.control.retry(caller, whole("id", id)), (), services.clock())


@router.post("/runs/{id}/rerun", status_code=202, tags=["runs"], responses=documented(400, 404))
def rerun_run(id: str, caller: SignedIn, services: Use) -> RunDetail:  # noqa: A002 - as the contract names it
    """Queue a further run of the same job that exports what this one did."""
    return run_detail(services.control.rerun(caller, whole("id", id)), (), services.clock())


@router.post("/runs/{id}/hold", tags=["runs"], responses=documented(400, 404))
def hold_run(id: str, body: Reason, caller: SignedIn, services: Use) -> RunDetail:  # noqa: A002 - as the contract names it
    """Put a run under legal hold: nothing of it is deleted or expires until it is released."""
    return run_detail(
        services.control.hold(caller, whole("id", id), body.reason), (), services.clock()
    )


@router.post("/runs/{id}/release", tags=["runs"], responses=documented(400, 404))
def release_run(id: str, caller: SignedIn, services: Use) -> RunDetail:  # noqa: A002 - as the contract names it
    """End the hold on a run."""
    return run_detail(services.control.release(caller, whole("id", id)), (), services.clock())


@router.post("/runs/{id}/revoke", tags=["runs"], responses=documented(400, 404))
def revoke_run(id: str, body: Reason, caller: SignedIn, services: Use) -> RunDetail:  # noqa: A002 - as the contract names it
    """End the time of a run's files now: content, manifest and links are gone at once."""
    return run_detail(
        services.control.revoke(caller, whole("id", id), body.reason), (), services.clock()
    )


@router.post("/jobs/{id}/run", status_code=202, tags=["jobs"], responses=documented(400, 404))
def run_job(id: str, caller: SignedIn, services: Use) -> RunDetail:  # noqa: A002 - as the contract names it
    """Queue a run of a job between its ticks; while one has not ended, that is answered."""
    return run_detail(services.control.run_now(caller, whole("id", id)), (), services.clock())


@router.post("/jobs/{id}/clone", status_code=201, tags=["jobs"], responses=documented(400, 404))
def clone_job(id: str, caller: SignedIn, services: Use) -> JobInfo:  # noqa: A002 - as the contract names it
    """Make a suspended copy of a job, or, by a run's id, a job that exports once what it did."""
    return job_info(services.control.clone(caller, whole("id", id)))
