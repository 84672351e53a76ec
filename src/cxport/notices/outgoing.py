"""What is handed to those who send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cxport.domain.notice import Attempt, Event


@dataclass(frozen=True, kw_only=True, repr=False)
class Outgoing:
    """One message to one target; `keys` are the secrets that sign it."""

    id: str
    event: Event
    body: str
    address: str
    keys: tuple[str, ...]
    language: str


class Sender(Protocol):
    """Sends messages of one kind; any number of threads may use one."""

    def send(self, message: Outgoing, now: datetime) -> Attempt:
        """Try once, within 20 seconds; what goes wrong is in the answer, nothing is raised."""
