"""Version 3 of the contract, deprecated: certificates, catalogue, files, over the one services."""

from fastapi import APIRouter

from cxport.api import legacy
from cxport.api.contract import Contract
from cxport.api.v3 import catalogue, cipher, files, version

_router = APIRouter(deprecated=True)
for each in (cipher, catalogue, files, version):
    _router.include_router(each.router)

CONTRACT = Contract(
    name="v3",
    title="User Data Management API, version 3",
    router=_router,
    bases=legacy.BASES,
    deprecated_at=legacy.DEPRECATED_AT,
    successor=legacy.SUCCESSOR,
    error=legacy.detailed,
)
