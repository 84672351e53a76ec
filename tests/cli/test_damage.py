"""Damage is found, wherever one bit of a set is another."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from cxport.cli.exit_codes import ExitCode
from tests.cli.commands import Cxport
from tests.cli.sealed import seal_set

FLIPS = 2000


@pytest.mark.promise("R17")
def test_every_flipped_bit_of_a_set_is_reported(cxport: Cxport, tmp_path: Path) -> None:
    """2,000 random bits of parts and manifest: each is found, in the right part, with exit code 3.

    A manifest that was changed vouches for nothing, so all parts are named then.
    """
    sealed, chance = seal_set(tmp_path, parts=3), random.Random(17)
    places = [*sealed.files, sealed.manifest]
    sizes = [path.stat().st_size for path in places]
    hit = dict.fromkeys(places, 0)
    for _ in range(FLIPS):
        (place,) = chance.choices(places, weights=[sizes[0], sizes[1], sizes[2], sizes[0]])
        whole = place.read_bytes()
        _flip(place, whole, chance.randrange(8 * len(whole)))

        ended = cxport("verify", *sealed.files, "--json")

        place.write_bytes(whole)
        hit[place] += 1
        assert ended.code == ExitCode.DAMAGED
        expected = {one.name for one in sealed.files if place in {one, sealed.manifest}}
        assert {one["file"] for one in json.loads(ended.out)["files"] if "error" in one} == expected
    assert min(hit.values()) > FLIPS // 8
    assert cxport("verify", *sealed.files).code == ExitCode.OK


def _flip(path: Path, whole: bytes, bit: int) -> None:
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    path.write_bytes(changed)
