"""A way to a service that can break: connections are cut in an answer, or not taken at all."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self


class Proxy:
    """Carries connections to a port; use it as a context manager.

    While `cuts` is above zero, an answer longer than `after_bytes` is cut there, once a cut.
    While `away`, a connection is closed as soon as it is made or used.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.target_port = 0
        self.mend()
        #: Everything that clients have sent.
        self.asked = bytearray()

    def mend(self) -> None:
        """Break nothing from now on."""
        self.cuts = 0
        self.after_bytes = 100_000
        self.away = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if self.away:
                return
            with socket.create_connection(("127.0.0.1", self.target_port)) as service:
                answers = threading.Thread(target=self._answer, args=(service, client))
                answers.start()
                self._ask(client, service)
                answers.join()

    def _ask(self, client: socket.socket, service: socket.socket) -> None:
        with suppress(OSError):
            while piece := client.recv(65_536):
                if self.away:
                    break
                self.asked += piece
                service.sendall(piece)
            service.shutdown(socket.SHUT_WR)

    def _answer(self, service: socket.socket, client: socket.socket) -> None:
        carried = 0
        with suppress(OSError):
            while piece := service.recv(16_384):
                carried += len(piece)
                if self.cuts and carried > self.after_bytes:
                    self.cuts -= 1
                    break
                client.sendall(piece)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
