"""The places at which a service is killed, each once, in the order in which a run comes to them.

The product knows nothing of them: `faulty` wraps what they name. They stand before and after every
commit of a run, every step that the engine records, every upload, the manifest and every removal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Moment(Enum):
    """When, of what is done at a place, the process dies."""

    CALLED = "before it"
    COMMITS = "before its commit"
    RETURNED = "after it"
    #: Of what is iterated over: with its first and behind its last item.
    FIRST = "at its first bytes"
    LAST = "behind its last byte"


class Parts(Enum):
    """How many of the run's parts are done at a point."""

    NONE = 0
    ONE = 1
    TWO = 2
    ALL = 3


@dataclass(frozen=True, kw_only=True)
class Point:
    """A moment at a place (a dotted name); `step` narrows it to calls that have this argument."""

    act: str
    place: str
    moment: Moment
    done: Parts
    step: str = ""
    #: Of several times that a run comes there, the one at which it happens.
    time: int = 1
    #: Whether it is a reader process that comes there.
    reader: bool = False
    #: The only kind of storage that has such a place; empty: any.
    storage: str = ""
    #: Whether it belongs to the end of a file's time, not to the run.
    expiry: bool = False

    @property
    def name(self) -> str:
        """Say what it is in words."""
        return f"{self.act}: {self.moment.value}"


def _transaction(
    act: str, place: str, done: tuple[Parts, Parts], time: int = 1, *, expiry: bool = False
) -> tuple[Point, Point]:
    """Give the points before and after the commit of a function's one transaction."""
    moments = (Moment.COMMITS, Moment.RETURNED)
    before, after = (
        Point(act=act, place=place, moment=moment, done=parts, time=time, expiry=expiry)
        for moment, parts in zip(moments, done, strict=True)
    )
    return before, after


def _expiring(act: str, place: str, moment: Moment) -> Point:
    """Give a point at the second file of a run whose time is over."""
    return Point(act=act, place=place, moment=moment, done=Parts.ALL, time=2, expiry=True)


def _recorded(step: str, done: Parts, time: int = 1) -> Point:
    """Give the point behind the record that the engine keeps of a step."""
    return Point(
        act=f"step {step} recorded",
        place="cxport.engine.workflows._step",
        moment=Moment.RETURNED,
        done=done,
        step=step,
        time=time,
    )


def _upload(act: str, place: str, moment: Moment, storage: str = "") -> Point:
    """Give a point at the second object of a run, met by the process that makes it."""
    return Point(
        act=act,
        place=place,
        moment=moment,
        done=Parts.ONE,
        time=2,
        reader=True,
        storage=storage,
    )


#: Of a transaction: what is done before its commit, and after it.
_NONE = (Parts.NONE, Parts.NONE)
_ONE = (Parts.ONE, Parts.ONE)
_ONE_MORE = (Parts.ONE, Parts.TWO)
_ALL = (Parts.ALL, Parts.ALL)

_HANDED = "dbos.DBOS.enqueue_workflow_with_options"
_SEALED = "cxport.export.part.PartExport.__iter__"
_NAMED = "cxport.blobs.local._publish"
_SIGNED = "cxport.engine.ending.sign_manifest"
_FORGOTTEN = "cxport.store.leftovers.expire_file"

POINTS: tuple[Point, ...] = (
    *_transaction("tick written with its run", "cxport.store.ticks.take", _NONE),
    Point(act="run given to the engine", place=_HANDED, moment=Moment.CALLED, done=Parts.NONE),
    Point(act="run given to the engine", place=_HANDED, moment=Moment.RETURNED, done=Parts.NONE),
    *_transaction("hand-over noted", "cxport.store.work.mark_submitted", _NONE),
    *_transaction("run begun", "cxport.store.runs.begin", _NONE),
    *_transaction("plan saved", "cxport.store.runs.save_plan", _NONE),
    _recorded("plan", Parts.NONE),
    *_transaction("turns given to parts", "cxport.store.turns.take", _NONE),
    Point(
        act="first part given to the engine",
        place="dbos.DBOS.enqueue_workflow",
        moment=Moment.RETURNED,
        done=Parts.NONE,
    ),
    *_transaction("part started", "cxport.store.runs.start_part", _ONE, 2),
    _upload("object written", _SEALED, Moment.FIRST),
    _upload("object written", _SEALED, Moment.LAST),
    _upload("object gets its name", _NAMED, Moment.CALLED, "folder"),
    _upload("object gets its name", _NAMED, Moment.RETURNED, "folder"),
    _upload("upload completed", "cxport.blobs.s3.S3Blobs.put", Moment.RETURNED, "s3"),
    _upload(
        "object stored and not told of", "cxport.export.child.Exporter._export", Moment.RETURNED
    ),
    *_transaction("part finished", "cxport.store.runs.finish_part", _ONE_MORE, 2),
    _recorded("export", Parts.TWO, time=2),
    Point(act="manifest signed", place=_SIGNED, moment=Moment.CALLED, done=Parts.ALL),
    Point(act="manifest signed", place=_SIGNED, moment=Moment.RETURNED, done=Parts.ALL),
    Point(
        act="files of the run inserted",
        place="cxport.store.runs._insert_files",
        moment=Moment.RETURNED,
        done=Parts.ALL,
    ),
    Point(
        act="marks of the job moved",
        place="cxport.store.runs.advance",
        moment=Moment.RETURNED,
        done=Parts.ALL,
    ),
    *_transaction("run published", "cxport.store.runs.publish", _ALL),
    _recorded("publish", Parts.ALL),
    _expiring("expired file looked up", "cxport.store.leftovers.is_held", Moment.RETURNED),
    _expiring("expired file forgotten", _FORGOTTEN, Moment.CALLED),
    *_transaction("expired file forgotten", _FORGOTTEN, _ALL, 2, expiry=True),
)
