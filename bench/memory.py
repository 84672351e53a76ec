"""How much memory a worker takes: one process that exports, the whole tree, a huge attachment."""

from __future__ import annotations

import os
from argparse import Namespace

import psycopg

from bench.kept import Json
from bench.ours import Ours
from bench.service import Served
from bench.work import Grounds
from tests.scenarios.memory import MemoryWatch

#: A content is written in pieces of so many bytes, as no statement may hold all of it.
_PIECE_BYTES = 50_000_000


def memory(grounds: Grounds, given: Namespace) -> Json:
    """Measure peaks: resident memory of a child, proportional set size of a tree."""
    work = grounds.sample("postgresql", given.interactions)
    child = max(Ours("CXPort").run(one).peak_bytes for one in (work, work.read_by(1, 3)))
    with Served(grounds, work) as served, MemoryWatch(served.pid) as watch:
        served.export()
    return {
        "rows": work.rows,
        "child_bytes": child,
        "tree_bytes": watch.tree_peak,
        "worker_bytes": watch.root_peak,
        "content_bytes": given.content,
        "attachment_child_bytes": _attachment_peak(grounds, given.content),
    }


def _attachment_peak(grounds: Grounds, size: int) -> int:
    """Give the peak of a child that exports one attachment of so many random bytes."""
    work = grounds.sample("postgresql", 300, attachments=True)
    with psycopg.connect(work.dsn, autocommit=True) as connection:
        connection.execute("ALTER TABLE document ALTER content SET STORAGE EXTERNAL")
        first = connection.execute("SELECT min(documentid) FROM attachment").fetchone()
        assert first is not None
        connection.execute("UPDATE document SET content = '' WHERE id = %s", first)
        for done in range(0, size, _PIECE_BYTES):
            piece = os.urandom(min(_PIECE_BYTES, size - done))
            longer = "UPDATE document SET content = content || %s, thesize = %s WHERE id = %s"
            connection.execute(longer, (piece, done + len(piece), first[0]))
    return Ours("CXPort").run(work.read_by(1, 1)).peak_bytes
