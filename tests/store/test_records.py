"""Domain values as JSON, and text folded."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st

from cxport.domain.catalogue import Entity
from cxport.domain.job import JobSpec
from cxport.domain.run import PartResult
from cxport.domain.selection import Slice, Window
from cxport.store.columns import fold
from cxport.store.records import from_json, to_json
from tests.store.samples import NOON, a_result, a_spec

#: Any moment in any zone; every text a source may have as a key, lone surrogates too.
zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones)  # noqa: DTZ001 - Hypothesis adds the zone
texts = st.text(st.characters())
keys = st.none() | texts | st.integers()

specs = st.builds(
    JobSpec,
    source=texts,
    title=texts,
    description=texts,
    window=st.builds(Window, start=st.none() | moments, end=st.none() | moments),
    entities=st.lists(st.sampled_from(Entity)).map(tuple),
    media=st.lists(texts).map(tuple),
)
slices = st.builds(
    Slice, entity=st.sampled_from(Entity), after=keys, upto=keys, after_attachment=keys
)


@given(specs)
def test_a_spec_survives_json(spec: JobSpec) -> None:
    """Whatever a user asked for, a run reads it as it was asked."""
    assert from_json(JobSpec, json.loads(json.dumps(to_json(spec)))) == spec


@given(slices)
def test_a_slice_survives_json(piece: Slice) -> None:
    """Keys come back with their kind: the text "1" is not the number 1."""
    found = from_json(Slice, json.loads(json.dumps(to_json(piece))))

    assert found == piece
    for name in ("after", "upto", "after_attachment"):
        assert type(getattr(found, name)) is type(getattr(piece, name))


def test_a_result_survives_json() -> None:
    """With what it holds inside."""
    assert from_json(PartResult, json.loads(json.dumps(to_json(a_result())))) == a_result()


def test_a_moment_is_kept_in_utc() -> None:
    """So that what is stored reads the same for everyone."""
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert to_json(elsewhere) == NOON.isoformat()
    assert from_json(Window, to_json(Window(start=elsewhere))).start == NOON.astimezone(UTC)


def test_versions_may_differ_by_a_field() -> None:
    """A field that is missing takes its default, and one that is unknown is passed over."""
    stored = to_json(a_spec(title="kept"))
    del stored["media"]
    stored["colour"] = "red"

    assert from_json(JobSpec, stored) == a_spec(title="kept")


@given(texts)
def test_folding_again_changes_nothing(text: str) -> None:
    """A folded name is found by itself, and in its other normal form."""
    assert fold(fold(text)) == fold(text)
    assert fold(normalize("NFD", text)) == fold(text) == fold(normalize("NFC", text))
