"""The master key as its operator rotates it: what it seals follows, while everything runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from cxport.bootstrap.installation import Installation
from cxport.bootstrap.master_key import master_keys, write_master_keys
from cxport.domain.audit import INSTALLATION, Act
from cxport.domain.errors import SetupError
from cxport.sealing.vault import Vault, new_master_key, sealed_by
from cxport.store.secrets import all_sealed, reseal_all

_IN_VARIABLE = (
    "the master key is in CXPORT_MASTER_KEY, which only you can change: give every process"
    " OLD,NEW and restart it, then NEW,OLD, then run `cxport key reseal`"
)
_SHARED = (
    "processes on other hosts may share this store, and have a master.key of their own: add NEW as"
    " its second line on every host, then make it the first, then run `cxport key reseal`;"
    " where every process runs on this host, add --one-host"
)


@dataclass(frozen=True, kw_only=True)
class MasterKey:
    """A master key by its id, which tells nothing of it; `given` to this process or missing.

    `seals` counts the stored secrets that it sealed: without one of them it can be dropped.
    """

    id: str
    given: bool
    first: bool
    seals: int


def rotate_master_key(installation: Installation, *, one_host: bool = False) -> int:
    """Put a new master key before the old ones and seal everything again by it.

    Gives how many secrets that were. The old keys stay in the file; processes that run read it
    when they meet what the new one sealed. Raises SetupError where the key is not in a file, and
    where the store may be shared by other hosts, unless they are said to be none.
    """
    settings = installation.settings
    if settings.master_key.get_secret_value():
        raise SetupError(_IN_VARIABLE)
    if settings.database.get_secret_value() and not one_host:
        raise SetupError(_SHARED)
    keys = [new_master_key(), *master_keys(settings)]
    write_master_keys(settings, keys)
    return _resealed(installation, Vault(keys))


def reseal(installation: Installation) -> int:
    """Seal by the first master key what others sealed; give how many secrets that were.

    Raises SetupError, and changes nothing, where one was sealed by a key that is not given.
    """
    return _resealed(installation, Vault(master_keys(installation.settings)))


def _resealed(installation: Installation, vault: Vault) -> int:
    with installation.services.audit.on_host(INSTALLATION, Act.MASTER_KEY_ROTATE):
        return reseal_all(installation.db, vault)


def known_master_keys(installation: Installation) -> tuple[MasterKey, ...]:
    """Give the keys of this process, the first one first, then those that it lacks."""
    given = Vault(master_keys(installation.settings)).key_ids
    seals = Counter(sealed_by(one) for one in all_sealed(installation.db))
    missing = sorted(set(seals) - set(given))
    return tuple(
        MasterKey(id=key, given=key in given, first=key == given[0], seals=seals[key])
        for key in (*given, *missing)
    )
