"""How long a part waits for what: parts are one stream, so nothing in them ends before the next."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


class Stopwatch:
    """Adds up how long it takes to come to each next item of all that it goes over."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def over(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items, and count the time until each is there, and until the end is."""
        found = iter(items)
        while True:
            began = time.monotonic()
            try:
                item = next(found)
            except StopIteration:
                return
            finally:
                self.seconds += time.monotonic() - began
            yield item
