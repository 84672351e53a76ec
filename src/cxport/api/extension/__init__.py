"""What the contract has no operation for; ours, below `/cxport/v1`."""

from fastapi import APIRouter

from cxport.api.contract import Contract
from cxport.api.extension import (
    accounts,
    audit,
    certificates,
    control,
    estimate,
    events,
    password,
    retention,
    runs,
    sources,
    ticks,
    webhooks,
)

_router = APIRouter()
for _part in (
    certificates,
    events,
    runs,
    control,
    ticks,
    estimate,
    password,
    accounts,
    sources,
    retention,
    audit,
    webhooks,
):
    _router.include_router(_part.router)

CONTRACT = Contract(
    name="v1", title="CXPort's own API, version 1", router=_router, bases=("/cxport",)
)
