"""Reading ahead: what reads runs in a thread, while what was read is compressed and sealed."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


class _End:
    """Stands for the end."""


_END = _End()


def ahead(items: Generator[Item, None, None], most: int = 2) -> Generator[Item, None, None]:
    """Yield the items of a generator that runs in a thread of its own, up to `most` ahead.

    What it raises is raised here, in place of the item; nothing else ends it but its end. When
    this ends, for whatever reason, it has ended too, and its thread.
    """

    def take() -> Item | _End:
        return next(items, _END)

    with ThreadPoolExecutor(1, "ahead") as thread:
        waiting: deque[Future[Item | _End]] = deque(thread.submit(take) for _ in range(most))
        try:
            while not isinstance(item := waiting.popleft().result(), _End):
                waiting.append(thread.submit(take))
                yield item
        finally:
            for future in waiting:
                future.cancel()
            thread.submit(items.close).result()
