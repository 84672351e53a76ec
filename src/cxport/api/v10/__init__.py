"""Version 10 of the contract: its words and quirks, over the one service layer."""

from fastapi import APIRouter

from cxport.api.contract import Contract
from cxport.api.v10 import catalogue, cipher, files, history, jobs, resources, version

_router = APIRouter()
for each in (cipher, catalogue, history, jobs, files, resources, version):
    _router.include_router(each.router)

CONTRACT = Contract(name="v10", title="User Data Management API, version 10", router=_router)
