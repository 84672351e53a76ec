"""What an operator may set about the HTTP surface, and what a build says of itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ApiSettings:
    """Limits of the HTTP surface."""

    #: Bytes of a request body at most; a certificate upload has its own, smaller limit.
    max_body_bytes: int = 1024 * 1024
    #: How long a stream of events lasts at most: roles are looked at when it begins.
    stream_seconds: float = 300.0
    build_number: str = ""
    changeset: str = ""
