"""The vault: what is sealed opens for its purpose, by whichever master key sealed it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxport.domain.errors import SetupError
from cxport.sealing.vault import Vault, new_master_key

_OLD, _NEW = new_master_key(), new_master_key()


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_secret_opens_for_its_purpose(secret: bytes, purpose: str) -> None:
    """What comes out is what went in, and no two sealed forms are the same."""
    vault = Vault([_NEW])
    sealed = vault.seal(secret, purpose)

    assert vault.open(sealed, purpose) == secret
    assert sealed != vault.seal(secret, purpose)


def test_another_purpose_is_refused() -> None:
    """A secret moved to another place does not open there."""
    vault = Vault([_NEW])
    with pytest.raises(SetupError, match="changed"):
        vault.open(vault.seal(b"secret", "dsn"), "token")


def test_every_change_is_refused() -> None:
    """No flipped bit and no truncation opens."""
    vault = Vault([_NEW])
    sealed = vault.seal(b"secret", "dsn")
    for at in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(SetupError):
            vault.open(bytes(changed), "dsn")
    for length in range(len(sealed)):
        with pytest.raises(SetupError):
            vault.open(sealed[:length], "dsn")


def test_keys_are_rotated() -> None:
    """Old and new key are held at once; what the old one sealed is told apart, then it can go."""
    old, both, new = Vault([_OLD]), Vault([_NEW, _OLD]), Vault([_NEW])
    sealed = old.seal(b"secret", "dsn")

    assert both.open(sealed, "dsn") == b"secret"
    assert both.needs_reseal(sealed)
    with pytest.raises(SetupError, match="not given"):
        new.open(sealed, "dsn")
    resealed = both.seal(both.open(sealed, "dsn"), "dsn")
    assert not both.needs_reseal(resealed)
    assert new.open(resealed, "dsn") == b"secret"


def test_a_rotation_is_followed() -> None:
    """What a new key sealed opens where the keys can be read anew, and what follows is its too."""
    file = [_OLD]
    running = Vault(file, lambda: file)
    sealed = running.seal(b"before", "dsn")
    file[:] = [_NEW, _OLD]

    assert running.open(Vault([_NEW]).seal(b"after", "dsn"), "dsn") == b"after"
    assert running.open(sealed, "dsn") == b"before"
    assert Vault([_NEW]).open(running.seal(b"later", "dsn"), "dsn") == b"later"


@pytest.mark.parametrize("keys", [[], [b""], [b"x" * 31], [_NEW, b"short"]])
def test_weak_master_keys_are_refused(keys: list[bytes]) -> None:
    """A master key has 32 bytes, each of them."""
    with pytest.raises(SetupError):
        Vault(keys)


def test_the_secret_is_not_in_its_sealed_form() -> None:
    """Neither the secret nor the master key can be seen in what is stored."""
    sealed = Vault([_NEW]).seal(b"a secret of some length", "dsn")

    assert b"secret" not in sealed
    assert _NEW not in sealed
