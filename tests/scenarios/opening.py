"""Sealed files opened with plain OpenSSL, and their lines by kind."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from cxport.sealing.certificate import make_certificate

_MEMBER = re.compile(r"(?P<kind>[A-Za-z]+?)(?P<attached>-Attachment)?-\d+(-\d{5})?\.jsonl?")


class KeyPair:
    """A key and certificate in a folder."""

    def __init__(self, folder: Path, name: str = "recipient") -> None:
        self.key = folder / f"{name}.key.pem"
        self.certificate = folder / f"{name}.cert.pem"
        key, certificate = make_certificate(name, 30, 2048)
        self.key.write_bytes(key)
        self.certificate.write_bytes(certificate)

    def unzip(self, sealed: bytes) -> zipfile.ZipFile:
        """Decrypt as the original's guide says, and open the zip."""
        return self._decrypted("smime", sealed)

    def unzip_strict(self, sealed: bytes) -> zipfile.ZipFile:
        """Decrypt the strict profile, and open the zip."""
        return self._decrypted("cms", sealed, "-inform", "DER")

    def _decrypted(self, command: str, sealed: bytes, *options: str) -> zipfile.ZipFile:
        words = ["openssl", command, "-decrypt", "-inkey", str(self.key), *options]
        done = subprocess.run(words, input=sealed, capture_output=True, check=True)
        return zipfile.ZipFile(io.BytesIO(done.stdout))

    def lines(self, *sealed: bytes) -> dict[str, list[dict[str, Any]]]:
        """Give the lines of a whole set by kind: `Chat`, `Chat-Attachment`, `errors`."""
        found: dict[str, list[dict[str, Any]]] = {}
        seen: set[str] = set()
        for part in sealed:
            archive = self.unzip(part)
            for name in archive.namelist():
                if name.startswith("schema/"):
                    continue
                assert name not in seen, "unpacking a set into one folder must lose nothing"
                seen.add(name)
                match = _MEMBER.fullmatch(name)
                assert match, name
                kind = match["kind"] + (match["attached"] or "")
                lines = archive.read(name).decode().splitlines()
                found.setdefault(kind, []).extend(json.loads(line) for line in lines)
        return found
