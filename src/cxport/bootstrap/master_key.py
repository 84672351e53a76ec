"""The master key: from CXPORT_MASTER_KEY, or a file that only its owner can read."""

from __future__ import annotations

import base64
import binascii
import os

from cxport.config import Settings
from cxport.domain.errors import SetupError

MASTER_KEY_FILE = "master.key"


def has_master_key(settings: Settings) -> bool:
    """Tell whether there is a master key, good or not."""
    given = settings.master_key.get_secret_value()
    return bool(given) or (settings.data / MASTER_KEY_FILE).exists()


def master_keys(settings: Settings) -> list[bytes]:
    """Read the master keys, newest first; SetupError where there is none or one is no key."""
    text = settings.master_key.get_secret_value() or _master_key_file(settings)
    try:
        keys = [base64.b64decode(word, validate=True) for word in text.replace(",", " ").split()]
    except binascii.Error:
        raise SetupError(_KEY_EXPECTED) from None
    if not keys or any(len(key) != _MASTER_KEY_BYTES for key in keys):
        raise SetupError(_KEY_EXPECTED)
    return keys


_MASTER_KEY_BYTES = 32
_KEY_EXPECTED = (
    "the master key must be 32 bytes in base64, in CXPORT_MASTER_KEY or the file master.key of"
    " the data folder; restore it from your backup"
)


def _master_key_file(settings: Settings) -> str:
    file = settings.data / MASTER_KEY_FILE
    if not file.exists():
        return ""
    if file.stat().st_mode & 0o077:
        raise SetupError("master.key can be read by others: chmod 600 it")
    return file.read_text("ascii")


def write_master_keys(settings: Settings, keys: list[bytes]) -> None:
    """Write the key file whole or not at all, readable by its owner alone.

    Raises SetupError where another command is writing it, or was interrupted in it.
    """
    file = settings.data / MASTER_KEY_FILE
    new = file.with_suffix(".new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SetupError(
            "master.new stands in the data folder: another command is writing the master key, or"
            " was interrupted; where none runs, remove that file"
        ) from None
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(b"\n".join(base64.b64encode(key) for key in keys) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    new.rename(file)
