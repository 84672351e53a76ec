"""Who calls: the credentials, and the token that they are exchanged for (RFC 6749)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cxport.client.errors import ClientError

#: A token is renewed this long before it ends, so that it does not end on the way.
_MARGIN_SECONDS = 30.0


@dataclass(frozen=True)
class ClientSecret:
    """A program's id and secret."""

    client_id: str
    client_secret: str = field(repr=False)

    def grant(self) -> dict[str, str]:
        """Give the form of the token request (RFC 6749, section 4.4)."""
        return {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }


@dataclass(frozen=True)
class Password:
    r"""A person's name (`tenant\user`, or bare) and password, through a client of the tenant."""

    username: str
    password: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)

    def grant(self) -> dict[str, str]:
        """Give the form of the token request (RFC 6749, section 4.3)."""
        return {
            "grant_type": "password",
            "username": self.username,
            "password": self.password,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }


Credentials = ClientSecret | Password


class Token:
    """The access token in use, fetched when it is first needed and again before it ends.

    `ask` posts a form to the token endpoint and gives its JSON answer, or raises ClientError.
    """

    def __init__(
        self,
        credentials: Credentials,
        ask: Callable[[Mapping[str, str]], Mapping[str, object]],
    ) -> None:
        self._credentials = credentials
        self._ask = ask
        self._access = ""
        self._refresh = ""
        self._ends_at = 0.0

    def access(self) -> str:
        """Give a token that is valid for a while yet."""
        if not self._access or time.monotonic() > self._ends_at - _MARGIN_SECONDS:
            self.renew()
        return self._access

    def renew(self) -> None:
        """Fetch a new token: by the refresh token where there is one, else by signing in."""
        refresh, self._refresh = self._refresh, ""
        if refresh:
            try:
                self._take(self._ask(self._refreshing(refresh)))
            except ClientError as refused:
                if refused.transient:
                    raise
            else:
                return
        self._take(self._ask(self._credentials.grant()))

    def _refreshing(self, refresh: str) -> dict[str, str]:
        """Give the form that asks by a refresh token (RFC 6749, section 6)."""
        own = self._credentials.grant()
        client = {k: own[k] for k in own if k in {"client_id", "client_secret"}}
        return {"grant_type": "refresh_token", "refresh_token": refresh, **client}

    def _take(self, answer: Mapping[str, object]) -> None:
        access, lasts = answer.get("access_token"), answer.get("expires_in", 0)
        if not isinstance(access, str) or not isinstance(lasts, int | float):
            raise ClientError("the service answered something that is not a token", status=200)
        self._access = access
        self._refresh = str(answer.get("refresh_token") or "")
        self._ends_at = time.monotonic() + float(lasts)
