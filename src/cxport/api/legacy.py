"""What the deprecated versions, 4 and 3, share: sign-in, typed parameters, errors, headers."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends
from fastapi import Query as Parameter
from pydantic import BaseModel, WithJsonSchema
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cxport.api import errors
from cxport.api.auth import Bearer, KeyHeader, Use
from cxport.api.contract import Contract, Json, contract_of
from cxport.api.errors import ErrorAnswer
from cxport.api.paging import ALL, ListWords, boolean, whole
from cxport.domain.tenant import Caller

#: The predecessor's base path is an alias.
BASES = ("/udm", "/data-download")
#: 2026-02-01, the date of the reference that calls both versions deprecated.
DEPRECATED_AT = 1_769_904_000
SUCCESSOR = "v10"

#: Parameters that these versions type; they are read as leniently as version 10 reads its texts.
Flag = Annotated[str | None, WithJsonSchema({"type": "boolean"})]
Whole = Annotated[str | None, WithJsonSchema({"type": "integer", "minimum": 0})]


def _signed_in(services: Use, key: KeyHeader, bearer: Bearer) -> Caller:
    return services.sign_in.legacy_caller(bearer.credentials if bearer else "", key or "")


#: The caller: by token, or by a key alone that an operator has allowed to stand alone.
SignedIn = Annotated[Caller, Depends(_signed_in)]


def _list_words(
    descending: Annotated[Flag, Parameter(alias="descAsc")] = None,
    order_field: Annotated[str | None, Parameter(alias="orderField")] = None,
    offset: Annotated[Whole, Parameter(alias="from")] = None,
    size: Annotated[Whole, Parameter()] = None,
) -> ListWords:
    return ListWords(
        order_field=order_field or "",
        descending=boolean("descAsc", descending) or False,
        offset=whole("from", offset or "0"),
        limit=whole("size", size) if size else ALL,
    )


Paging = Annotated[ListWords, Depends(_list_words)]


class Fault(BaseModel):
    """One thing that is wrong."""

    field: str | None = None
    message: str


class DetailedError(ErrorAnswer):
    """The shape of every error in these versions."""

    errors: list[Fault]
    path: str


def documented(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Describe an operation's further answers, as `errors.documented` does, in this shape."""
    return {
        code: {**answer, "model": DetailedError} if "model" in answer else answer
        for code, answer in errors.documented(*codes).items()
    }


def detailed(content: Json, path: str) -> Json:
    """Add to an error what these versions print besides: each fault, and the request's path."""
    status: dict[str, Any] = content["status"]
    detail = status["detail"]
    one = {"field": detail["field"]} if "field" in detail else {}
    faults = detail.get("errors", [{**one, "message": status["message"]}])
    return {**content, "errors": faults, "path": path}


class DeprecationHeaders:
    """Says on every answer of a deprecated version since when, and what takes its place.

    RFC 9745 (`Deprecation`) and RFC 5829 (`successor-version`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        contract = contract_of(scope) if scope["type"] == "http" else None
        if contract is None or contract.deprecated_at is None:
            await self._app(scope, receive, send)
            return
        added = _headers(contract, scope["path"])

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(added)
            await send(message)

        await self._app(scope, receive, adding)


def _headers(contract: Contract, path: str) -> dict[str, str]:
    successor = f"{contract.bases[0]}/{contract.successor}{contract.rest(path)}"
    target = quote(successor, safe="/", errors="replace")
    return {
        "Deprecation": f"@{contract.deprecated_at}",
        "Link": f'<{target}>; rel="successor-version"',
    }
