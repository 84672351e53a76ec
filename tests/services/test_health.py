"""Health: what is missing is said in words, and asking costs little."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from cxport.blobs import BlobSettings
from cxport.blobs import connect as connect_blobs
from cxport.domain.errors import StorageUnavailable
from cxport.domain.pulse import Pulse
from cxport.domain.said import Said
from cxport.services import health
from cxport.services.health import Health
from cxport.store.database import Database, connect
from tests.servers import S3Server


class Away:
    """A storage that does not answer, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def size(self, key: str) -> int:
        """Refuse."""
        del key
        self.asked += 1
        raise StorageUnavailable(Said("s3://secret-bucket is away"))

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Refuse."""
        raise NotImplementedError

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Refuse."""
        raise NotImplementedError

    def delete(self, key: str) -> None:
        """Refuse."""
        raise NotImplementedError

    def keys(self, prefix: str) -> Iterator[str]:
        """Refuse."""
        raise NotImplementedError


@pytest.fixture
def gone() -> Iterator[Database]:
    """Give a store that does not answer."""
    found = connect("postgresql://user:secret@127.0.0.1:1/none")
    yield found
    found.close()


def test_nothing_is_missing_where_all_answer(db: Database, s3: S3Server) -> None:
    """Also where nothing is stored yet, and with a worker that beats."""
    assert Health(db, connect_blobs(s3.settings()), Pulse()).missing() == ()


def test_what_is_missing_is_said_without_an_address(
    gone: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Store, storage and the worker's beat, each in words."""
    monkeypatch.setattr(health, "_BEAT_SECONDS", -1.0)

    assert Health(gone, Away(), Pulse()).missing() == (
        "the store does not answer",
        "the storage does not answer",
        "the worker has not beaten for 0 s",
    )


def test_whoever_asks_often_costs_no_more(db: Database) -> None:
    """Within two seconds the storage is asked once, however many probes there are."""
    storage = Away()
    found = Health(db, storage)
    for _ in range(50):
        assert found.missing() == ("the storage does not answer",)

    assert storage.asked == 1


def test_a_folder_that_holds_nothing_answers(
    db: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A new installation is ready before its first export."""
    folder = tmp_path_factory.mktemp("objects")

    assert Health(db, connect_blobs(BlobSettings(url=folder.as_uri()))).missing() == ()
