"""Watching: whoever asks is told of every change of its tenant's jobs and runs.

One watcher in each process looks at the store once in an interval, for all tenants that are
watched by then, and not at all while nobody watches. What it finds to have changed goes into the
mailbox of each subscription, where a newer state of the same item replaces an older one: so
mailboxes are bounded by what there is, and whoever reads slowly misses states, never the last.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from cxport.domain.access import Action, visible_families
from cxport.domain.catalogue import Family
from cxport.domain.errors import CxportError, LimitReached
from cxport.domain.said import Said
from cxport.domain.tenant import Caller
from cxport.domain.watching import Change, Watched
from cxport.services.access import require
from cxport.store import changes
from cxport.store.database import Database

_log = structlog.get_logger()

#: Between two looks.
INTERVAL_SECONDS = 1.0
#: Between two looks at least, when somebody new is not to wait for the next one.
_SOONEST_SECONDS = 0.2
#: Subscriptions at the same time: of one tenant, and of a process.
MOST_OF_TENANT = 50
MOST = 1000
#: What was written by a clock that is slow, or committed late, is still found.
_SLACK = timedelta(minutes=1)
#: Whoever comes back is told what it missed, but for no longer than this.
_LONGEST_ABSENCE = timedelta(days=1)

_RETRY_SECONDS = 5

_Key = tuple[type[Watched], int]


@dataclass(eq=False)
class Subscription:
    """What one watcher is told: `take` gives it, `notify` is called when there is something."""

    tenant_id: str
    families: frozenset[Family]
    #: From when on it is told what has ended or changed before it came.
    since: datetime
    notify: Callable[[], None]
    fresh: bool = True
    closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _mailbox: dict[_Key, Change] = field(default_factory=dict)

    def take(self) -> list[Change]:
        """Give what has changed since the last call, jobs and runs by their latest state."""
        with self._lock:
            taken, self._mailbox = list(self._mailbox.values()), {}
        return taken

    def put(self, found: Iterable[Change]) -> None:
        """Add what has changed, as far as the roles show it."""
        with self._lock:
            for change in found:
                if change.item.family in self.families:
                    key = (type(change.item), change.item.id)
                    self._mailbox.pop(key, None)
                    self._mailbox[key] = change
            told = bool(self._mailbox)
        if told:
            self.notify()


class Watching:
    """The watcher of a process; any number of threads may subscribe."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], datetime],
        *,
        interval_seconds: float = INTERVAL_SECONDS,
        most_of_tenant: int = MOST_OF_TENANT,
        most: int = MOST,
    ) -> None:
        self._db = db
        self._clock = clock
        self._interval_seconds = interval_seconds
        self._most_of_tenant = most_of_tenant
        self._most = most
        self._lock = threading.Lock()
        self._subscriptions: set[Subscription] = set()
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._closed = False
        #: By tenant what was last told of each item; touched by the watcher's thread alone.
        self._seen: dict[str, dict[_Key, Watched]] = {}
        self._looked_at: datetime | None = None

    @property
    def watchers(self) -> int:
        """How many subscriptions there are."""
        with self._lock:
            return len(self._subscriptions)

    def subscribe(
        self, caller: Caller, notify: Callable[[], None], since: datetime | None = None
    ) -> Subscription:
        """Tell a caller of its tenant's jobs and runs from now on; `leave` ends it.

        It is told first of all runs that have not ended, and of what has ended or changed since
        the moment named, or within the last minute. `notify` is called in the watcher's thread
        when there is something to take, and when the subscription was closed. Raises NotAllowed,
        and LimitReached where too many watch.
        """
        require(caller, Action.RUN_READ)
        require(caller, Action.JOB_READ)
        now = self._clock()
        began = max(min(since or now, now), now - _LONGEST_ABSENCE)
        subscription = Subscription(
            tenant_id=caller.tenant_id,
            families=visible_families(caller.roles),
            since=began - _SLACK,
            notify=notify,
        )
        with self._lock:
            self._check_room(caller.tenant_id)
            self._subscriptions.add(subscription)
            subscription.closed = self._closed
            self._start()
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Tell it nothing any more; the last one to leave ends the looks at the store."""
        with self._lock:
            self._subscriptions.discard(subscription)
            idle = not self._subscriptions
        if idle:
            self._wake.set()

    def close(self) -> None:
        """End every subscription, as the process is about to end."""
        with self._lock:
            self._closed = True
            left = tuple(self._subscriptions)
        for subscription in left:
            subscription.closed = True
            subscription.notify()
        self._wake.set()

    def _check_room(self, tenant_id: str) -> None:
        of_tenant = sum(one.tenant_id == tenant_id for one in self._subscriptions)
        if of_tenant >= self._most_of_tenant or len(self._subscriptions) >= self._most:
            raise LimitReached(Said("too many watch already: ask again later"), _RETRY_SECONDS)

    def _start(self) -> None:
        """Begin to look, or let the next look come sooner; under the lock."""
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._watch, name="watching", daemon=True)
            self._thread.start()
        self._wake.set()

    def _watch(self) -> None:
        """Look until nobody is left who watches."""
        while watching := self._left():
            self._wake.clear()
            try:
                self._look(watching)
            except CxportError as error:
                _log.warning("watching has to wait", reason=error.message)
            except Exception as error:  # noqa: BLE001 - its text could hold data; the next look comes
                _log.warning("watching has to wait", error=type(error).__name__)
            # whoever is new is told soon, and a crowd of them by one look
            time.sleep(self._soonest)
            self._wake.wait(self._interval_seconds - self._soonest)

    @property
    def _soonest(self) -> float:
        return min(_SOONEST_SECONDS, self._interval_seconds / 2)

    def _left(self) -> tuple[Subscription, ...]:
        """Give who watches; where nobody does, the thread has ended and what it knew is gone."""
        with self._lock:
            if self._subscriptions and not self._closed:
                return tuple(self._subscriptions)
            self._thread = None
            self._seen, self._looked_at = {}, None
            return ()

    def _look(self, watching: tuple[Subscription, ...]) -> None:
        """Ask the store once for all, and tell each what is new to it."""
        now = self._clock()
        further = [one.since for one in watching if one.fresh]
        moment = min([(self._looked_at or now) - _SLACK, *further])
        found = changes.since(self._db, sorted({one.tenant_id for one in watching}), moment)
        by_tenant: dict[str, dict[_Key, Watched]] = {one.tenant_id: {} for one in watching}
        for item in found:
            by_tenant[item.tenant_id][type(item), item.id] = item
        for one in watching:
            self._tell(one, by_tenant[one.tenant_id], now)
        self._seen, self._looked_at = by_tenant, now

    def _tell(self, one: Subscription, items: dict[_Key, Watched], now: datetime) -> None:
        seen = {} if one.fresh else self._seen.get(one.tenant_id, {})
        since = one.since if one.fresh else (self._looked_at or now) - _SLACK
        one.put(
            [
                Change(item=item, seen_at=now)
                for key, item in items.items()
                # what is older was found only because somebody else asked further back
                if seen.get(key) != item and _moved_since(item, since)
            ]
        )
        one.fresh = False


def _moved_since(item: Watched, moment: datetime) -> bool:
    """Tell whether an item may have changed since: a run that has not ended may at any time."""
    return item.moved_at is None or item.moved_at >= moment
