"""How a service starts."""

from __future__ import annotations

import gc

from cxport.bootstrap import serving


def test_a_service_that_has_started_looks_for_garbage_again() -> None:
    """The start does not look for garbage, and what runs for months afterwards does."""
    gc.disable()
    try:
        serving._settle_garbage()  # noqa: SLF001 - what a start ends with
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.enable()
