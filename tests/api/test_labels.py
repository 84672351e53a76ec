"""`/resources/labels`: the words that people read, open to all, in their language."""

from __future__ import annotations

import pytest

from cxport.domain.access import Role
from cxport.domain.catalogue import DataType, Entity, Family
from cxport.domain.filter import Operator
from cxport.domain.run import Status
from cxport.services.labels import LANGUAGES, labels
from tests.api.installation import V10, Installation


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("fr, de;q=0.5", "de"),
        ("de;q=0.3, en;q=0.8", "en"),
        ("de;q=0, en", "en"),
        ("*, de;q=0.5", "en"),
        ("fr", "en"),
        ("de;q=much", "en"),
        (";;,,=", "en"),
        ("x" * 5000, "en"),
    ],
)
def test_the_language_is_the_callers(
    installation: Installation, header: str, language: str
) -> None:
    """Without key or token; English where nothing fits."""
    answer = installation.client.get(f"{V10}/resources/labels", headers={"Accept-Language": header})

    assert answer.status_code == 200
    assert answer.json() == {"labels": dict(labels(language)), "language": language}
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Accept-Language"


def test_every_language_is_complete() -> None:
    """The same keys in each, none empty, and none left in the language of another."""
    english = labels("en")
    for language in LANGUAGES:
        assert labels(language).keys() == english.keys()
        assert all(label.strip() for label in labels(language).values())
    same = [key for key, label in labels("de").items() if label == english[key]]
    assert len(same) < len(english) / 5


def test_every_word_of_the_domain_has_a_label(installation: Installation) -> None:
    """States as their label says, roles, entities, types, operators and printed fields."""
    english = labels("en")
    for status in Status:
        assert english[f"status.{status}"] == status.label
    groups = {
        "role": Role,
        "entity": Entity,
        "dataType": DataType,
        "family": Family,
        "operator": Operator,
    }
    for group, words in groups.items():
        assert {f"{group}.{word}" for word in words} <= english.keys()
    document = installation.client.get(f"{V10}/openapi.json").json()["components"]["schemas"]
    for name in ("JobInfo", "FileMetadata"):
        assert {f"field.{field}" for field in document[name]["properties"]} <= english.keys()
