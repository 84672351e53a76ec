"""What the contract has no operation for; ours, below `/cxport/v1`."""

from fastapi import APIRouter

from cxport.api.contract import Contract
from cxport.api.extension import certificates, estimate, events, runs, ticks

_router = APIRouter()
_router.include_router(certificates.router)
_router.include_router(events.router)
_router.include_router(runs.router)
_router.include_router(ticks.router)
_router.include_router(estimate.router)

CONTRACT = Contract(
    name="v1", title="CXPort's own API, version 1", router=_router, bases=("/cxport",)
)
