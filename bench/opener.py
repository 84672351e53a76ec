"""How fast and in how much memory `open_sealed` opens a large file, in each of its forms."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import statistics
import subprocess
import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from bench.kept import Json
from bench.work import Grounds
from cxport.domain.sealing import MAX_SEALED_BYTES, Profile
from cxport.sealing.archive import ZipEncoder
from cxport.sealing.certificate import read_recipients
from cxport.sealing.cms import new_sealer

_BLOCK = 1 << 20

#: Opens a file as the command does, in a process of its own, and tells seconds and memory. Python's
#: own start is in neither time nor growth; the peak is that of the whole process.
_OPEN = """
import json, sys, time
from pathlib import Path
from cxport.sealing.opener import Expected, load_private_key, open_sealed, unpack
key, sealed, archive, digest, unpacked = sys.argv[1:]
private = load_private_key(Path(key).read_bytes())
begun = time.perf_counter()
with open(sealed, "rb") as stream:
    open_sealed(stream, private, Path(archive), expected=Expected(zip_sha256=digest))
opened = time.perf_counter() - begun
lines = Path("/proc/self/status").read_text().splitlines()
peak = next(int(one.split()[1]) for one in lines if one.startswith("VmHWM")) * 1024
begun = time.perf_counter()
unpack(Path(archive), Path(unpacked))
print(json.dumps([opened, peak, time.perf_counter() - begun]))
"""


def opener(grounds: Grounds, given: Namespace) -> Json:
    """Open such a file sealed as DER and as S/MIME text, so many times each, in turn."""
    forms = {"DER": False, "text": True}
    sealed = {
        form: _sealed(grounds.folder / f"{form}.smime", grounds, given.opened, text=text)
        for form, text in forms.items()
    }
    timed: dict[str, list[list[float]]] = {form: [] for form in forms}
    for number in range(given.runs):
        for form, (file, digest) in sealed.items():
            timed[form].append(_opened(grounds, file, digest, number))
    found = {form: _side(timed[form], sealed[form][0]) for form in forms}
    for file, _ in sealed.values():
        file.unlink()
    return {"bytes": given.opened, "runs": given.runs, "forms": found}


def _side(timed: list[list[float]], file: Path) -> Json:
    seconds, _, unpacking = (statistics.median(column) for column in zip(*timed, strict=True))
    return {
        "seconds": round(seconds, 3),
        "peak_bytes": max(int(one[1]) for one in timed),
        "unpack_seconds": round(unpacking, 3),
        "file_bytes": file.stat().st_size,
    }


def _opened(grounds: Grounds, file: Path, digest: str, number: int) -> list[float]:
    archive, unpacked = grounds.folder / "opened.zip", grounds.folder / f"unpacked-{number}"
    words = [str(grounds.folder / "key.pem"), str(file), str(archive), digest, str(unpacked)]
    done = subprocess.run([sys.executable, "-c", _OPEN, *words], capture_output=True, check=True)
    shutil.rmtree(unpacked)
    archive.unlink()
    found: list[float] = json.loads(done.stdout)
    return found


def _sealed(file: Path, grounds: Grounds, size: int, *, text: bool) -> tuple[Path, str]:
    """Seal an archive of about so many bytes, which do not compress further; give its digest."""
    recipients = read_recipients((grounds.folder / "cert.pem").read_bytes())
    sealer = new_sealer(Profile.COMPAT, recipients, text=text)
    packer, digest = ZipEncoder(modified=datetime.now(UTC)), hashlib.sha256()
    block = random.Random(1).randbytes(_BLOCK)  # noqa: S311 - the same file each time
    size = min(size, MAX_SEALED_BYTES)
    with file.open("wb") as out:

        def write(packed: bytes) -> None:
            digest.update(packed)
            out.write(sealer.update(packed))

        write(packer.begin("Chat-1.jsonl"))
        for _ in range(max(1, size // _BLOCK)):
            write(packer.write(block))
        write(packer.end() + packer.finish())
        out.write(sealer.finalize())
    return file, digest.hexdigest()
