"""Webhooks over HTTP/1.1: one connection to an address that was checked, one POST, no redirect.

Neither proxies of the environment nor cookies nor credentials take part, and what the receiver
answers is not read beyond its status.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime

from cxport import __version__
from cxport.domain.errors import InvalidInput
from cxport.domain.notice import Attempt
from cxport.domain.said import Said
from cxport.notices.address import Forbidden, Receiver, Receivers, Resolver, resolved
from cxport.notices.limit import time_limit
from cxport.notices.outgoing import Outgoing
from cxport.notices.signature import signed_headers

#: To connect to one address, and for all that follows.
_CONNECT_SECONDS = 5.0
_TOTAL_SECONDS = 10.0
#: Addresses of a receiver that are tried.
_TRIED = 2
_REDIRECTS = range(300, 400)
_TAKEN = range(200, 300)

#: Connects to an address and a port, with a time limit in seconds.
Connect = Callable[[tuple[str, int], float], socket.socket]


class Webhooks:
    """Sends webhooks to `receivers`; `tls` checks their certificates."""

    def __init__(
        self,
        receivers: Receivers,
        tls: ssl.SSLContext,
        resolve: Resolver = resolved,
        connect: Connect = socket.create_connection,
    ) -> None:
        self._receivers = receivers
        self._tls = tls
        self._resolve = resolve
        self._connect = connect

    def send(self, message: Outgoing, now: datetime) -> Attempt:
        """Try once; delivered is what is answered 2xx."""
        try:
            receiver = self._receivers.check(message.address)
            addresses = self._receivers.addresses(receiver, self._resolve)
            return self._post(receiver, addresses, message, now)
        except Forbidden as error:
            return Attempt(delivered=False, answer=Said("not sent: {message}", message=error.said))
        except InvalidInput as error:
            return Attempt(delivered=False, answer=Said("not sent: {message}", message=error.said))
        except ssl.SSLError:
            return Attempt(delivered=False, answer=Said("the receiver's TLS was not accepted"))
        except TimeoutError:
            return Attempt(delivered=False, answer=Said("the receiver did not answer in time"))
        except (OSError, http.client.HTTPException):
            return Attempt(delivered=False, answer=Said("the connection failed"))

    def _post(
        self, receiver: Receiver, addresses: list[str], message: Outgoing, now: datetime
    ) -> Attempt:
        body = message.body.encode()
        headers = {
            "Host": receiver.host_header,
            "Content-Type": "application/json",
            "User-Agent": f"CXPort/{__version__}",
            "Connection": "close",
            **signed_headers(message.id, int(now.timestamp()), body, message.keys),
        }
        with (
            self._connected(receiver, addresses) as raw,
            time_limit(raw, _TOTAL_SECONDS),
            closing(self._secured(receiver, raw)) as secured,
        ):
            status = _asked(secured, receiver, body, headers)
        if status in _REDIRECTS:
            return Attempt(
                delivered=False, answer=Said("answered {status}; redirects end here", status=status)
            )
        return Attempt(delivered=status in _TAKEN, answer=Said("answered {status}", status=status))

    @contextmanager
    def _connected(self, receiver: Receiver, addresses: list[str]) -> Iterator[socket.socket]:
        """Connect to the first address that takes it; none is resolved again."""
        opened = self._open(receiver, addresses[:_TRIED])
        try:
            yield opened
        finally:
            opened.close()

    def _open(self, receiver: Receiver, addresses: list[str]) -> socket.socket:
        first, *others = addresses
        try:
            return self._connect((first, receiver.port), _CONNECT_SECONDS)
        except OSError:
            if not others:
                raise
        return self._open(receiver, others)

    def _secured(self, receiver: Receiver, raw: socket.socket) -> socket.socket:
        if receiver.scheme != "https":
            return raw
        return self._tls.wrap_socket(raw, server_hostname=receiver.host)


def _asked(
    connection: socket.socket, receiver: Receiver, body: bytes, headers: dict[str, str]
) -> int:
    """Send a request over a connection, and read no further than the headers of its answer."""
    client = http.client.HTTPConnection(receiver.host)
    client.auto_open = 0  # it never connects by itself
    client.sock = connection
    client.request("POST", receiver.target, body, headers)
    with client.getresponse() as answer:
        return answer.status
