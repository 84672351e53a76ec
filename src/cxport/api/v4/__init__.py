"""Version 4 of the contract, deprecated: history and jobs, over the one service layer."""

from fastapi import APIRouter

from cxport.api import legacy
from cxport.api.contract import Contract
from cxport.api.v4 import history, jobs

_router = APIRouter(deprecated=True)
for each in (history, jobs):
    _router.include_router(each.router)

CONTRACT = Contract(
    name="v4",
    title="User Data Management API, version 4",
    router=_router,
    bases=legacy.BASES,
    deprecated_at=legacy.DEPRECATED_AT,
    successor=legacy.SUCCESSOR,
    error=legacy.detailed,
)
