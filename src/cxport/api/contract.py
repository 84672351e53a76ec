"""One version of the contract: a folder with its routes and shapes, and how it is served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.types import Scope

Json = dict[str, Any]


def _plain(content: Json, path: str) -> Json:
    del path
    return content


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What the application needs to know of a version."""

    #: As it stands in paths: `v10`.
    name: str
    #: What its document is called.
    title: str
    router: APIRouter
    #: What its paths begin with; the first is documented, the others are aliases.
    bases: tuple[str, ...] = ("/udm",)
    #: When it was deprecated (seconds since 1970), in favour of the same path of `successor`.
    deprecated_at: int | None = None
    successor: str = ""
    #: Gives an error the shape of this version, of the one shape and the request's path.
    error: Callable[[Json, str], Json] = _plain

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What its paths begin with, whole."""
        return tuple(f"{base}/{self.name}" for base in self.bases)

    def rest(self, path: str) -> str | None:
        """Give what follows the prefix in a path of this version; None for another's."""
        for prefix in self.prefixes:
            if path.startswith(f"{prefix}/"):
                return path.removeprefix(prefix)
        return None


def contract_of(scope: Scope) -> Contract | None:
    """Find the version that a request asks, among those of the application."""
    contracts: Sequence[Contract] = scope["app"].state.contracts
    return next((one for one in contracts if one.rest(scope["path"]) is not None), None)
