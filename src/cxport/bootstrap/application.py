"""The application: the API and the console over the same services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxport import console
from cxport.api import ApiSettings, create_app
from cxport.api.surface import Surface
from cxport.services import Services

if TYPE_CHECKING:
    from fastapi import FastAPI


def make_application(services: Services, settings: ApiSettings, public_url: str) -> FastAPI:
    """Join them; browsers reach the console by `public_url`."""
    pages = Surface(
        router=console.router,
        prefix=console.PREFIX,
        error=console.error_page,
        state={"console": console.ConsoleSettings(public_url=public_url)},
    )
    return create_app(services, settings, (pages,))
