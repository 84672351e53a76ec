"""The compiled code on rows that no PostgreSQL sends, under AddressSanitizer."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

NATIVE = Path(__file__).parents[2] / "native"


@pytest.mark.parametrize("processor", ["-O1", "-U__SSE2__"])
def test_malformed_rows_end_in_an_error(processor: str, tmp_path: Path) -> None:
    """Damaged, truncated and hostile rows are refused: nothing is read or written beside them."""
    flags = [
        processor,
        "-std=c11",
        "-O1",
        "-g",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
    ]
    sources = [NATIVE / "transcode.c", NATIVE / "fuzz.c"]
    program = tmp_path / "fuzz"
    subprocess.run(["gcc", *flags, *sources, "-o", program], check=True)

    seconds = os.environ.get("FUZZ_SECONDS", "1")
    done = subprocess.run(
        [program, seconds, "1"], capture_output=True, text=True, check=False, timeout=280
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) > 1000
