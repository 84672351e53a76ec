"""Who is signed in, and signing out: `/auth/v3`, beside the token endpoint."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from cxport.api.auth import Bearer, SignedIn, Use

router = APIRouter(prefix="/auth/v3", include_in_schema=False)

_UNCACHED = {"Cache-Control": "no-store"}


@router.get("/userinfo")
def get_userinfo(caller: SignedIn) -> JSONResponse:
    """Say who is behind the token, and what they may do."""
    kind, _, name = caller.subject.partition(":")
    roles = sorted(role.value for role in caller.roles)
    content = {
        "sub": caller.subject,
        "userName": name,
        "kind": kind,
        "contactCenterId": caller.tenant_name,
        "roles": roles,
        # the name under which clients of the original look for them
        "authorities": roles,
    }
    return JSONResponse(content, headers=_UNCACHED)


@router.post("/sign-out", status_code=204, response_class=Response)
def sign_out(services: Use, bearer: Bearer) -> None:
    """Refuse the token from now on; others of the same account stay."""
    services.sign_in.sign_out(bearer.credentials if bearer else "")
