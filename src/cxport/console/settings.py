"""Where the console stands, and by which address it is reached."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

#: What the paths of all pages begin with.
PREFIX = "/console"


@dataclass(frozen=True, kw_only=True)
class ConsoleSettings:
    """`public_url` is what people type, without a slash at its end."""

    public_url: str

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over TLS, so that cookies may demand it."""
        return self.public_url.startswith("https:")


def settings_of(request: Request) -> ConsoleSettings:
    """Give the settings that the application was made with."""
    found: ConsoleSettings = request.app.state.console
    return found
