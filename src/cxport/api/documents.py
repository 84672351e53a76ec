"""The OpenAPI document of each version, made from the routes that are served."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts

from cxport import __version__
from cxport.api.document_links import add_links

#: FastAPI describes its own validation answer; ours is 400 in the one error shape.
_UNUSED_CODE = "422"
_UNUSED_SCHEMAS = ("HTTPValidationError", "ValidationError")


def serve_document(app: FastAPI, prefix: str, title: str) -> None:
    """Serve the document of the routes that stand below a prefix at `.../openapi.json`."""

    # made when it is first asked for: the four of them would take a fifth of every start
    @cache
    def body() -> bytes:
        return bytes(JSONResponse(describe(app, prefix, title)).body)

    def document() -> Response:
        return Response(body(), media_type="application/json")

    app.add_api_route(f"{prefix}/openapi.json", document, include_in_schema=False)


def describe(app: FastAPI, prefix: str, title: str) -> dict[str, Any]:
    """Describe the routes below a prefix as OpenAPI 3.1."""
    served = iter_route_contexts(app.routes)
    routes = [route for route in served if (route.path or "").startswith(f"{prefix}/")]
    found = get_openapi(title=title, version=__version__, routes=routes)
    for operations in found["paths"].values():
        for operation in operations.values():
            operation["responses"].pop(_UNUSED_CODE, None)
    for name in _UNUSED_SCHEMAS:
        found.get("components", {}).get("schemas", {}).pop(name, None)
    add_links(found, prefix)
    return found
