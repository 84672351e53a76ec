"""The beats of the workers."""

from __future__ import annotations

import time

from cxport.store import beats
from cxport.store.database import Database


def test_a_worker_lives_while_it_beats(db: Database) -> None:
    """One that beat lately lives; one that did not, or that left, does not."""
    for worker in ("first", "second", "third"):
        beats.beat(db, worker, "7")
    time.sleep(0.3)
    beats.beat(db, "first", "7")
    beats.beat(db, "service")
    beats.forget(db, "third")

    assert beats.living(db, 0.2)["first"] == "7"
    assert "second" not in beats.living(db, 0.2)
    assert beats.living(db, 60).keys() >= {"first", "second"}
    assert "service" not in beats.living(db, 60), "it does no work"
    assert "third" not in beats.living(db, 60)
