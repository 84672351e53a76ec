"""Batches of COPY BINARY, halved where a file is full."""

from __future__ import annotations

import pytest

from cxport.domain.catalogue import ENTITIES, DataType, Entity
from cxport.domain.selection import Selection, Slice
from cxport.export import batches as module
from cxport.export.batches import Batch, batches
from cxport.sources import connect
from cxport.sources.base import SourceSettings
from cxport.sources.sample import write_sample

SELECTION = Selection(data_type=DataType.INTERACTION, entities=ENTITIES[DataType.INTERACTION])


def lines(found: list[Batch]) -> bytes:
    """Join the lines of batches."""
    return b"".join(one.encoded.data for one in found)


def test_a_copied_batch_halves_like_any_other(
    postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Halves hold the same lines in the same order, down to single rows, with their last keys."""
    write_sample(postgres_dsn, interactions=300, seed=3)
    with connect(SourceSettings(dsn=postgres_dsn)).open() as reader:
        piece = Slice(entity=Entity.EMAIL_IN)
        copied = list(batches(reader.read(SELECTION, piece)))
        monkeypatch.setattr(module, "COMPILED", False)
        rows = list(batches(reader.read(SELECTION, piece)))

        assert lines(copied) == lines(rows)
        assert copied[-1].last == rows[-1].last
        while len(copied[0]) > 1:
            halves = [half for one in copied if len(one) > 1 for half in one.halves()]
            copied = halves + [one for one in copied if len(one) == 1]
        assert sorted(lines(copied).splitlines()) == sorted(lines(rows).splitlines())
