"""Our side: the whole path of a worker, from its reader processes to durable objects."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path

from bench.work import Work
from cxport.blobs.base import BlobSettings
from cxport.domain.catalogue import ENTITIES, DataType
from cxport.domain.sealing import DEFAULT_SPLIT_BYTES, Profile
from cxport.domain.selection import Part, Selection
from cxport.export.limits import plan_limits
from cxport.export.readers import Opening, RunReaders
from cxport.export.task import ExportPart, NeedsNumbering, OpenReader, PartExported, PlanRun
from cxport.sources.base import SourceSettings

#: Keeps a child from importing the compiled code.
_PURE = "import sys\nsys.modules['cxport.formats._transcoder'] = None\n"

#: Lets a child seal in binary form, as the other sides do: the product writes S/MIME text.
_BINARY = (
    "from functools import partial\n"
    "import cxport.export.archive as archive\n"
    "archive.new_sealer = partial(archive.new_sealer, text=False)\n"
)


@dataclass(frozen=True)
class Done:
    """What a run left behind; memory is the peak of one reader process."""

    files: tuple[Path, ...]
    sealed_bytes: int
    peak_bytes: int


@dataclass(frozen=True)
class Ours:
    """Our export, with or without the compiled code."""

    name: str
    compiled: bool = True
    text: bool = False
    whole: bool = True

    def installed(self) -> bool:
        """Tell that we are there."""
        return True

    def run(self, work: Work) -> Done:
        """Export and seal everything."""
        changes = ("" if self.compiled else _PURE) + ("" if self.text else _BINARY)
        with _changed(work.folder, changes):
            return _export(work)

    def lines(self, work: Work, done: Done) -> Iterator[bytes]:
        """Open the files with OpenSSL and give their lines."""
        for file in done.files:
            opened = work.folder / "opened.zip"
            form = "SMIME" if self.text else "DER"
            command = ["openssl", "cms", "-decrypt", "-inform", form, "-inkey", str(work.key)]
            command += ["-in", str(file)]
            subprocess.run([*command, "-out", str(opened)], check=True)
            with zipfile.ZipFile(opened) as archive:
                for name in archive.namelist():
                    if not name.startswith("schema/"):
                        with archive.open(name) as member:
                            yield from member


@contextmanager
def _changed(folder: Path, changes: str) -> Iterator[None]:
    """Let the children do something differently: code that each runs when it starts."""
    before = os.environ.get("PYTHONPATH")
    if changes:
        (folder / "changes").mkdir(exist_ok=True)
        (folder / "changes" / "sitecustomize.py").write_text(changes)
        os.environ["PYTHONPATH"] = str(folder / "changes")
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH", None)
        if before is not None:
            os.environ["PYTHONPATH"] = before


def _export(work: Work) -> Done:
    objects = work.folder / "objects"
    shutil.rmtree(objects, ignore_errors=True)
    opening = OpenReader(
        source=SourceSettings(dsn=work.dsn), blobs=BlobSettings(url=objects.as_uri())
    )
    selection = Selection(
        data_type=DataType.INTERACTION,
        entities=ENTITIES[DataType.INTERACTION],
        attachments=work.attachments,
    )
    readers = RunReaders(Opening(request=opening, most=work.readers))
    peak = Peak(readers)
    try:
        limits = plan_limits(DEFAULT_SPLIT_BYTES, max(1, work.rows // work.parts))
        plan = readers.plan(PlanRun(selection=selection, limits=limits))
        with ThreadPoolExecutor(work.readers) as pool:
            asked = partial(_exported, readers, work, selection)
            done = list(chain.from_iterable(pool.map(asked, plan.parts)))
        peak.look()
    finally:
        readers.close()
    return Done(
        files=tuple(objects / key for key, _ in done),
        sealed_bytes=sum(one.size_bytes for _, one in done),
        peak_bytes=peak.bytes,
    )


def _exported(
    readers: RunReaders, work: Work, selection: Selection, part: Part
) -> list[tuple[str, PartExported]]:
    """Export a part, and what it left because its file was full; give objects by key."""
    done: list[tuple[str, PartExported]] = []
    while part.slices:
        task = _task(work, selection, part, f"p/{part.number}-{len(done)}")
        with readers.borrowed() as reader:
            outcome = reader.export(task, lambda _: None, lambda: False)
        if isinstance(outcome, NeedsNumbering):
            raise TypeError("a numbered part asks for a number")
        done.append((task.object_key, outcome))
        part = replace(part, slices=outcome.remainder)
    return done


def _task(work: Work, selection: Selection, part: Part, key: str) -> ExportPart:
    return ExportPart(
        run_id=1,
        selection=selection,
        part=part,
        numbered=True,
        object_key=key,
        split_bytes=DEFAULT_SPLIT_BYTES,
        profile=Profile.COMPAT,
        certificates=work.certificate.read_bytes(),
        made_at=datetime.now(UTC),
    )


class Peak:
    """The largest resident memory of any reader process, in bytes."""

    def __init__(self, readers: RunReaders) -> None:
        self._readers = readers
        self._lock = threading.Lock()
        self.bytes = 0

    def look(self) -> None:
        """Read the kernel's own high-water marks; to be called before the processes end."""
        with self._lock:
            for pid in self._readers.pids:
                status = Path(f"/proc/{pid}/status").read_text()
                mark = next(line for line in status.splitlines() if line.startswith("VmHWM"))
                self.bytes = max(self.bytes, int(mark.split()[1]) * 1024)
