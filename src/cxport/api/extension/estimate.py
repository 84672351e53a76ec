"""`/estimate`: what a job would export, before it is made."""

from __future__ import annotations

from fastapi import APIRouter, Response

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.jobs import warn_of_unknown
from cxport.api.json_body import StrictRoute
from cxport.api.shapes import Answer
from cxport.api.v10.job_body import Job

router = APIRouter(tags=["jobs"], route_class=StrictRoute)


class JobEstimate(Answer):
    """What a job's first run would export, by the source's statistics: never exact.

    `size` is the bytes of the sealed files, at most as a rule; `rawSize` those of the lines
    before compression; `seconds` goes by the last runs of the source, null where there was none.
    """

    rows: int
    size: int
    raw_size: int
    parts: int
    seconds: int | None


@router.post("/estimate", responses=documented(400))
def estimate_job(body: Job, response: Response, caller: SignedIn, services: Use) -> JobEstimate:
    """Estimate rows, bytes, files and time of a job with this body; nothing is stored."""
    found = services.estimates.estimate(caller, body.request())
    warn_of_unknown(response, body.unknown())
    return JobEstimate(
        rows=found.measured.rows,
        size=found.measured.sealed_bytes,
        raw_size=found.measured.raw_bytes,
        parts=found.measured.parts,
        seconds=found.seconds,
    )
