"""Who is calling, in the contract's headers: `x-api-key` and `Authorization: Bearer`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from cxport.domain.tenant import Caller
from cxport.services import Services

_KEY = APIKeyHeader(
    name="x-api-key",
    scheme_name="apiKey",
    auto_error=False,
    description="Names the tenant; may be left out, since the token names it too.",
)
_BEARER = HTTPBearer(
    scheme_name="bearer",
    bearerFormat="JWT",
    auto_error=False,
    description="An access token from `POST /auth/v3/oauth/token`, or of your identity provider.",
)
KeyHeader = Annotated[str | None, Security(_KEY)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]


def services_of(request: Request) -> Services:
    """Give the services that the application was made with."""
    found: Services = request.app.state.services
    return found


Use = Annotated[Services, Depends(services_of)]


def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""


#: Where the request comes from, as the server tells it; empty where it does not.
Address = Annotated[str, Depends(_address_of)]


def _signed_in(services: Use, key: KeyHeader, bearer: Bearer) -> Caller:
    return services.sign_in.caller(bearer.credentials if bearer else "", key or "")


def _signed_in_with_query_key(
    services: Use,
    key: KeyHeader,
    bearer: Bearer,
    query_key: Annotated[str | None, Query(alias="x-api-key")] = None,
) -> Caller:
    return _signed_in(services, key or query_key, bearer)


#: The caller of an operation; the key in the header, as everywhere.
SignedIn = Annotated[Caller, Depends(_signed_in)]
#: The same where the contract prints the key as a query parameter (`file-metadatas` only).
SignedInWithQueryKey = Annotated[Caller, Depends(_signed_in_with_query_key)]
