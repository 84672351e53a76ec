"""Put and read a large object, and print by how many bytes the peak of resident memory grew.

The settings of the storage come as JSON on standard input, the size as argument.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

from cxport.blobs import BlobSettings, connect

CHUNK_BYTES = 1 << 18


def peak() -> int:
    """Give the highest resident memory so far, in bytes.

    Not what getrusage says, which begins with that of the process that started this one.
    """
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    size = int(sys.argv[1])
    blobs = connect(BlobSettings(**json.load(sys.stdin)))
    blobs.put("warm", [b"x"])
    noise = os.urandom(2 * CHUNK_BYTES)
    before = peak()
    # Each chunk has memory of its own: one object sent many times would hide what is held
    blobs.put("large", (noise[at % 999 :][:CHUNK_BYTES] for at in range(size // CHUNK_BYTES)))
    read = sum(map(len, blobs.read("large")))
    blobs.delete("large")
    if read != size:
        raise SystemExit(f"{read} of {size} bytes came back")
    print(peak() - before)  # noqa: T201 - what this program is for
