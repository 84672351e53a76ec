"""`/password`: users change their own."""

from __future__ import annotations

from fastapi import APIRouter

from cxport.api.auth import Address, SignedIn, Use
from cxport.api.errors import documented
from cxport.api.extension.accounts import Body
from cxport.api.json_body import StrictRoute

router = APIRouter(prefix="/password", tags=["account"], route_class=StrictRoute)


class PasswordChange(Body):
    """The password that holds, and the one that is to hold."""

    current_password: str
    new_password: str


@router.put("", status_code=204, responses=documented(400))
def change_password(
    body: PasswordChange, caller: SignedIn, services: Use, address: Address
) -> None:
    """Change the own password; every session and token that the old one opened ends."""
    services.own_password.change(caller, body.current_password, body.new_password, address=address)
