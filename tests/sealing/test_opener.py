"""The opener: everything that was sealed comes out, or nothing does."""

from __future__ import annotations

import hashlib
import io
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from cxport.domain.errors import Damaged, InvalidInput, NotForThisKey, OpenRefused
from cxport.sealing.opener import (
    Expected,
    Opened,
    load_private_key,
    open_sealed,
    verify_sealed,
)
from tests.sealing.samples import COMPAT_TEXT, FORMS, STRICT, Form, Owner, archive_of, seal

_MEMBERS = {"Chat-17.json": b'{"id": "1"}\n'}
_forms = pytest.mark.parametrize("form", FORMS, ids=str)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Trial:
    """An archive sealed, and a folder into which changed copies of it are opened."""

    owner: Owner
    archive: bytes
    sealed: bytes
    folder: Path

    def open(self, sealed: bytes, expected: Expected | None = None) -> Opened:
        """Open bytes into the folder."""
        target = self.folder / "a.zip"
        return open_sealed(io.BytesIO(sealed), self.owner.key, target, expected=expected)

    def outcome(self, sealed: bytes, expected: Expected | None = None) -> bytes | None:
        """Open bytes and give what came out; None where they were refused and nothing is left."""
        try:
            self.open(sealed, expected)
        except OpenRefused:
            assert not list(self.folder.iterdir())
            return None
        (only,) = self.folder.iterdir()
        data = only.read_bytes()
        only.unlink()
        return data


@pytest.fixture(params=FORMS, ids=str)
def trial(request: pytest.FixtureRequest, carol: Owner, tmp_path: Path) -> Trial:
    """Seal a small archive in each form."""
    archive = archive_of(_MEMBERS)
    return Trial(carol, archive, seal(archive, request.param, carol), tmp_path)


def _flips(data: bytes) -> list[bytes]:
    """Give every copy of the data in which one bit is another."""
    flipped = []
    for at in range(8 * len(data)):
        copy = bytearray(data)
        copy[at // 8] ^= 1 << at % 8
        flipped.append(bytes(copy))
    return flipped


def test_what_was_sealed_comes_out(trial: Trial) -> None:
    """The archive is byte for byte what was sealed, and the account of it is true."""
    expected = Expected(sealed_sha256=_sha256(trial.sealed), zip_sha256=_sha256(trial.archive))
    opened = trial.open(trial.sealed, expected)

    assert (trial.folder / "a.zip").read_bytes() == trial.archive
    assert (opened.sealed_bytes, opened.zip_bytes) == (len(trial.sealed), len(trial.archive))
    assert (opened.sealed_sha256, opened.zip_sha256) == (
        expected.sealed_sha256,
        expected.zip_sha256,
    )
    assert opened.members == tuple(_MEMBERS)
    assert opened.verified
    assert not trial.open(trial.sealed).verified


@pytest.mark.parametrize("trial", [COMPAT_TEXT, STRICT], ids=str, indirect=True)
def test_every_flipped_bit_is_refused_with_a_digest(trial: Trial) -> None:
    """With the manifest's digest of the sealed file, no change of one bit passes."""
    expected = Expected(sealed_sha256=_sha256(trial.sealed))

    assert {trial.outcome(flipped, expected) for flipped in _flips(trial.sealed)} == {None}


def test_no_flipped_bit_changes_the_archive(trial: Trial) -> None:
    """Without a digest a flipped bit is refused, or it changed nothing of what comes out.

    It can lie where it has no effect: in the name of the recipient, in a version, in a MIME
    header. What CBC without a manifest cannot promise is protection from somebody who knows the
    archive and changes more than a bit: nothing authenticates its text, and a CRC can be forged.
    """
    outcomes = [trial.outcome(flipped) for flipped in _flips(trial.sealed)]

    assert set(outcomes) <= {None, trial.archive}
    assert outcomes.count(None) > len(outcomes) // 2


def test_every_truncation_is_refused(trial: Trial) -> None:
    """A file that ends early never opens, digest or not."""
    shorter = [trial.sealed[:length] for length in range(len(trial.sealed))]
    if trial.sealed.endswith(b"\n"):
        assert trial.outcome(shorter.pop()) == trial.archive  # only the last line's end is missing

    assert {trial.outcome(sealed) for sealed in shorter} == {None}
    expected = Expected(sealed_sha256=_sha256(trial.sealed))
    assert trial.outcome(trial.sealed[:-1], expected) is None


@pytest.mark.parametrize("more", [b"\0", b"A", b"AAAA\n", b"\0\0"])
def test_trailing_bytes_are_refused(trial: Trial, more: bytes) -> None:
    """Nothing may follow the message."""
    assert trial.outcome(trial.sealed + more) is None


def test_a_wrong_digest_is_refused(trial: Trial) -> None:
    """An intact file that is not the one expected does not open."""
    for expected in (Expected(sealed_sha256="0" * 64), Expected(zip_sha256="0" * 64)):
        assert trial.outcome(trial.sealed, expected) is None


def test_the_digest_of_the_archive_alone_suffices(trial: Trial) -> None:
    """With the digest of the zip the file counts as verified."""
    assert trial.open(trial.sealed, Expected(zip_sha256=_sha256(trial.archive).upper())).verified


def test_another_key_is_told_apart(trial: Trial, bob: Owner) -> None:
    """Somebody else's key is named as the reason, unless the digest says that it is damage."""
    target = trial.folder / "a.zip"
    with pytest.raises(NotForThisKey):
        open_sealed(io.BytesIO(trial.sealed), bob.key, target)
    expected = Expected(sealed_sha256=_sha256(trial.sealed))
    with pytest.raises(NotForThisKey):
        open_sealed(io.BytesIO(trial.sealed), bob.key, target, expected=expected)
    with pytest.raises(Damaged):
        open_sealed(io.BytesIO(trial.sealed[:-9]), bob.key, target, expected=expected)
    assert not list(trial.folder.iterdir())


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(30)])
def test_what_is_no_archive_is_refused(trial: Trial, content: bytes) -> None:
    """A message may be perfect: what is in it must be an archive, whole."""
    for form in FORMS:
        assert trial.outcome(seal(content, form, trial.owner)) is None


@pytest.mark.parametrize(
    "sealed", [b"", b"0", b"PK\x03\x04", b"MIME-Version: 1.0\n\n", b"x" * 20_000]
)
def test_what_is_no_sealed_file_is_refused(sealed: bytes, carol: Owner, tmp_path: Path) -> None:
    """Anything else is refused for what it is."""
    with pytest.raises(Damaged):
        open_sealed(io.BytesIO(sealed), carol.key, tmp_path / "a.zip")
    assert not list(tmp_path.iterdir())


def test_text_with_crlf_opens(carol: Owner, tmp_path: Path) -> None:
    """A text whose lines were turned into CRLF on the way opens, but is not what was sealed."""
    archive = archive_of(_MEMBERS)
    sealed = seal(archive, COMPAT_TEXT, carol)
    trial = Trial(carol, archive, sealed.replace(b"\n", b"\r\n"), tmp_path)

    assert trial.outcome(trial.sealed) == archive
    assert trial.outcome(trial.sealed, Expected(sealed_sha256=_sha256(sealed))) is None


@_forms
def test_a_damaged_member_is_found(form: Form, carol: Owner, tmp_path: Path) -> None:
    """An archive that was damaged before it was sealed is refused for its checksums."""
    archive = bytearray(archive_of({"a": random.Random(1).randbytes(70_000)}))
    archive[30_000] ^= 1
    with pytest.raises(Damaged, match="checksum"):
        open_sealed(io.BytesIO(seal(bytes(archive), form, carol)), carol.key, tmp_path / "a.zip")
    assert not list(tmp_path.iterdir())


def test_a_failing_stream_leaves_nothing(trial: Trial) -> None:
    """When the source breaks off in the middle, its error passes through and no file is left."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if not (data := super().read(size)):
                raise ConnectionResetError
            return data

    with pytest.raises(ConnectionResetError):
        open_sealed(Broken(trial.sealed), trial.owner.key, trial.folder / "a.zip")
    assert not list(trial.folder.iterdir())


def test_a_refusal_keeps_what_was_there(trial: Trial) -> None:
    """The file of the same name is replaced only by a good one; that is its owner's alone."""
    target = trial.folder / "a.zip"
    target.write_bytes(b"before")
    with pytest.raises(OpenRefused):
        trial.open(trial.sealed[:-20])
    assert target.read_bytes() == b"before"
    assert list(trial.folder.iterdir()) == [target]

    trial.open(trial.sealed)
    assert target.read_bytes() == trial.archive
    assert target.stat().st_mode & 0o777 == 0o600


def test_verify_needs_no_key(trial: Trial) -> None:
    """A digest alone tells whether a file is the one that was sealed."""
    digest = _sha256(trial.sealed)

    assert verify_sealed(io.BytesIO(trial.sealed), digest.upper())
    assert not verify_sealed(io.BytesIO(trial.sealed + b"\n"), digest)


def test_private_keys(carol: Owner) -> None:
    """A key is read with its password or without one, as it needs; else it is told why not."""
    pem = carol.key_file.read_bytes()
    locked = carol.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )

    assert load_private_key(locked, b"secret").private_numbers() == carol.key.private_numbers()
    for data, password, reason in (
        (locked, None, "needs one"),
        (locked, b"wrong", "not its password"),
        (pem, b"secret", "takes none"),
        (carol.certificate_file.read_bytes(), None, "not a private key"),
        (curve, None, "not RSA"),
    ):
        with pytest.raises(InvalidInput, match=reason):
            load_private_key(data, password)


_GROWTH = """
import sys
from pathlib import Path
from cxport.sealing.opener import load_private_key, open_sealed

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

key = load_private_key(Path(sys.argv[1]).read_bytes())
before = peak()
with open(sys.argv[2], "rb") as stream:
    open_sealed(stream, key, Path(sys.argv[3]))
print(peak() - before)
"""


@pytest.mark.parametrize("form", [COMPAT_TEXT, STRICT], ids=str)
def test_memory_stays_constant(form: Form, alice: Owner, tmp_path: Path) -> None:
    """Opening 150 MB, its checksums included, takes less than 48 MB more than starting does."""
    block = random.Random(1).randbytes(1 << 20)
    sealed = tmp_path / "large.smime"
    sealed.write_bytes(seal(archive_of({"a": block * 150}), form, alice))

    words = [str(alice.key_file), str(sealed), str(tmp_path / "a.zip")]
    done = subprocess.run(
        [sys.executable, "-c", _GROWTH, *words], capture_output=True, check=True, text=True
    )
    assert int(done.stdout) < 48 * 1024
