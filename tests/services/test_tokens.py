"""Access tokens: what is signed, and everything that makes one worthless."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from cxport.domain.errors import NotAuthenticated
from cxport.services.tokens import Identity, Tokens, kid
from tests.services.rings import ring_of

KEY = b"k" * 32
NOW = datetime(2026, 5, 1, tzinfo=UTC)
WHO = Identity(tenant_id="t-1", subject="user:ann", stamp="5ec2e7")


def tokens_of(key: bytes, issuer: str = "https://here") -> Tokens:
    """Give tokens of a ring that holds one key."""
    return Tokens(ring_of(key), issuer)


TOKENS = tokens_of(KEY)


def test_a_token_gives_back_whom_it_names() -> None:
    """For an hour, to the second."""
    token = TOKENS.issue(WHO, NOW)

    assert TOKENS.read(token, NOW).identity == WHO
    assert TOKENS.read(token, NOW + timedelta(minutes=59, seconds=59)).identity == WHO
    with pytest.raises(NotAuthenticated):
        TOKENS.read(token, NOW + timedelta(hours=1))


def test_another_key_or_issuer_makes_another_token() -> None:
    """A token is good where it was issued and nowhere else."""
    token = TOKENS.issue(WHO, NOW)
    for other in (tokens_of(b"x" * 32), tokens_of(KEY, "https://there")):
        with pytest.raises(NotAuthenticated):
            other.read(token, NOW)


def _forged(header: dict[str, Any] | None = None, **changed: Any) -> str:
    """Sign with the right key a token that is wrong in one thing."""
    genuine = jwt.decode(TOKENS.issue(WHO, NOW), OctKey.import_key(KEY))
    claims = {name: value for name, value in {**genuine.claims, **changed}.items() if value != ...}
    return jwt.encode({**genuine.header, **(header or {})}, claims, OctKey.import_key(KEY))


def test_the_forger_is_right_in_the_rest() -> None:
    """Without a change its tokens are accepted, so each refusal below is for the change."""
    assert TOKENS.read(_forged(), NOW).identity == WHO


@pytest.mark.parametrize(
    "token",
    [
        _forged(aud="other"),
        _forged(aud=...),
        _forged(iss="https://there"),
        _forged(iss=...),
        _forged(exp=...),
        _forged(exp="never"),
        _forged(exp=int(NOW.timestamp())),
        _forged(iat=int(NOW.timestamp()) + 60),
        _forged(nbf=int(NOW.timestamp()) + 60),
        _forged(sub=...),
        _forged(tenant=...),
        _forged(stamp=...),
        _forged({"kid": "another"}),
        _forged(more="x" * 3000),
    ],
)
def test_each_claim_is_checked(token: str) -> None:
    """Audience, issuer, expiry, subject, tenant, key id and length."""
    with pytest.raises(NotAuthenticated):
        TOKENS.read(token, NOW)


def test_other_algorithms_are_refused() -> None:
    """`none`, and another of the same family with the same key."""
    key = OctKey.import_key(KEY * 2)
    claims = jwt.decode(TOKENS.issue(WHO, NOW), OctKey.import_key(KEY)).claims
    longer = tokens_of(KEY * 2)
    header = {"alg": "HS512", "kid": kid(KEY * 2)}
    token = jwt.encode(header, claims, key, algorithms=["HS512"])
    unsigned = "eyJhbGciOiJub25lIn0." + token.split(".")[1] + "."
    for one in (token, unsigned):
        with pytest.raises(NotAuthenticated):
            longer.read(one, NOW)


@given(st.text() | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True))
def test_no_text_is_a_token_by_chance(text: str) -> None:
    """Garbage is refused, and by no other error."""
    with pytest.raises(NotAuthenticated):
        TOKENS.read(text, NOW)


@given(place=st.integers(0, 400), character=st.sampled_from("Ab0_-."))
def test_a_changed_token_is_refused(place: int, character: str) -> None:
    """Wherever one character is another."""
    token = TOKENS.issue(WHO, NOW)
    place %= len(token)
    changed = token[:place] + character + token[place + 1 :]
    if changed != token and not _same_bytes(changed, token):
        with pytest.raises(NotAuthenticated):
            TOKENS.read(changed, NOW)


def _same_bytes(one: str, other: str) -> bool:
    """Tell whether two texts differ only in bits that base64 does not use at its end."""
    return one[:-1] == other[:-1]
