"""What is known of a sealed file before it is read: its manifest, or a digest that was given."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cxport.cli.exit_codes import ExitCode
from cxport.cli.inputs import is_link, name_of
from cxport.cli.stop import Stop
from cxport.domain.artifact import manifest_of

_KEY_BYTES = 32
_SHA256_DIGITS = 64


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The digests that a file must have (SHA-256 in hex), and who says so; empty: not known."""

    sealed_sha256: str = ""
    zip_sha256: str = ""
    #: The public key (base64) that the manifest is signed by.
    signed_by: str = ""

    @property
    def known(self) -> bool:
        """Whether there is anything to check a file against."""
        return bool(self.sealed_sha256)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Where proofs come from: a digest, a manifest that is named, beside the file, or fetched.

    With `public_key`, only a manifest that this installation signed is taken.
    """

    sha256: str = ""
    manifest: Path | None = None
    public_key: bytes | None = None
    #: Fetches a manifest from the service by its name.
    fetch: Callable[[str], bytes] | None = None

    def of(self, file: str) -> Proof:
        """Give what is known of a file; Damaged where its manifest was changed."""
        if self.sha256:
            return Proof(sealed_sha256=self.sha256)
        content = self._manifest_of(file)
        return _proof(content, name_of(file), self.public_key) if content else Proof()

    def _manifest_of(self, file: str) -> bytes:
        if self.manifest is not None:
            return self.manifest.read_bytes()
        name = manifest_of(name_of(file))
        if not name:
            return b""
        beside = Path(file).with_name(name)
        if not is_link(file) and beside.is_file():
            return beside.read_bytes()
        return self.fetch(name) if self.fetch is not None else b""


def _proof(content: bytes, name: str, public_key: bytes | None) -> Proof:
    from cxport.export.manifest import read_manifest

    manifest = read_manifest(content, public_key)
    signer = public_key or base64.b64decode(json.loads(content)["publicKey"])
    for part in manifest["parts"]:  # type: ignore[attr-defined]  # signed, so as we wrote it
        if part["name"] == name:
            return Proof(
                sealed_sha256=part["sha256"],
                zip_sha256=part["zipSha256"],
                signed_by=base64.b64encode(signer).decode(),
            )
    raise Stop(
        f"the manifest does not name {name}",
        hint="it belongs to another run, or the file was renamed",
        code=ExitCode.USAGE,
    )


def read_public_key(given: str) -> bytes | None:
    """Read what `cxport key show` printed, or a file that holds it; empty gives None."""
    if not given:
        return None
    text = Path(given).read_text("ascii") if Path(given).is_file() else given
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise Stop(
            "this is no public key of an installation",
            hint="cxport key show prints it",
            code=ExitCode.USAGE,
        )
    return key


def read_sha256(given: str, files: int) -> str:
    """Read a digest, which is that of one file; empty stays empty."""
    digits = given.strip().lower()
    if digits and (len(digits) != _SHA256_DIGITS or set(digits) - set("0123456789abcdef")):
        raise Stop("--sha256 takes 64 hexadecimal digits", code=ExitCode.USAGE)
    if digits and files > 1:
        raise Stop("--sha256 is the digest of one file", code=ExitCode.USAGE)
    return digits
