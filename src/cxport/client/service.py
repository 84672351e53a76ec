"""Requests to one service: signed in, and every refusal turned into a ClientError."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import httpx

from cxport.client.errors import ClientError
from cxport.client.sign_in import Credentials, Token

_TOKEN = "/auth/v3/oauth/token"  # noqa: S105 - an address, not a token
API = "/udm/v10"
#: Where the operations are that the contract does not have.
OURS = "/cxport/v1"
_UNAUTHENTICATED = 401
#: A sealed file does not get smaller, and its digest is of the bytes as they are stored.
_PLAIN = {"Accept-Encoding": "identity"}


class Service:
    """One service at `url`, seen by one caller."""

    def __init__(
        self,
        url: str,
        *,
        api_key: str,
        credentials: Credentials,
        tls: ssl.SSLContext | None = None,
        timeout_seconds: float,
    ) -> None:
        self._url = checked_url(url)
        self._key = {"x-api-key": api_key} if api_key else {}
        self._http = httpx.Client(
            base_url=self._url, timeout=timeout_seconds, verify=tls if tls is not None else True
        )
        self._token = Token(credentials, self._ask_token)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def sign_in(self) -> None:
        """Fetch a token now, so that wrong credentials show at once."""
        self._token.access()

    def request(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        file: tuple[str, bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        base: str = API,
        besides: int | None = None,
    ) -> httpx.Response:
        """Send a request below a base path.

        A token that is no longer accepted is renewed once. ClientError unless the answer is 2xx
        or 3xx, or has the status `besides`.
        """
        prepared = self._http.build_request(
            method,
            base + path,
            params=params,
            json=body,
            files=None if file is None else {"file": file},
            headers=headers,
        )
        response = self._signed(prepared)
        if response.status_code == _UNAUTHENTICATED:
            self._token.renew()
            response = self._signed(prepared)
        if response.is_error and response.status_code != besides:
            raise refusal(response)
        return response

    def ask(self, path: str, params: Mapping[str, str] | None = None, *, base: str = API) -> object:
        """GET a JSON value; None where there is no content."""
        return read_json(self.request("GET", path, params=params, base=base))

    @contextmanager
    def stream(self, link: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """Read a download link: neither key nor token goes with it.

        Raises ClientError for a link that is not as safe as the service's own address.
        """
        if self._url.startswith("https:") and not link.startswith("https:"):
            raise ClientError("the service gave a link without TLS", status=200)
        request = httpx.Request("GET", checked_url(link), headers={**headers, **_PLAIN})
        with reaching(link):
            response = self._http.send(request, stream=True)
        try:
            yield response
        finally:
            response.close()

    @contextmanager
    def listen(self, path: str, headers: Mapping[str, str]) -> Iterator[Iterator[str]]:
        """Read the lines of a stream that goes on, at a path below the service's address.

        A token that is no longer accepted is renewed once. Raises ClientError, in the middle too.
        """
        request = self._http.build_request("GET", path, headers=headers)
        response = self._signed(request, stream=True)
        if response.status_code == _UNAUTHENTICATED:
            response.close()
            self._token.renew()
            response = self._signed(request, stream=True)
        try:
            if response.is_error:
                raise refusal(response)
            with reaching(self._url):
                yield response.iter_lines()
        finally:
            response.close()

    def _signed(self, request: httpx.Request, *, stream: bool = False) -> httpx.Response:
        request.headers.update({**self._key, "Authorization": f"Bearer {self._token.access()}"})
        with reaching(self._url):
            return self._http.send(request, stream=stream)

    def _ask_token(self, form: Mapping[str, str]) -> Mapping[str, object]:
        with reaching(self._url):
            response = self._http.post(_TOKEN, data=form, headers=self._key)
        if response.is_error:
            raise refusal(response)
        found = read_json(response)
        return found if isinstance(found, dict) else {}


def checked_url(url: str) -> str:
    """Return an http(s) URL as it is, or raise ClientError; it never shows user or password."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise ClientError("this is not a URL of a service") from None
    if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.userinfo:
        raise ClientError("the URL of a service is http(s)://host[:port], without a user")
    return url.rstrip("/")


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Turn what happens on the way to a service into ClientError (status 0)."""
    try:
        yield
    except httpx.TimeoutException:
        raise ClientError(f"{_host(url)} does not answer in time") from None
    except httpx.TransportError as error:
        raise ClientError(f"{_host(url)} cannot be reached: {_reason(error)}") from None


def _host(url: str) -> str:
    return httpx.URL(url).netloc.decode("ascii", "replace")


def _reason(error: httpx.TransportError) -> str:
    """Say in a few words what broke: those of the system, not of the library."""
    return str(error).strip() or "the connection broke"


def refusal(response: httpx.Response) -> ClientError:
    """Read a refusal: our error shape, that of RFC 6749 (section 5.2), or only its status."""
    response.read()
    status = response.status_code
    try:
        found = response.json()
    except ValueError:
        found = None
    message, detail = _words(found if isinstance(found, dict) else {})
    return ClientError(
        message or f"the service answered {status} {response.reason_phrase}".rstrip(),
        status=status,
        detail=detail,
        retry_after_seconds=_seconds(response.headers.get("Retry-After", "")),
    )


def _words(found: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    envelope = found.get("status")
    if isinstance(envelope, dict):
        detail = envelope.get("detail")
        return str(envelope.get("message") or ""), detail if isinstance(detail, dict) else {}
    if isinstance(found.get("error"), str):
        text = found.get("error_description") or found["error"]
        return str(text), {"error": found["error"]}
    return "", {}


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else 0.0


def read_json(response: httpx.Response) -> object:
    """Read an answer as JSON; None where it has no content."""
    if response.status_code == httpx.codes.NO_CONTENT:
        return None
    try:
        return response.json()
    except ValueError:
        raise ClientError(
            "the answer is not JSON: this is not the URL of the service",
            status=response.status_code,
        ) from None
