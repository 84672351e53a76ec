"""The compiled code on what no database sends, under AddressSanitizer."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

NATIVE = Path(__file__).parents[2] / "native"


@pytest.mark.parametrize("processor", ["-O1", "-U__SSE2__"])
def test_malformed_rows_end_in_an_error(processor: str, tmp_path: Path) -> None:
    """Damaged, truncated and hostile rows are refused: nothing is read or written beside them."""
    assert rounds(tmp_path, processor, "transcode.c", "fuzz.c") > 1000


def test_any_content_is_encoded_within_its_bounds(tmp_path: Path) -> None:
    """Contents of any length and kind are read and written to their ends, and no byte further."""
    assert rounds(tmp_path, "-O1", "base64.c", "fuzz_base64.c") > 100


def rounds(folder: Path, processor: str, *names: str) -> int:
    """Compile and run a program that throws data at the code; give how often it did."""
    flags = [
        processor,
        "-std=c11",
        "-O1",
        "-g",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
    ]
    program = folder / "fuzz"
    sources = [NATIVE / name for name in names]
    subprocess.run(["gcc", *flags, *sources, "-o", program], check=True)

    seconds = os.environ.get("FUZZ_SECONDS", "1")
    done = subprocess.run(
        [program, seconds, "1"], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[0])
