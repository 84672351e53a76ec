"""Files that only their owner may read, and that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def create(path: Path) -> BinaryIO:
    """Create a file with the mode 0600; FileExistsError where anything has that name already."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "w+b")


@contextmanager
def appearing(destination: Path) -> Iterator[BinaryIO]:
    """Give a file that takes its name when the block ends well, and is gone when it does not.

    What had the name before stays until then, and is replaced. Until then the file is
    `.cxport-....part` beside it.
    """
    temporary = destination.with_name(f".cxport-{secrets.token_hex(8)}.part")
    with create(temporary) as file:
        try:
            yield file
            file.flush()
            temporary.replace(destination)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
