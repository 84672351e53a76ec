"""What goes wrong between a client and the service.

::

    ClientError                  the service refused, or did not answer (`status` is 0 then)
    ├── DownloadRefused          what came is not the file that the service described
    └── StillRunning             the time given to `wait` is over
"""

from __future__ import annotations

from collections.abc import Mapping

#: Statuses after which the same request may succeed: no answer, a limit, a service that starts.
_TRANSIENT = frozenset({0, 429, 502, 503, 504})


class ClientError(Exception):
    """A request that did not succeed.

    `message` and `detail` are the service's own words; neither they nor the representation of
    this error hold a key, a secret or a token.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        detail: Mapping[str, object] | None = None,
        retry_after_seconds: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.detail = dict(detail or {})
        self.retry_after_seconds = retry_after_seconds

    @property
    def transient(self) -> bool:
        """Whether the same request may succeed when it is sent again later."""
        return self.status in _TRANSIENT


class DownloadRefused(ClientError):
    """What came is not the file that the service described: nothing was kept."""

    @property
    def transient(self) -> bool:
        """Never: the file has to be looked at first."""
        return False


class StillRunning(ClientError):
    """The run has not ended in the time that was given."""
