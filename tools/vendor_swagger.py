"""Brings swagger-ui-dist into src/cxport/api/docs_page/static: `python -m tools.vendor_swagger`.

npm fetches the release that is named here; its files are taken only where their digests are those
written down. A new release means new digests, looked at by whoever writes them.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "5.35.0"
STATIC = Path(__file__).parents[1] / "src" / "cxport" / "api" / "docs_page" / "static"
#: What is taken, and the SHA-256 of each.
FILES = {
    "LICENSE": "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30",
    "NOTICE": "0d20d1adef18aee3f40dd258172155521ce702ac445cb5f7b7d60ed32dad2fb2",
    "swagger-ui-bundle.js": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
    "swagger-ui-bundle.js.LICENSE.txt": (
        "37eb6e7e59aed57b2c1acf076574b818ea07b74265717e0bd67b59e0baf9abbb"
    ),
    "swagger-ui.css": "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
}


def main() -> int:
    """Fetch the release and write what is as it should be; nothing else is touched."""
    with tempfile.TemporaryDirectory() as folder:
        package = f"swagger-ui-dist@{VERSION}"
        command = ["npm", "pack", "--silent", package, "--pack-destination", folder]
        subprocess.run(command, check=True)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as release:
            contents = {name: _member(release, name) for name in FILES}
    wrong = [name for name, body in contents.items() if _digest(body) != FILES[name]]
    if wrong:
        print(f"not what was written down: {', '.join(wrong)}", file=sys.stderr)
        return 1
    for name, body in contents.items():
        (STATIC / name).write_bytes(body)
    print(f"swagger-ui-dist {VERSION}: {len(contents)} files")
    return 0


def _member(release: tarfile.TarFile, name: str) -> bytes:
    member = release.extractfile(f"package/{name}")
    return member.read() if member else b""


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
