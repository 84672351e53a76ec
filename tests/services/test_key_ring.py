"""Keys rotate while several processes sign with them and check: no good token or link fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from cxport.domain.access import Role
from cxport.domain.errors import NotAuthenticated, NotFound
from cxport.services import Services
from cxport.services.files import BULK_LIFETIME
from cxport.services.key_ring import FRESH, OVERLAP
from cxport.services.links import Links
from cxport.services.signin import TokenRequest
from cxport.services.signing_keys import Signed
from cxport.services.tenants import Credentials
from cxport.services.tokens import LIFETIME
from tests.api.installation import PUBLIC_URL, Clock

Start = Callable[[], Services]


@pytest.fixture
def acme(services: Services, clock: Clock) -> Credentials:
    """Give a tenant and its administrator, in a time that stands still."""
    clock.freeze()
    return services.tenants.create_tenant("Acme")


def token_of(services: Services, acme: Credentials) -> str:
    """Sign the tenant's program in."""
    request = TokenRequest(
        grant_type="client_credentials",
        client_id=acme.client_id,
        client_secret=acme.client_secret,
    )
    return services.sign_in.token(request).access_token


def good(services: Services, token: str) -> bool:
    """Tell whether a process accepts a token."""
    try:
        return Role.ADMINISTRATOR in services.sign_in.caller(token, "").roles
    except NotAuthenticated:
        return False


def test_an_old_token_is_good_until_it_expires(
    start: Start, services: Services, acme: Credentials, clock: Clock
) -> None:
    """In every process, whether it has heard of the rotation or not, and no second longer."""
    other = start()
    old = token_of(services, acme)
    assert good(other, old)
    services.signing_keys.rotate(Signed.TOKENS)
    late = start()

    clock.advance(seconds=LIFETIME.total_seconds() - 1)
    assert [good(one, old) for one in (services, other, late)] == [True] * 3
    clock.advance(seconds=1)
    assert [good(one, old) for one in (services, other, late)] == [False] * 3


def test_a_new_token_is_good_at_once_where_nobody_has_heard_yet(
    start: Start, services: Services, acme: Credentials
) -> None:
    """A process that meets a key it does not know asks the store."""
    stale = start()
    assert good(stale, token_of(stale, acme))
    services.signing_keys.rotate(Signed.TOKENS)
    new = token_of(start(), acme)

    assert good(stale, new)


def test_who_has_not_heard_signs_on_and_nothing_of_it_is_lost(
    start: Start, services: Services, acme: Credentials, clock: Clock
) -> None:
    """The old key outlives the last token that a process signed with it, and signs no more then."""
    stale, other = start(), start()
    token_of(stale, acme)
    services.signing_keys.rotate(Signed.TOKENS)
    clock.advance(seconds=FRESH.total_seconds() - 1)
    last = token_of(stale, acme)
    clock.advance(seconds=LIFETIME.total_seconds() - 1)

    assert good(other, last)
    clock.advance(seconds=OVERLAP.total_seconds())
    services.signing_keys.rotate(Signed.TOKENS)
    assert not good(start(), last)
    assert len([key for key in services.signing_keys.all() if key.signs is Signed.TOKENS]) == 2


def test_several_rotations_within_an_hour(
    start: Start, services: Services, acme: Credentials, clock: Clock
) -> None:
    """Each key keeps its own time."""
    tokens = []
    for _ in range(5):
        tokens.append(token_of(start(), acme))
        services.signing_keys.rotate(Signed.TOKENS)
        clock.advance(minutes=5)

    assert [good(services, token) for token in tokens] == [True] * 5
    clock.advance(minutes=41)
    assert [good(services, token) for token in tokens] == [False] * 2 + [True] * 3


def test_a_key_in_wrong_hands_ends_at_once(
    start: Start, services: Services, acme: Credentials, clock: Clock
) -> None:
    """Its tokens are refused by a process that starts, and within half a minute by all."""
    running = start()
    old = token_of(running, acme)
    services.signing_keys.rotate(Signed.TOKENS, at_once=True)

    assert not good(start(), old)
    clock.advance(seconds=FRESH.total_seconds())
    assert not good(running, old)
    assert good(running, token_of(running, acme))


def test_links_follow_alike(start: Start, services: Services, clock: Clock) -> None:
    """A link made before a rotation opens until it is too old; one made after opens everywhere."""
    clock.freeze()

    def links(process: Services) -> Links:
        return Links(process.signing_keys.ring(Signed.LINKS), PUBLIC_URL, clock)

    first, second = links(services), links(start())
    before = first.mint("t-1", "a.smime", BULK_LIFETIME).split("/")[-2]
    assert second.tenant(before, "a.smime") == "t-1"
    services.signing_keys.rotate(Signed.LINKS)
    after = links(start()).mint("t-1", "a.smime", BULK_LIFETIME + timedelta(minutes=5))
    after = after.split("/")[-2]

    clock.advance(seconds=BULK_LIFETIME.total_seconds() - 1)
    for one in (first, second):
        assert one.tenant(before, "a.smime") == "t-1"
        assert one.tenant(after, "a.smime") == "t-1"
    clock.advance(seconds=1)
    for one in (first, second):
        with pytest.raises(NotFound):
            one.tenant(before, "a.smime")
        assert one.tenant(after, "a.smime") == "t-1"


def test_a_retired_key_is_worth_nothing(services: Services, clock: Clock) -> None:
    """Once its time is over, whoever has it can sign what they like: no process accepts it."""
    clock.freeze()
    ring = services.signing_keys.ring(Signed.TOKENS)
    old = ring.current()
    services.signing_keys.rotate(Signed.TOKENS)

    clock.advance(seconds=ring.keep.total_seconds() - 1)
    assert ring.find(lambda key: key == old) == old
    clock.advance(seconds=1)
    assert ring.find(lambda key: key == old) is None
    assert ring.current() != old


def test_what_is_listed_is_no_key(services: Services, clock: Clock) -> None:
    """The newest has no end; the one before is accepted for its tokens' hour and a minute."""
    clock.freeze()
    services.signing_keys.rotate(Signed.TOKENS)
    new, old = (key for key in services.signing_keys.all() if key.signs is Signed.TOKENS)

    assert new.accepted_until is None
    assert old.accepted_until == clock() + LIFETIME + OVERLAP
