"""The interactive page of a version's document, at `.../docs`; nothing of it comes from elsewhere.

Swagger UI 5.35.0 (Apache-2.0) lies in `static`, as `tools/vendor_swagger.py` brought it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from html import escape
from importlib.resources import files

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse

#: What the page needs, and as what it is served.
_ASSETS = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "start.js": "text/javascript; charset=utf-8",
}
#: No script or style but our files, no request but to us; Swagger UI has its icons in `data:`
#: addresses.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "public, max-age=3600",
}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page" data-document="openapi.json"></div>
<noscript>This page needs JavaScript; <a href="openapi.json">the document</a> does not.</noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""


def serve_page(app: FastAPI, prefix: str, title: str) -> None:
    """Serve the page of the document that stands at `<prefix>/openapi.json`."""
    content = _PAGE.format(title=escape(title))

    def page() -> HTMLResponse:
        return HTMLResponse(content, headers=_HEADERS)

    app.add_api_route(f"{prefix}/docs", page, include_in_schema=False)
    for name, kind in _ASSETS.items():
        app.add_api_route(f"{prefix}/docs/{name}", _serving(name, kind), include_in_schema=False)


def _serving(name: str, kind: str) -> Callable[[], Response]:
    def asset() -> Response:
        return Response(_read(name), media_type=kind, headers=_HEADERS)

    return asset


@cache
def _read(name: str) -> bytes:
    return files("cxport.api.docs_page").joinpath("static", name).read_bytes()
