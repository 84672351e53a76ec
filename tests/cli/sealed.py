"""Sealed files with their manifest, made by the export's own parts, without any service."""

from __future__ import annotations

import hashlib
import io
import random
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import pkcs7

from cxport.bootstrap import make_certificate
from cxport.export.manifest import sign_manifest
from cxport.sealing.signature import new_signing_key, public_of

ARCHIVE = "11111111-2222-3333-4444-555555555555"


@dataclass(frozen=True, kw_only=True)
class SealedSet:
    """A set of sealed files in a folder, and what opens and checks it."""

    folder: Path
    key: Path
    files: tuple[Path, ...]
    manifest: Path
    public_key: bytes


def _archive(part: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema/Chat.schema.json", "{}")
        archive.writestr(f"Chat-7-{part:05}.json", random.Random(part).randbytes(9000))
    return made.getvalue()


def _seal(content: bytes, certificate: bytes) -> bytes:
    """Seal by another implementation than ours."""
    return (
        pkcs7.PKCS7EnvelopeBuilder()
        .set_data(content)
        .set_content_encryption_algorithm(algorithms.AES256)
        .add_recipient(x509.load_pem_x509_certificate(certificate))
        .encrypt(serialization.Encoding.SMIME, [pkcs7.PKCS7Options.Binary])
    )


def seal_set(folder: Path, parts: int = 2) -> SealedSet:
    """Make a set of so many sealed files, its manifest and its key."""
    key, certificate = make_certificate("test", 30, 2048)
    path = folder / "key.pem"
    path.write_bytes(key)
    archives = [_archive(part) for part in range(1, parts + 1)]
    files = [folder / f"export-{ARCHIVE}-{n:05}-of-{parts:05}.smime" for n in range(1, parts + 1)]
    for file, archive in zip(files, archives, strict=True):
        file.write_bytes(_seal(archive, certificate))
    signing_key = new_signing_key()
    manifest = folder / f"export-{ARCHIVE}.manifest.json"
    manifest.write_bytes(sign_manifest({"parts": _parts(files, archives)}, signing_key))
    return SealedSet(
        folder=folder,
        key=path,
        files=tuple(files),
        manifest=manifest,
        public_key=public_of(signing_key),
    )


def _parts(files: Iterable[Path], archives: Iterable[bytes]) -> list[dict[str, str]]:
    return [
        {
            "name": file.name,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "zipSha256": hashlib.sha256(archive).hexdigest(),
        }
        for file, archive in zip(files, archives, strict=True)
    ]
