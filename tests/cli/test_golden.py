"""Archives that releases have left behind are opened by today's opener, and by OpenSSL."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from cxport.cli.exit_codes import ExitCode
from tests.cli.commands import Cxport

GOLDEN = Path(__file__).parents[1] / "golden"
RELEASES = sorted(path.name for path in GOLDEN.iterdir())
#: Each sealed file, and the archive that was sealed.
ALONE = {
    "compat-text.smime": "one.zip",
    "compat-binary.der": "one.zip",
    "strict.der": "one.zip",
    "csv.smime": "csv.zip",
}
#: How OpenSSL is told to open a form; strict (AES-GCM) is not among them, as older ones lack it.
OPENSSL = {
    "compat-text.smime": ("smime",),
    "csv.smime": ("smime",),
    "compat-binary.der": ("smime", "-inform", "DER"),
}


def _sums(release: str) -> dict[str, str]:
    lines = (GOLDEN / release / "SHA256SUMS").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


@pytest.mark.promise("R16")
@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", ALONE)
def test_an_archive_of_a_release_is_opened(
    cxport: Cxport, tmp_path: Path, release: str, name: str
) -> None:
    """Byte for byte what was sealed; without a manifest it is only not verified."""
    folder, archive = GOLDEN / release, tmp_path / "a.zip"

    ended = cxport("open", "--key", folder / "key.pem", "--out", archive, folder / name)

    assert ended.code == ExitCode.NOT_VERIFIED
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == _sums(release)[ALONE[name]]


@pytest.mark.promise("R16")
@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", OPENSSL)
def test_an_archive_of_a_release_is_opened_by_openssl(
    tmp_path: Path, release: str, name: str
) -> None:
    """As scripts do, with `openssl smime -decrypt`."""
    folder, archive = GOLDEN / release, tmp_path / "a.zip"
    command, *form = OPENSSL[name]
    subprocess.run(
        [
            *("openssl", command, "-decrypt", *form),
            *("-inkey", folder / "key.pem", "-in", folder / name, "-out", archive),
        ],
        check=True,
    )

    assert hashlib.sha256(archive.read_bytes()).hexdigest() == _sums(release)[ALONE[name]]


@pytest.mark.promise("R16")
@pytest.mark.parametrize("release", RELEASES)
def test_a_set_of_a_release_is_verified_and_unpacked(
    cxport: Cxport, tmp_path: Path, release: str
) -> None:
    """By its signed manifest, held against the key that signed it."""
    folder = Path(shutil.copytree(GOLDEN / release, tmp_path / release))
    public_key = (folder / "public-key.txt").read_text().strip()
    files = sorted(folder.glob("export-*.smime"))

    cxport.done("verify", "--public-key", public_key, *files)
    cxport.done("open", "--key", folder / "key.pem", "--unpack", tmp_path / "all", *files)

    assert {path.name: path.read_text() for path in (tmp_path / "all").iterdir()} == {
        "Chat-1-00001.json": '{"id": "1"}\n',
        "Chat-2-00002.json": '{"id": "2"}\n',
    }
