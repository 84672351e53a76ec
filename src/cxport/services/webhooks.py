"""Subscriptions to events: by webhook or mail; made, changed, tried, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from cxport.domain.access import Action
from cxport.domain.audit import Act
from cxport.domain.errors import InvalidInput, NotFound
from cxport.domain.listing import Page, Query
from cxport.domain.notice import (
    ROTATION,
    SUBSCRIBABLE,
    Delivery,
    Event,
    Kind,
    Subscription,
    Target,
    trial_notice,
)
from cxport.domain.said import Said
from cxport.domain.tenant import Caller
from cxport.domain.vault import SecretBox, target_purpose
from cxport.notices.address import Receivers
from cxport.notices.mail import check_recipients
from cxport.notices.signature import new_secret
from cxport.notices.words import LANGUAGES
from cxport.services.access import require
from cxport.services.audit import Audit
from cxport.services.settings import ServiceSettings
from cxport.store import deliveries, outbox, subscriptions
from cxport.store.database import Database

_UUID_LENGTH = 36


@dataclass(frozen=True, kw_only=True, repr=False)
class SubscriptionDraft:
    """A subscription as it is asked for; None leaves what is (or the default) as it is."""

    kind: str = Kind.WEBHOOK
    #: A URL, or mail addresses separated by commas.
    address: str | None = None
    events: Sequence[str] | None = None
    language: str | None = None
    active: bool | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class ShownSubscription:
    """A subscription and where it leads; `secret` is there only when it was just made."""

    subscription: Subscription
    address: str
    secret: str = ""


class Webhooks:
    """What administrators may ask about subscriptions."""

    def __init__(  # noqa: PLR0913, PLR0917 - what subscriptions need
        self,
        db: Database,
        box: SecretBox,
        receivers: Receivers,
        settings: ServiceSettings,
        clock: Callable[[], datetime],
        audit: Audit,
    ) -> None:
        self._db = db
        self._box = box
        self._receivers = receivers
        self._settings = settings
        self._clock = clock
        self._audit = audit

    def create(self, caller: Caller, draft: SubscriptionDraft) -> ShownSubscription:
        """Subscribe; the secret of a webhook is given this once. Raises InvalidInput."""
        require(caller, Action.WEBHOOK_CREATE)
        kind = self._kind(draft.kind)
        address = self._address(kind, draft.address or "")
        secret = new_secret() if kind is Kind.WEBHOOK else ""
        events = SUBSCRIBABLE if draft.events is None else _events(draft.events)
        with self._audit.act(caller, Act.WEBHOOK_CREATE) as doing:
            made = subscriptions.add(
                self._db,
                caller.tenant_id,
                kind=kind,
                events=events,
                language=_language(draft.language or LANGUAGES[0]),
                sealed=self._sealed(caller.tenant_id, Target(address=address, secret=secret)),
                created_by=caller.subject,
            )
            doing.to(made.id)
        return ShownSubscription(subscription=made, address=shown(kind, address), secret=secret)

    def kinds(self, caller: Caller) -> tuple[Kind, ...]:
        """Give the kinds that can be subscribed by here: mails take a mail server."""
        require(caller, Action.WEBHOOK_READ)
        return tuple(Kind) if self._settings.mail else (Kind.WEBHOOK,)

    def list(self, caller: Caller) -> tuple[ShownSubscription, ...]:
        """List the tenant's subscriptions, the oldest first."""
        require(caller, Action.WEBHOOK_READ)
        found = subscriptions.list(self._db, caller.tenant_id)
        return tuple(self._shown(one) for one in found)

    def get(self, caller: Caller, subscription_id: str) -> ShownSubscription:
        """Give a subscription, or raise NotFound."""
        require(caller, Action.WEBHOOK_READ)
        return self._shown(self._find(caller, subscription_id))

    def update(
        self, caller: Caller, subscription_id: str, draft: SubscriptionDraft
    ) -> ShownSubscription:
        """Change what is given; the kind and the secret stay. Raises InvalidInput, NotFound."""
        require(caller, Action.WEBHOOK_UPDATE)
        found = self._find(caller, subscription_id)
        target = self._target(found)
        if draft.address is not None:
            target = replace(target, address=self._address(found.kind, draft.address))
        changed = replace(
            found,
            events=found.events if draft.events is None else _events(draft.events),
            language=_language(draft.language or found.language),
            active=found.active if draft.active is None else draft.active,
            sealed=self._sealed(caller.tenant_id, target),
        )
        return self._shown(self._save(caller, Act.WEBHOOK_UPDATE, changed))

    def delete(self, caller: Caller, subscription_id: str) -> None:
        """Remove a subscription and its deliveries, or raise NotFound."""
        require(caller, Action.WEBHOOK_DELETE)
        found = self._find(caller, subscription_id)
        with self._audit.act(caller, Act.WEBHOOK_DELETE, found.id):
            subscriptions.remove(self._db, caller.tenant_id, found.id)

    def rotate(self, caller: Caller, subscription_id: str) -> ShownSubscription:
        """Give a webhook a new secret; for ROTATION the one before signs, too."""
        require(caller, Action.WEBHOOK_ROTATE)
        found = self._find(caller, subscription_id)
        if found.kind is not Kind.WEBHOOK:
            raise InvalidInput.at("id", Said("mails are not signed"), Said("the id of a webhook"))
        before = self._target(found)
        target = Target(address=before.address, secret=new_secret(), previous=before.secret)
        changed = replace(
            found,
            sealed=self._sealed(caller.tenant_id, target),
            previous_until=self._clock() + ROTATION,
        )
        saved = self._save(caller, Act.WEBHOOK_ROTATE, changed)
        return replace(self._shown(saved), secret=target.secret)

    def test(self, caller: Caller, subscription_id: str) -> str:
        """Send a test event, and give the id of its delivery; raises NotFound."""
        require(caller, Action.WEBHOOK_TEST)
        found = self._find(caller, subscription_id)
        notice = trial_notice(caller.tenant_id, self._clock())
        with self._audit.act(caller, Act.WEBHOOK_TEST, found.id):
            return outbox.send_to(self._db, caller.tenant_id, found.id, notice)

    def deliveries(self, caller: Caller, subscription_id: str, query: Query) -> Page[Delivery]:
        """List what was sent to a subscription, and what came of it; raises NotFound."""
        require(caller, Action.WEBHOOK_READ)
        found = self._find(caller, subscription_id)
        # ids are random: by themselves they order nothing
        order = "created_at" if query.order == "id" else query.order
        query = replace(query, order=order, limit=min(query.limit, self._settings.page_cap))
        return deliveries.page(self._db, caller.tenant_id, found.id, query)

    def replay(self, caller: Caller, subscription_id: str, delivery_id: str) -> None:
        """Send a delivery again, under the id that it had; raises NotFound."""
        require(caller, Action.WEBHOOK_REPLAY)
        found = self._find(caller, subscription_id)
        with self._audit.act(caller, Act.WEBHOOK_REPLAY, _id(delivery_id)):
            deliveries.replay(self._db, caller.tenant_id, found.id, delivery_id)

    def _save(self, caller: Caller, act: Act, changed: Subscription) -> Subscription:
        with self._audit.act(caller, act, changed.id):
            return subscriptions.save(self._db, caller.tenant_id, changed)

    def _find(self, caller: Caller, subscription_id: str) -> Subscription:
        return subscriptions.get(self._db, caller.tenant_id, _id(subscription_id))

    def _shown(self, found: Subscription) -> ShownSubscription:
        address = shown(found.kind, self._target(found).address)
        return ShownSubscription(subscription=found, address=address)

    def _target(self, found: Subscription) -> Target:
        opened = self._box.open(found.sealed, target_purpose(found.tenant_id))
        return Target.from_bytes(opened)

    def _sealed(self, tenant_id: str, target: Target) -> bytes:
        return self._box.seal(target.to_bytes(), target_purpose(tenant_id))

    def _kind(self, text: str) -> Kind:
        if text not in set(Kind):
            raise InvalidInput.at("kind", Said("no such kind"), ", ".join(Kind))
        if text == Kind.MAIL and not self._settings.mail:
            raise InvalidInput.at("kind", Said("no mail server is set up"), Said("webhook"))
        return Kind(text)

    def _address(self, kind: Kind, text: str) -> str:
        if kind is Kind.MAIL:
            return ",".join(check_recipients(text))
        self._receivers.check(text)
        return text


def shown(kind: Kind, address: str) -> str:
    """Show where a subscription leads; a URL without its query, which may hold a secret."""
    return address if kind is Kind.MAIL else urlsplit(address)._replace(query="").geturl()


def _id(text: str) -> str:
    """Let an id pass; what cannot be one is not looked up."""
    if len(text) != _UUID_LENGTH or not text.isascii() or not text.isprintable():
        raise NotFound
    return text


def _events(names: Sequence[str]) -> tuple[Event, ...]:
    if not names or not set(names) <= {event.value for event in SUBSCRIBABLE}:
        raise InvalidInput.at("events", Said("none, or one that is none"), ", ".join(SUBSCRIBABLE))
    return tuple(event for event in SUBSCRIBABLE if event.value in names)


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise InvalidInput.at("language", Said("not known here"), ", ".join(LANGUAGES))
    return text
