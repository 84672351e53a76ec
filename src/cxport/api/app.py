"""The application: its layers from the outside in, and its routers."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware import Middleware

from cxport import __version__
from cxport.api import account, errors, extension, health, links, oauth, v3, v4, v10
from cxport.api.boundary import Boundary
from cxport.api.contract import Contract
from cxport.api.docs_page import serve_page
from cxport.api.documents import serve_document
from cxport.api.legacy import DeprecationHeaders
from cxport.api.limits import BodyLimit
from cxport.api.settings import ApiSettings
from cxport.api.surface import Surface
from cxport.services import Services

#: The versions that are served, the newest first, and what is ours beside them.
CONTRACTS = (v10.CONTRACT, v4.CONTRACT, v3.CONTRACT, extension.CONTRACT)


def create_app(
    services: Services, settings: ApiSettings, surfaces: Sequence[Surface] = ()
) -> FastAPI:
    """Make the application over the services; it holds no other state."""
    app = FastAPI(
        title="CXPort",
        version=__version__,
        # each version has a document of its own; the framework's pages load from other hosts
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # a redirect to another spelling would be built from the caller's own Host header
        redirect_slashes=False,
        # the framework's traces would hold query strings, and so keys
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[
            Middleware(DeprecationHeaders),
            Middleware(Boundary),
            Middleware(BodyLimit, max_body_bytes=settings.max_body_bytes),
        ],
    )
    app.state.services = services
    app.state.settings = settings
    app.state.contracts = CONTRACTS
    app.state.surfaces = surfaces
    errors.install(app)
    for router in (health.router, oauth.router, account.router, links.router):
        app.include_router(router)
    for contract in CONTRACTS:
        _serve(app, contract)
    for surface in surfaces:
        app.include_router(surface.router, include_in_schema=False)
        for name, value in surface.state.items():
            setattr(app.state, name, value)
    return app


def _serve(app: FastAPI, contract: Contract) -> None:
    """Serve a version under its prefix, described by its document, and under its aliases."""
    documented, *aliases = contract.prefixes
    app.include_router(contract.router, prefix=documented)
    serve_document(app, documented, contract.title)
    serve_page(app, documented, contract.title)
    for alias in aliases:
        app.include_router(contract.router, prefix=alias, include_in_schema=False)
