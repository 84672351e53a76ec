"""An independent count: what the database holds, the manifest says, and the export has."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cxport.domain.catalogue import ENTITY_CODES

if TYPE_CHECKING:
    from cxport.cli.demo.folder import DemoFolder

_MEMBER = re.compile(r"([A-Za-z]+)(-Attachment)?-[0-9]+(?:-[0-9]{5})?\.json")
_ATTACHMENTS = "attachments"

_COUNT = "SELECT EntityTypeId, count(*) FROM Interaction GROUP BY EntityTypeId"
_COUNT_ATTACHMENTS = "SELECT count(*) FROM Attachment"


@dataclass(frozen=True)
class Comparison:
    """Rows of one entity, counted three times."""

    entity: str
    in_source: int
    in_manifest: int
    in_export: int

    @property
    def agrees(self) -> bool:
        """Whether the three counts are one."""
        return self.in_source == self.in_manifest == self.in_export


def compare(place: DemoFolder) -> list[Comparison]:
    """Count the rows of each entity; attachments are a kind of their own."""
    source = _in_source(place.database)
    manifest = _in_manifest(place.downloads)
    export = _in_export(place.opened)
    entities = dict.fromkeys((*source, *manifest, *export))
    return [Comparison(one, source[one], manifest[one], export[one]) for one in entities]


def _in_source(database: Path) -> Counter[str]:
    names = {code: entity.value for entity, code in ENTITY_CODES.items()}
    with closing(sqlite3.connect(database)) as connection:
        counts = Counter({names[code]: count for code, count in connection.execute(_COUNT)})
        (attachments,) = connection.execute(_COUNT_ATTACHMENTS).fetchone()
    return counts + Counter({_ATTACHMENTS: attachments})


def _in_manifest(folder: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for path in folder.glob("*.manifest.json"):
        for part in json.loads(path.read_bytes())["manifest"]["parts"]:
            for member, rows in part["members"].items():
                counts[_entity(member)] += rows
    return counts


def _in_export(folder: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for path in folder.glob("*.json"):
        with path.open("rb") as lines:
            counts[_entity(path.name)] += sum(1 for _ in lines)
    return counts


def _entity(member: str) -> str:
    found = _MEMBER.fullmatch(member)
    if found is None:
        return member
    return _ATTACHMENTS if found[2] else found[1]


def warnings_in(place: DemoFolder) -> Iterator[str]:
    """Give the warnings that the export names, in words."""
    for path in sorted(place.opened.glob("warnings-*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            found = json.loads(line)
            yield f"{found['entity']} {found['id']}: {found['reason']}"
