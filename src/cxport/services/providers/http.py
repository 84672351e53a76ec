"""What a provider publishes, read within bounds: no redirect, no great length, no long wait."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from typing import Any

import httpx

from cxport.domain.errors import ProviderUnavailable, SetupError
from cxport.domain.provider import Provider, is_safe
from cxport.domain.said import Said

#: Seconds for one step of the exchange, and for all of it.
_STEP_SECONDS = 5.0
_WHOLE_SECONDS = 10.0
_MOST_BYTES = 512 * 1024


def _trusted(provider: Provider) -> ssl.SSLContext | bool:
    """Give what the provider's TLS is checked against; SetupError where the file is none."""
    if not provider.ca_file:
        return True
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=provider.ca_file)
    except OSError:
        raise SetupError(f"ca_file of provider {provider.name}: no such file, or no PEM") from None
    return context


class ProviderHttp:
    """Asks one provider; whatever keeps it from answering is ProviderUnavailable."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._trusted = _trusted(provider)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Read a JSON object."""
        status, found = self._asked("GET", url, headers=dict(headers or {}))
        if status != httpx.codes.OK:
            raise self._unavailable(Said("answers with status {status}", status=status))
        return found

    def post(self, url: str, form: str, auth: tuple[str, str] | None) -> tuple[int, dict[str, Any]]:
        """Send a form; give the status and the JSON object that it is answered with."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._asked("POST", url, content=form, auth=auth, headers=headers)

    def _asked(self, method: str, url: str, **given: Any) -> tuple[int, dict[str, Any]]:
        if not is_safe(url):
            raise self._unavailable(Said("names an address that is not https"))
        try:
            status, body = self._body(method, url, given)
            found = json.loads(body)
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise self._unavailable(Said("does not answer")) from None
        except (ValueError, RecursionError):
            raise self._unavailable(Said("answers what is no JSON")) from None
        if not isinstance(found, dict):
            raise self._unavailable(Said("answers what is no JSON object"))
        return status, found

    def _body(self, method: str, url: str, given: Mapping[str, Any]) -> tuple[int, bytes]:
        body, deadline = b"", time.monotonic() + _WHOLE_SECONDS
        with (
            httpx.Client(verify=self._trusted, timeout=_STEP_SECONDS) as client,
            client.stream(method, url, **given) as answer,
        ):
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES or time.monotonic() > deadline:
                    raise self._unavailable(Said("answers too much, or too slowly"))
        return answer.status_code, body

    def _unavailable(self, problem: Said) -> ProviderUnavailable:
        return ProviderUnavailable(
            Said(
                "the identity provider {name} {problem}", name=self._provider.name, problem=problem
            )
        )
