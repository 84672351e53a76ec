"""A real identity provider: npm's oidc-provider, on a loopback port of its own."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from cxport.domain.access import Role
from cxport.domain.provider import Provider
from tests.programs import HOST, Server, program

HERE = Path(__file__).parent
AUDIENCE = "https://export.example"
REDIRECT = "https://export.example/sign-in/corporate"
#: Where the console receives people.
CONSOLE = "https://export.example/console/sign-in/corporate/return"
SECRET = "a secret of the provider's"


class IdentityProvider(Server):
    """OpenID Connect with discovery, JWKS, client_credentials, authorization code and PKCE."""

    drop = False

    def __init__(self) -> None:
        super().__init__()
        self.issuer = f"http://{HOST}:{self.port}"
        self.keys = [new_key()]
        #: The claims of clients and people, by their name.
        self.claims: dict[str, dict[str, Any]] = {}
        self.claims_in_userinfo_only = False
        self._settings = self.folder / "settings.json"

    def rotate(self) -> None:
        """Sign with a new key from now on; the old one stays published."""
        self.keys.insert(0, new_key())
        self.renewed()

    def renewed(self) -> None:
        """Start anew with what was changed."""
        self.stop()
        self._prepare()
        self.start()

    def asked(self, path: str) -> int:
        """Count the requests for a path since the last start."""
        found = httpx2.get(f"{self.issuer}/asked").json()
        return int(found.get(path, 0))

    def token(self, client: str, audience: str = AUDIENCE) -> str:
        """Sign a program in; give its access token."""
        form = {"grant_type": "client_credentials", "resource": audience}
        answer = httpx2.post(f"{self.issuer}/token", data=form, auth=(client, SECRET))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def minted(self, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Sign claims of a test's own with the provider's key; `...` leaves one out."""
        now = int(time.time())
        given = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "ann",
            "iat": now,
            "exp": now + 600,
            "tenant": "Acme",
            "realm_access": {"roles": ["cx-admins"]},
            **claims,
        }
        kept = {name: value for name, value in given.items() if value is not ...}
        key = self.keys[0]
        head = {"alg": "RS256", "kid": key.kid, "typ": "at+jwt", **(header or {})}
        return jwt.encode(head, kept, key, algorithms=["RS256"])

    def sign_in(self, url: str, person: str) -> dict[str, str]:
        """Do in a browser's place what a person does, and give the query of the way back."""
        with httpx2.Client() as browser:
            answer = browser.get(url)
            for _ in range(20):
                where = urljoin(str(answer.url), answer.headers.get("location", ""))
                if where.startswith((REDIRECT, CONSOLE)):
                    return dict(parse_qsl(urlsplit(where).query))
                if answer.is_redirect:
                    answer = browser.get(where)
                else:
                    answer = _submitted(browser, answer, person)
        raise AssertionError("the provider did not send the browser back")

    def _prepare(self) -> None:
        clients = [
            {
                "client_id": name,
                "client_secret": SECRET,
                "grant_types": ["client_credentials"],
                "redirect_uris": [],
                "response_types": [],
            }
            for name in ("exporter", "viewer", "stranger", "elsewhere")
        ]
        console = {
            "client_id": "console",
            "client_secret": SECRET,
            "redirect_uris": [REDIRECT, CONSOLE],
        }
        settings = {
            "issuer": self.issuer,
            "host": HOST,
            "port": self.port,
            "algorithm": "RS256",
            "jwks": {"keys": [key.as_dict(private=True) for key in self.keys]},
            "clients": [*clients, console],
            "claims": self.claims,
            "claims_in_userinfo_only": self.claims_in_userinfo_only,
        }
        self._settings.write_text(json.dumps(settings))

    def _command(self) -> list[str | Path]:
        if not (HERE / "node_modules").exists():
            raise RuntimeError("the tests need an identity provider: tools/setup.sh runtime dev")
        return [program("node", "Debian's nodejs"), HERE / "provider.mjs", self._settings]

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.issuer}/asked").status_code == 200
        except httpx2.TransportError:
            return False


def _submitted(browser: httpx2.Client, page: httpx2.Response, person: str) -> httpx2.Response:
    """Fill the form of the provider's page and send it."""
    action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
    prompt = re.search(r'name="prompt" value="([^"]+)"', page.text)
    assert action, page.text
    assert prompt, page.text
    form = {"prompt": prompt[1], "login": person, "password": "any"}
    return browser.post(urljoin(str(page.url), action[1]), data=form)


def new_key() -> RSAKey | ECKey:
    """Make a key to sign with."""
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"})
    key.ensure_kid()
    return key


def set_up(server: IdentityProvider, **changed: Any) -> Provider:
    """Describe the provider as an operator does."""
    given: dict[str, Any] = {
        "name": "corporate",
        "issuer": server.issuer,
        "audience": AUDIENCE,
        "tenant_claim": "tenant",
        "roles_claim": "realm_access.roles",
        "roles": {"cx-admins": Role.ADMINISTRATOR, "cx-viewers": Role.VIEWER},
        "client_id": "console",
        "client_secret": SECRET,
        **changed,
    }
    return Provider(**given)
