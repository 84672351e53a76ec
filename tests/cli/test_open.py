"""`open` and `verify`: back to what was sealed, or nothing at all."""

from __future__ import annotations

import base64
import hashlib
import random
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from cxport.cli.exit_codes import ExitCode
from cxport.sealing.signature import new_signing_key, public_of
from tests.cli.commands import Cxport
from tests.cli.sealed import SealedSet, seal_set
from tests.client.scripted import Scripted
from tests.client.served import Served


@pytest.fixture(scope="module")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> SealedSet:
    """Make a set of two sealed files, once."""
    return seal_set(tmp_path_factory.mktemp("made"))


@pytest.fixture
def sealed(sealed_once: SealedSet, tmp_path: Path) -> SealedSet:
    """Give a copy of the set that a test may damage."""
    folder = tmp_path / "sealed"
    shutil.copytree(sealed_once.folder, folder)
    return SealedSet(
        folder=folder,
        key=folder / sealed_once.key.name,
        files=tuple(folder / file.name for file in sealed_once.files),
        manifest=folder / sealed_once.manifest.name,
        public_key=sealed_once.public_key,
    )


def listing(folder: Path) -> set[str]:
    """Give everything below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def flip(path: Path, bit: int) -> None:
    """Flip one bit of a file."""
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def test_a_set_is_opened_beside_its_files(cxport: Cxport, sealed: SealedSet) -> None:
    """Each file becomes an archive of its own, checked against the manifest beside it."""
    ended = cxport.done("open", "--key", sealed.key, *sealed.files)

    for file in sealed.files:
        assert zipfile.ZipFile(file.with_suffix(".zip")).testzip() is None
        assert file.with_suffix(".zip").stat().st_mode & 0o077 == 0
    assert ended.out.count("verified, signed by") == 2
    assert ended.err == ""


def test_what_was_opened_is_told_as_json(cxport: Cxport, sealed: SealedSet) -> None:
    """The document names the archive, its digest and its members."""
    found = cxport.json("open", "--key", sealed.key, sealed.files[0])["files"]

    archive = sealed.files[0].with_suffix(".zip")
    assert [one["verified"] for one in found] == [True]
    assert found[0]["opened_to"] == str(archive)
    assert found[0]["zip_sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()
    assert found[0]["members"] == zipfile.ZipFile(archive).namelist()
    assert found[0]["signed_by"] == base64.b64encode(sealed.public_key).decode()


def test_a_set_is_unpacked_into_one_folder(
    cxport: Cxport, sealed: SealedSet, tmp_path: Path
) -> None:
    """Nothing of a set is lost in one folder, and no archive stays behind."""
    folder = tmp_path / "unpacked"
    cxport.done("open", "--key", sealed.key, "--unpack", folder, *sealed.files)

    assert listing(folder) == {
        "schema",
        "schema/Chat.schema.json",
        "Chat-7-00001.json",
        "Chat-7-00002.json",
    }


def test_an_archive_goes_where_it_is_wanted(
    cxport: Cxport, sealed: SealedSet, tmp_path: Path
) -> None:
    """`--out` names the archive of one file, or the folder of several."""
    cxport.done("open", "--key", sealed.key, "--out", tmp_path / "mine.zip", sealed.files[0])
    cxport.done("open", "--key", sealed.key, "--out", tmp_path / "all", *sealed.files)

    assert zipfile.is_zipfile(tmp_path / "mine.zip")
    assert listing(tmp_path / "all") == {f"{file.stem}.zip" for file in sealed.files}


def test_nothing_is_overwritten_unasked(cxport: Cxport, sealed: SealedSet) -> None:
    """An archive that is there already stays, unless --overwrite is given."""
    there = sealed.files[0].with_suffix(".zip")
    there.write_text("mine")
    refused = cxport("open", "--key", sealed.key, sealed.files[0])
    kept = there.read_text()

    assert refused.code == ExitCode.USAGE
    assert kept == "mine"
    cxport.done("open", "--key", sealed.key, "--overwrite", sealed.files[0])
    assert zipfile.is_zipfile(there)


def test_damage_is_refused_and_leaves_nothing(cxport: Cxport, sealed: SealedSet) -> None:
    """One flipped bit: exit code 3, no archive, and the other file is opened all the same."""
    flip(sealed.files[0], 8 * 3000)
    ended = cxport("open", "--key", sealed.key, *sealed.files)

    assert ended.code == ExitCode.DAMAGED
    assert f"error: {sealed.files[0].name}: " in ended.err
    assert not sealed.files[0].with_suffix(".zip").exists()
    assert sealed.files[1].with_suffix(".zip").exists()
    assert not [name for name in listing(sealed.folder) if name.startswith(".")]


def test_damage_leaves_nothing_unpacked(cxport: Cxport, sealed: SealedSet, tmp_path: Path) -> None:
    """A damaged file leaves no member in the folder, and nothing hidden either."""
    folder = tmp_path / "unpacked"
    flip(sealed.files[0], 8 * 3000)
    ended = cxport("open", "--key", sealed.key, "--unpack", folder, sealed.files[0])

    assert ended.code == ExitCode.DAMAGED
    assert listing(folder) == set()


def test_another_key_opens_nothing(cxport: Cxport, sealed: SealedSet, tmp_path: Path) -> None:
    """A file that is not for this key is refused with a hint at the right one."""
    other = seal_set(tmp_path, parts=1).key
    ended = cxport("open", "--key", other, sealed.files[0])

    assert ended.code == ExitCode.DAMAGED
    assert "was not sealed to this key" in ended.err
    assert "hint: give the private key of the certificate" in ended.err


def test_without_evidence_a_file_is_not_verified(cxport: Cxport, sealed: SealedSet) -> None:
    """It is opened, but says so, with an exit code of its own."""
    sealed.manifest.unlink()
    ended = cxport("open", "--key", sealed.key, sealed.files[0])

    assert ended.code == ExitCode.NOT_VERIFIED
    assert ended.err.startswith(f"warning: {sealed.files[0].name} was not verified\nhint: ")
    assert zipfile.is_zipfile(sealed.files[0].with_suffix(".zip"))


def test_a_digest_is_evidence(cxport: Cxport, sealed: SealedSet) -> None:
    """`--sha256` stands in for a manifest, and refuses what does not have it."""
    sealed.manifest.unlink()
    digest = hashlib.sha256(sealed.files[0].read_bytes()).hexdigest()
    cxport.done("open", "--key", sealed.key, "--sha256", digest.upper(), sealed.files[0])
    wrong = cxport("open", "--key", sealed.key, "--sha256", "0" * 64, sealed.files[1])

    assert wrong.code == ExitCode.DAMAGED
    assert not sealed.files[1].with_suffix(".zip").exists()


def test_only_the_installation_that_is_named_may_have_signed(
    cxport: Cxport, sealed: SealedSet, tmp_path: Path
) -> None:
    """With --public-key, as text or in a file, a manifest of anybody else is refused."""
    right = base64.b64encode(sealed.public_key).decode()
    in_file = tmp_path / "public.txt"
    in_file.write_text(f"{right}\n")
    wrong = base64.b64encode(public_of(new_signing_key())).decode()

    cxport.done("verify", "--public-key", right, sealed.files[0])
    cxport.done("verify", "--public-key", in_file, sealed.files[0])
    ended = cxport("open", "--key", sealed.key, "--public-key", wrong, sealed.files[0])
    assert ended.code == ExitCode.DAMAGED
    assert not sealed.files[0].with_suffix(".zip").exists()


def test_verify_needs_no_key(cxport: Cxport, sealed: SealedSet) -> None:
    """The digests of a set are checked without the private key."""
    sealed.key.unlink()
    found = cxport.json("verify", *sealed.files)["files"]

    assert [one["verified"] for one in found] == [True, True]


def test_verify_without_evidence_says_so(cxport: Cxport, sealed: SealedSet) -> None:
    """Nothing to check against is neither good nor damaged."""
    sealed.manifest.unlink()

    assert cxport("verify", sealed.files[0]).code == ExitCode.NOT_VERIFIED


def test_verify_finds_every_flipped_bit(cxport: Cxport, sealed: SealedSet) -> None:
    """Whichever bit of a part is flipped, that part is named, and no other."""
    chance = random.Random(17)
    for _ in range(100):
        damaged, sound = chance.sample(sealed.files, 2)
        bit = chance.randrange(8 * damaged.stat().st_size)
        flip(damaged, bit)
        ended = cxport("verify", *sealed.files)
        flip(damaged, bit)

        assert ended.code == ExitCode.DAMAGED
        assert f"error: {damaged.name}: damaged" in ended.err
        assert f"{sound.name}: verified" in ended.out


def test_verify_finds_a_changed_manifest(cxport: Cxport, sealed: SealedSet) -> None:
    """Whatever is changed in what the manifest says, it is refused."""
    whole = sealed.manifest.read_bytes()
    chance = random.Random(17)
    said = whole.index(b'"parts"'), whole.index(b'"publicKey"')
    for _ in range(50):
        flip(sealed.manifest, chance.randrange(8 * said[0], 8 * said[1]))
        ended = cxport("verify", sealed.files[0])
        sealed.manifest.write_bytes(whole)

        assert ended.code == ExitCode.DAMAGED


def test_a_manifest_of_another_run_is_told_apart(cxport: Cxport, sealed: SealedSet) -> None:
    """A manifest that does not name the file proves nothing about it."""
    renamed = sealed.files[0].rename(sealed.folder / "renamed.smime")
    ended = cxport("verify", "--manifest", sealed.manifest, renamed)

    assert ended.code == ExitCode.USAGE
    assert "does not name renamed.smime" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("--sha256", "abc"),
        ("--public-key", "no-key"),
        ("--out", "a", "--unpack", "b"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    cxport: Cxport, sealed: SealedSet, words: tuple[str, ...]
) -> None:
    """A mistake in an option ends with the usage code before anything is read."""
    ended = cxport("open", "--key", sealed.key, *words, sealed.files[0])

    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith("error: ")


def test_a_password_comes_from_a_variable(
    cxport: Cxport, sealed: SealedSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key with a password opens with it, and is refused without, whatever the password is."""
    locked = sealed.folder / "locked.pem"
    subprocess.run(
        ["openssl", "pkcs8", "-topk8", "-in", sealed.key, "-out", locked, "-passout", "pass:open"],
        check=True,
    )
    monkeypatch.setenv("PASSWORD", "open")
    cxport.done("open", "--key", locked, "--password-env", "PASSWORD", sealed.files[0])
    monkeypatch.setenv("PASSWORD", "hidden-and-wrong")
    wrong = cxport("open", "--key", locked, "--password-env", "PASSWORD", sealed.files[1])
    unset = cxport("open", "--key", locked, "--password-env", "NOT_SET", sealed.files[1])
    without = cxport("open", "--key", locked, sealed.files[1])

    assert {wrong.code, unset.code, without.code} == {ExitCode.USAGE}
    assert "hidden-and-wrong" not in wrong.err


def test_a_link_is_opened_as_it_comes(cxport: Cxport, as_user: Served, tmp_path: Path) -> None:
    """A link is opened without a file in between; the manifest comes from the service."""
    with as_user.client() as client:
        link = client.link(as_user.file.name)
    ended = cxport.done("open", "--key", as_user.key, "--from-service", link)

    assert zipfile.is_zipfile(tmp_path / as_user.file.name.replace(".smime", ".zip"))
    assert "verified, signed by" in ended.out
    assert "/links/" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("/x/..%2F..%2Fevil.smime", "evil.zip"),
        ("/x/.hidden", "download.zip"),
        ("/x/..%2F", "download.zip"),
        ("/x/a%00b", "download.zip"),
    ],
)
def test_a_hostile_link_names_no_other_place(
    cxport: Cxport, sealed: SealedSet, monkeypatch: pytest.MonkeyPatch, path: str, made: str
) -> None:
    """What a link calls its file cannot lead out of the folder where it is opened."""
    top = sealed.folder.parent
    (top / "work").mkdir()
    monkeypatch.chdir(top / "work")
    content = sealed.files[0].read_bytes()
    before = listing(top)
    with Scripted({path: lambda _: (200, {}, content)}) as server:
        ended = cxport("open", "--key", sealed.key, f"{server.url}{path}")

    assert ended.code == ExitCode.NOT_VERIFIED
    assert listing(top) - before == {f"work/{made}"}


def test_a_file_that_is_not_there_is_named(cxport: Cxport, sealed: SealedSet) -> None:
    """A wrong path is one line and no stack."""
    ended = cxport("verify", "--sha256", "0" * 64, sealed.folder / "none.smime")

    assert ended.code == ExitCode.FAILED
    assert ended.err == "error: none.smime: no such file or directory\n"
