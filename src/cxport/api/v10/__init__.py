"""Version 10 of the contract: its words and quirks, over the one service layer."""

from fastapi import APIRouter

from cxport.api.v10 import catalogue, cipher, files, history, jobs, version

router = APIRouter()
for each in (cipher, catalogue, history, jobs, files, version):
    router.include_router(each.router)
