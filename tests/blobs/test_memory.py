"""Objects of any size go through in constant memory."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

from cxport.blobs import BlobSettings
from cxport.blobs.s3 import IN_FLIGHT, PART_BYTES

STREAM = str(Path(__file__).with_name("stream.py"))
MIB = 1 << 20
OBJECT_BYTES = 300 * MIB


def grown_by(settings: BlobSettings) -> int:
    """Put and read a large object in a process of its own; how many bytes its memory grew by."""
    given = json.dumps(dataclasses.asdict(settings))
    done = subprocess.run(
        [sys.executable, STREAM, str(OBJECT_BYTES)],
        input=given,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def test_a_large_object_to_a_folder(local_settings: BlobSettings) -> None:
    """300 MiB to a folder and back take a few chunks' worth of memory."""
    assert grown_by(local_settings) < 8 * MIB


def test_a_large_object_to_s3(s3_settings: BlobSettings) -> None:
    """300 MiB to S3 and back take the parts in flight, and little more."""
    assert grown_by(s3_settings) < (IN_FLIGHT + 1) * PART_BYTES + 24 * MIB
