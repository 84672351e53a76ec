"""A provider's metadata and keys, kept for a while: no request waits for it but the first.

The keys follow a rotation without anybody's doing, and outlive an outage of the provider.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock, Thread
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from cxport.domain.errors import ProviderUnavailable
from cxport.domain.provider import Provider
from cxport.domain.said import Said
from cxport.services.providers.http import ProviderHttp

Key = RSAKey | ECKey | OKPKey

#: After this the keys are read anew; and this long they serve while the provider is out.
FRESH = timedelta(minutes=15)
STALE = timedelta(hours=24)
#: The provider is asked once in this time, whatever tokens are shown.
PAUSE = timedelta(seconds=10)
#: Threads that may wait for the provider's answer; the others are answered by what is kept.
_WAITING = 4
_KINDS: dict[str, type[Key]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, kw_only=True)
class Published:
    """What the provider published, and when it was read."""

    metadata: dict[str, Any]
    keys: tuple[Key, ...]
    read_at: datetime

    def key(self, kid: str | None) -> Key | None:
        """Give the key of an id; without one, the only key there is."""
        if kid is None:
            return self.keys[0] if len(self.keys) == 1 else None
        return next((key for key in self.keys if key.get("kid") == kid), None)


class ProviderKeys:
    """Keeps what one provider publishes."""

    def __init__(self, provider: Provider, clock: Callable[[], datetime]) -> None:
        self._provider = provider
        self._http = ProviderHttp(provider)
        self._clock = clock
        self._kept: Published | None = None
        self._asked_at: datetime | None = None
        self._reading = Lock()
        self._seats = BoundedSemaphore(_WAITING)

    def metadata(self) -> dict[str, Any]:
        """Give the discovery document; ProviderUnavailable where there is none yet."""
        return self._published().metadata

    def key(self, kid: str | None) -> Key | None:
        """Give the key of an id, read anew where it is not known; None where there is none."""
        found = self._published().key(kid)
        return found or self._published(renew=True).key(kid)

    def _published(self, *, renew: bool = False) -> Published:
        """Give what is kept; read it where it is missing or to be renewed.

        What is old is read behind the request's back, so that a provider's outage delays nobody.
        """
        now, kept = self._clock(), self._kept
        if renew or kept is None or now - kept.read_at > STALE:
            kept = self._renewed(kept)
        elif now - kept.read_at > FRESH and self._may_ask(now):
            Thread(target=self._renewed, args=(kept,), daemon=True).start()
        if kept is None or now - kept.read_at > STALE:
            raise ProviderUnavailable(
                Said("the identity provider {name} does not answer", name=self._provider.name)
            )
        return kept

    def _renewed(self, seen: Published | None) -> Published | None:
        """Let one thread ask; the others wait for it, a few, or take what there is."""
        now = self._clock()
        if not self._seats.acquire(blocking=False):
            return self._kept
        try:
            with self._reading:
                if self._kept is seen and self._may_ask(now):
                    self._asked_at = now
                    self._kept = self._read(now)
        except ProviderUnavailable:
            if self._kept is None:
                raise
        finally:
            self._seats.release()
        return self._kept

    def _may_ask(self, now: datetime) -> bool:
        return self._asked_at is None or now - self._asked_at >= PAUSE

    def _read(self, now: datetime) -> Published:
        metadata = self._http.get(self._provider.issuer.rstrip("/") + _DISCOVERY)
        if metadata.get("issuer") != self._provider.issuer:
            raise ProviderUnavailable(
                Said(
                    "the identity provider {name} calls itself by another issuer",
                    name=self._provider.name,
                )
            )
        found = self._http.get(str(metadata.get("jwks_uri", ""))).get("keys")
        keys = [key for one in (found if isinstance(found, list) else []) if (key := _key(one))]
        return Published(metadata=metadata, keys=tuple(keys), read_at=now)


def _key(one: Any) -> Key | None:
    """Import a public key for signatures; another is passed over (RFC 7517, section 5)."""
    kind = _KINDS.get(one.get("kty", "")) if isinstance(one, dict) else None
    if kind is None or one.get("use", "sig") != "sig":
        return None
    try:
        return kind.import_key(one)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
