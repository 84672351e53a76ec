"""Style sheets, scripts and icons: ours and vendored ones, served from memory.

The address holds a digest of the content, so a browser keeps it for a year and asks once.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response

from cxport.console.guard import GuardedRoute
from cxport.console.settings import PREFIX
from cxport.domain.errors import NotFound

router = APIRouter(route_class=GuardedRoute)

_FOR_EVER = "public, max-age=31536000, immutable"
_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Asset:
    """A file that pages load."""

    name: str
    content: bytes

    @cached_property
    def digest(self) -> str:
        """What its address holds of its SHA-256."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    @cached_property
    def compressed(self) -> bytes:
        """The content as gzip, made once."""
        return gzip.compress(self.content, mtime=0)

    @property
    def type(self) -> str:
        """Its media type."""
        return _TYPES[self.name.rpartition(".")[2]]


@cache
def assets() -> Mapping[str, Asset]:
    """Give every asset by its name; vendored files have names of their own."""
    folder = files("cxport.console") / "static"
    found = [*folder.iterdir(), *(folder / "vendor").iterdir()]
    return {one.name: Asset(one.name, one.read_bytes()) for one in found if _is_served(one)}


def address(name: str) -> str:
    """Give the address of an asset; KeyError where there is none."""
    return f"{PREFIX}/static/{assets()[name].digest}/{name}"


@router.get(PREFIX + "/static/{digest}/{name}")
def get_asset(digest: str, name: str, request: Request) -> Response:
    """Give an asset to anybody, in the one version that there is."""
    asset = assets().get(name)
    if asset is None or asset.digest != digest:
        raise NotFound
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        packed = {**headers, "Content-Encoding": "gzip"}
        return Response(asset.compressed, media_type=asset.type, headers=packed)
    return Response(asset.content, media_type=asset.type, headers=headers)


def _is_served(file: Traversable) -> bool:
    return file.name.rpartition(".")[2] in _TYPES
