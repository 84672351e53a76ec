"""A limit on the whole time that a connection takes, however slowly bytes trickle in."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def time_limit(connection: socket.socket, seconds: float) -> Iterator[None]:
    """End a connection when the time is over; TimeoutError for what that breaks off."""
    # the descriptor may be handed on to TLS meanwhile: a copy of it ends whoever has it
    copy, over = socket.socket(fileno=os.dup(connection.fileno())), threading.Event()

    def end() -> None:
        over.set()
        with suppress(OSError):
            copy.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception:
        if over.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
        copy.close()
