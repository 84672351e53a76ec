"""The application: its layers from the outside in, and its routers."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware import Middleware

from cxport import __version__
from cxport.api import errors, health, links, oauth, v10
from cxport.api.boundary import Boundary
from cxport.api.documents import serve_document
from cxport.api.limits import BodyLimit
from cxport.api.settings import ApiSettings
from cxport.services import Services


def create_app(services: Services, settings: ApiSettings) -> FastAPI:
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
            Middleware(Boundary),
            Middleware(BodyLimit, max_body_bytes=settings.max_body_bytes),
        ],
    )
    app.state.services = services
    app.state.settings = settings
    errors.install(app)
    for router in (health.router, oauth.router, links.router):
        app.include_router(router)
    app.include_router(v10.router, prefix="/udm/v10")
    serve_document(app, "/udm/v10", "User Data Management API, version 10")
    return app
