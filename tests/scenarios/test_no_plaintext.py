"""What is exported is on no disk in the clear: neither beside the sealed file nor on the way."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.opening import KeyPair
from tests.scenarios.plaintext import ZIP, ConfinedService, canaries, readable_in
from tests.scenarios.running import cxport
from tests.scenarios.test_interrupted import assert_complete, exported, prepared


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Give a source, in a folder beside that of the service."""
    file = tmp_path / "history.sqlite"
    cxport("sample", f"sqlite:///{file}", "--interactions", "1500")
    return file


@pytest.fixture
def confined(tmp_path: Path) -> Iterator[ConfinedService]:
    """Give a service that can write nowhere but into its own folder."""
    with ConfinedService(tmp_path / "own", part_rows="1000") as service:
        yield service


@pytest.mark.promise("S9")
def test_an_export_needs_no_place_for_plaintext(
    confined: ConfinedService, source: Path, keys: KeyPair
) -> None:
    """S9: with all other folders read-only it completes, and nothing in its own can be read."""
    words = canaries(source)
    with confined.client() as client:
        prepared(confined, client, keys, f"sqlite:///{source}")
        record = confined.run_job(client)

        assert record["status"].startswith("Completed"), record
        assert_complete(exported(confined, client, keys, record), f"sqlite:///{source}")
    assert readable_in(confined.folder, words) == []
    assert {file for file, _ in readable_in(source.parent, words)} == {source.name}


def test_what_is_written_in_the_clear_is_found(source: Path) -> None:
    """The words that are looked for are in the source, and a zip is told by its first bytes."""
    words = canaries(source)
    assert {word for _, word in readable_in(source.parent, words)} >= words - {ZIP}

    with zipfile.ZipFile(source.parent / "draft", "w") as draft:
        draft.writestr("member", "content")
    assert ("draft", ZIP) in readable_in(source.parent, words)
