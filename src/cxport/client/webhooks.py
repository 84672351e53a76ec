"""The part of the client that is about subscriptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from cxport.client.service import OURS, Service, read_json
from cxport.client.shapes import page_of
from cxport.client.subscription import (
    DeliveryInfo,
    SubscriptionInfo,
    delivery_of,
    subscriptions_of,
)

_PAGE = 1000


class Webhooks:
    """Subscriptions of the tenant: only administrators may ask. Every method raises ClientError."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def add(
        self,
        *,
        url: str = "",
        recipients: str = "",
        events: Sequence[str] = (),
        language: str = "",
    ) -> SubscriptionInfo:
        """Subscribe a URL, or mail addresses; without events to all. The secret is told once."""
        body: dict[str, object] = {"kind": "mail" if recipients else "webhook"}
        body |= {"recipients": recipients} if recipients else {"url": url}
        body |= {"events": list(events)} if events else {}
        body |= {"language": language} if language else {}
        return SubscriptionInfo.from_json(self._ask("POST", "", body))

    def list(self) -> Sequence[SubscriptionInfo]:
        """Give the subscriptions, the oldest first."""
        return subscriptions_of(self._ask("GET", ""))

    def get(self, subscription_id: str) -> SubscriptionInfo:
        """Give a subscription; status 404 where there is none."""
        return SubscriptionInfo.from_json(self._ask("GET", f"/{quote(subscription_id, safe='')}"))

    def update(  # noqa: PLR0913 - what a subscription is made of
        self,
        subscription_id: str,
        *,
        url: str | None = None,
        recipients: str | None = None,
        events: Sequence[str] | None = None,
        language: str | None = None,
        active: bool | None = None,
    ) -> SubscriptionInfo:
        """Change what is given; kind and secret stay."""
        given: dict[str, object] = {
            "url": url,
            "recipients": recipients,
            "language": language,
            "active": active,
            "events": None if events is None else [*events],
        }
        body = {name: value for name, value in given.items() if value is not None}
        path = f"/{quote(subscription_id, safe='')}"
        return SubscriptionInfo.from_json(self._ask("PUT", path, body))

    def remove(self, subscription_id: str) -> None:
        """Remove a subscription with its deliveries."""
        self._ask("DELETE", f"/{quote(subscription_id, safe='')}")

    def rotate(self, subscription_id: str) -> SubscriptionInfo:
        """Make a new secret, which is told this once; for 24 hours both sign."""
        path = f"/{quote(subscription_id, safe='')}/rotate"
        return SubscriptionInfo.from_json(self._ask("POST", path))

    def test(self, subscription_id: str) -> str:
        """Send a test event, and give the id of its delivery."""
        return delivery_of(self._ask("POST", f"/{quote(subscription_id, safe='')}/test"))

    def deliveries(self, subscription_id: str) -> Iterator[DeliveryInfo]:
        """Give what was sent to a subscription, the oldest first."""
        path, start = f"/webhooks/{quote(subscription_id, safe='')}/deliveries", 0
        while True:
            page = {"from": str(start), "size": str(_PAGE)}
            items, count = page_of(self._service.ask(path, page, base=OURS))
            yield from map(DeliveryInfo.from_json, items)
            start += len(items)
            if not items or start >= count:
                return

    def replay(self, subscription_id: str, delivery_id: str) -> None:
        """Send a delivery again, under the message id that it had."""
        named = quote(subscription_id, safe=""), quote(delivery_id, safe="")
        self._ask("POST", "/{}/deliveries/{}/replay".format(*named))

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> object:
        answer = self._service.request(method, f"/webhooks{path}", body=body, base=OURS)
        return read_json(answer)
