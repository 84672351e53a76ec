"""The zip encoder by itself: any bytes, exact bounds, safe names."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxport.domain.errors import CxportError, InvalidInput
from cxport.sealing.archive import ZipEncoder
from tests.sealing.samples import MODIFIED, archive_of

_CHUNKS = st.lists(st.binary(max_size=300), max_size=8)
_UNSAFE = (
    "",
    "/etc/passwd",
    "../x",
    "a/../x",
    "a/./x",
    "a//x",
    "a/",
    "..",
    "a\\b",
    "C:x",
    "a\0b",
    "a\nb",
    "\ud800",
    "x" * 65_536,
)


def _deflated(data: bytes) -> bytes:
    """Deflate data as `write_deflated` takes it: from one byte to another, on its own."""
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(data) + deflate.flush(zlib.Z_FULL_FLUSH)


_STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "deflated", "flush"]), st.binary(min_size=1, max_size=40)),
    max_size=12,
)


def _step(encoder: ZipEncoder, kind: str, data: bytes) -> bytes:
    if kind == "flush":
        return encoder.flush()
    return (
        encoder.write_deflated(data, _deflated(data)) if kind == "deflated" else encoder.write(data)
    )


def _read(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@given(st.lists(_CHUNKS, max_size=4))
def test_any_bytes_in_any_chunks_come_out(members: list[list[bytes]]) -> None:
    """Members hold exactly what was written to them, however it was cut."""
    encoder, out = ZipEncoder(modified=MODIFIED), b""
    for number, chunks in enumerate(members):
        out += encoder.begin(f"m{number}")
        out += b"".join(encoder.write(chunk) for chunk in chunks) + encoder.end()

    expected = {f"m{number}": b"".join(chunks) for number, chunks in enumerate(members)}
    assert expected == _read(out + encoder.finish())


@given(_STEPS)
def test_what_is_deflated_already_stands_among_the_rest(steps: list[tuple[str, bytes]]) -> None:
    """Data that others deflated and data that we compress come out in the order of writing.

    Each is long and comes often, so that the compressor would refer back to it where it could.
    """
    encoder = ZipEncoder(modified=MODIFIED)
    expected, out = b"", encoder.begin("member")
    for kind, few in steps:
        data = few * 20
        out += _step(encoder, kind, data)
        expected += b"" if kind == "flush" else data

    assert _read(out + encoder.end() + encoder.finish()) == {"member": expected}


@given(_STEPS)
def test_bound_holds_for_what_is_deflated_already(steps: list[tuple[str, bytes]]) -> None:
    """What was told for all the data at first is enough, and so is what is told after each step."""
    encoder = ZipEncoder(modified=MODIFIED)
    encoder.begin("member")
    parts = [(kind, few * 100) for kind, few in steps]
    left = sum(len(data) for kind, data in parts if kind != "flush")
    bounds, given = [encoder.bound(left)], 0
    for kind, data in parts:
        given += len(_step(encoder, kind, data))
        left -= 0 if kind == "flush" else len(data)
        bounds.append(given + encoder.bound(left))

    total = given + len(encoder.end() + encoder.finish())
    assert total <= min(bounds)


@given(st.lists(st.tuples(st.binary(max_size=2000), st.booleans()), max_size=6), st.binary())
def test_bound_is_never_passed(writes: list[tuple[bytes, bool]], more: bytes) -> None:
    """What is still to come, after `n` bytes more, never exceeds what `bound(n)` told before."""
    encoder = ZipEncoder(modified=MODIFIED)
    encoder.begin("first")
    encoder.write(b"x" * 100)
    encoder.end()
    encoder.begin("member")
    for data, flush in writes:
        encoder.write(data)
        if flush:
            encoder.flush()
    bound = encoder.bound(len(more))

    assert len(encoder.write(more) + encoder.end() + encoder.finish()) <= bound


@pytest.mark.parametrize("kind", ["noise", "letters", "skewed", "matches", "zeros"])
def test_bound_holds_for_what_deflates_badly(kind: str) -> None:
    """The bound holds over many blocks of data chosen to cost deflate the most."""
    chance = random.Random(kind)
    size = 600_000
    noise = chance.randbytes(size)
    data = {
        "noise": noise,
        "letters": bytes(byte & 0x7F for byte in noise),
        "skewed": bytes(min(byte, chance.randrange(256)) for byte in noise),
        "matches": b"".join(
            noise[at : at + 4] for at in chance.choices(range(30_000), k=size // 4)
        ),
        "zeros": bytes(size),
    }[kind]
    encoder = ZipEncoder(modified=MODIFIED)
    encoder.begin("member")
    given = 0
    for at in range(0, size, 100_000):
        bound = encoder.bound(size - at)
        given = len(encoder.write(data[at : at + 100_000]))
        assert given + encoder.bound(size - at - 100_000) <= bound

    bound = encoder.bound()
    assert len(encoder.end() + encoder.finish()) <= bound


def test_bound_after_flush_is_tight() -> None:
    """Right after a flush the bound is good to some dozen bytes: a size limit is used up."""
    encoder = ZipEncoder(modified=MODIFIED)
    encoder.begin("member")
    encoder.write(random.Random(1).randbytes(300_000))
    encoder.flush()
    bound = encoder.bound()

    rest = len(encoder.end() + encoder.finish())
    assert rest <= bound < rest + 160


@given(st.binary(max_size=3000))
def test_member_bound_holds(data: bytes) -> None:
    """A further member never adds more than was told."""
    empty = len(archive_of({}))

    assert len(archive_of({"näme": data})) - empty <= ZipEncoder.member_bound("näme", len(data))


def test_flush_gives_everything_so_far() -> None:
    """After a flush all that was written can be read out of what was given."""
    encoder = ZipEncoder(modified=MODIFIED)
    header = encoder.begin("member")
    data = encoder.write(b"one ") + encoder.write(b"two") + encoder.flush()

    assert zlib.decompressobj(-15).decompress(data) == b"one two"
    assert header.endswith(b"member")


def test_members_carry_the_time_in_utc_and_are_private() -> None:
    """The time is that given, in UTC; unpacked files are for their owner alone."""
    east = timezone(timedelta(hours=2))
    encoder = ZipEncoder(modified=datetime(2026, 1, 1, 1, 30, 8, tzinfo=east))
    data = encoder.begin("a") + encoder.end() + encoder.finish()

    (info,) = zipfile.ZipFile(io.BytesIO(data)).infolist()
    assert info.date_time == (2025, 12, 31, 23, 30, 8)
    assert info.external_attr >> 16 == 0o100600


@pytest.mark.parametrize("name", _UNSAFE)
def test_unsafe_names_are_refused(name: str) -> None:
    """A name that could leave the folder, on any system, never gets into an archive."""
    with pytest.raises(InvalidInput):
        ZipEncoder(modified=MODIFIED).begin(name)


def test_a_name_is_given_once() -> None:
    """Two members never have the same name."""
    encoder = ZipEncoder(modified=MODIFIED)
    encoder.begin("a")
    encoder.end()

    with pytest.raises(InvalidInput, match="is there already"):
        encoder.begin("a")


def test_steps_out_of_order_are_refused() -> None:
    """Nothing is written outside a member, and no archive ends inside one."""
    encoder = ZipEncoder(modified=MODIFIED)
    with pytest.raises(CxportError):
        encoder.write(b"x")
    encoder.begin("a")
    with pytest.raises(CxportError):
        encoder.begin("b")
    with pytest.raises(CxportError):
        encoder.finish()
