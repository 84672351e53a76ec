"""Another surface of the application beside the API, as pages for people are one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.types import Scope

#: Makes an error answer of the request, its code, message, detail and headers.
ErrorAnswerer = Callable[[Scope, int, str, Mapping[str, object], Mapping[str, str]], Response]


@dataclass(frozen=True, kw_only=True)
class Surface:
    """What the application needs to know of it; it is no part of any document."""

    router: APIRouter
    #: What its paths begin with: there errors are told its own way.
    prefix: str
    error: ErrorAnswerer
    #: What it finds as `app.state.<name>`.
    state: Mapping[str, Any]


def surface_of(scope: Scope) -> Surface | None:
    """Find the surface that a request asks; None for the API itself."""
    surfaces: Sequence[Surface] = scope["app"].state.surfaces
    path: str = scope["path"]
    return next((one for one in surfaces if f"{path}/".startswith(f"{one.prefix}/")), None)
