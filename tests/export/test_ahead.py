"""Reading ahead: everything comes, errors too, and nothing is left running."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from cxport.export.ahead import ahead


def counting(
    end: int, closed: list[int], fault: Exception | None = None
) -> Generator[int, None, None]:
    """Count, fail where told to, and note the end."""
    try:
        yield from range(end)
        if fault:
            raise fault
    finally:
        closed.append(threading.get_ident())


@pytest.mark.parametrize("end", [0, 1, 2, 3, 50])
def test_everything_comes_in_order(end: int) -> None:
    """Each item comes once, in its order, read by another thread than ours."""
    closed: list[int] = []

    assert list(ahead(counting(end, closed))) == list(range(end))
    assert closed != [threading.get_ident()]


@pytest.mark.parametrize("end", [0, 1, 2, 3, 50])
def test_an_error_is_no_end(end: int) -> None:
    """What the reader raises comes after its last item: it never looks like a normal end."""
    found: list[int] = []

    rows = ahead(counting(end, [], OSError("broken")))
    with pytest.raises(OSError, match="broken"):
        found.extend(iter(rows))
    assert found == list(range(end))


def test_leaving_early_ends_the_reader() -> None:
    """When nobody wants more, the reader is closed, in its own thread, before we go on."""
    closed: list[int] = []
    before = threading.active_count()
    rows = ahead(counting(50, closed))

    assert next(rows) == 0
    rows.close()

    assert len(closed) == 1
    assert threading.active_count() == before
