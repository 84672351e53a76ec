"""Put more into a folder than fits, and print what came of it. Runs on a disk of 4 MiB."""

from __future__ import annotations

import sys
from pathlib import Path

from cxport.blobs import BlobSettings, connect
from cxport.domain.errors import StorageError

if __name__ == "__main__":
    root = Path(sys.argv[1]) / "blobs"
    blobs = connect(BlobSettings(url=root.as_uri()))
    chunk = bytes(1 << 18)
    blobs.put("t/before", [chunk])
    try:
        blobs.put("t/large", (chunk for _ in range(100)))
    except StorageError as error:
        print(f"{type(error).__name__}: {error}")  # noqa: T201 - what this program is for
    blobs.put("t/next", [chunk] * 10)
    print("kept:", sorted(blobs.keys("t/")))  # noqa: T201
    print("files:", sum(path.is_file() for path in root.rglob("*")))  # noqa: T201
