"""Writes the console's vendored files anew from npm: `python -m tools.vendor`.

What is taken, and in which version, stands in static/vendor/vendor.toml, with the SHA-256 of each
file; a test compares. A new version is written there by hand, then this is run.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).parents[1] / "src/cxport/console/static/vendor"
LIST = VENDOR / "vendor.toml"
_SVG = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)

Package = dict[str, Any]


def main() -> None:
    """Take each package's files, and write what they are."""
    packages: dict[str, Package] = tomllib.loads(LIST.read_text("utf-8"))
    text = "".join(f"# {line}\n" for line in _HEADER)
    for name, package in packages.items():
        written = dict(_written(name, package))
        text += _described(name, package, written)
    LIST.write_text(text, "utf-8")


_HEADER = (
    "What is vendored: package, version, licence, and each file with its SHA-256.",
    "To take another version, write it here and run `python -m tools.vendor`.",
)


def _written(name: str, package: Package) -> Iterator[tuple[str, str]]:
    """Write a package's files, and give their names with their SHA-256."""
    files = _fetched(name, package["version"])
    for target, source in package["take"].items():
        content = _sprite(files, source) if isinstance(source, list) else files[source]
        yield _write(target, content)
    yield _write(f"{name.strip('@').replace('/', '-')}.LICENSE", _licence(files, package))


def _write(name: str, content: bytes) -> tuple[str, str]:
    (VENDOR / name).write_bytes(content)
    return name, hashlib.sha256(content).hexdigest()


def _fetched(name: str, version: str) -> dict[str, bytes]:
    """Give the files of a package by their paths in it."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, f"{name}@{version}"]
        subprocess.run(command, check=True, stdout=sys.stderr)
        (archive,) = Path(folder).iterdir()
        with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as members:
            return {
                one.name.removeprefix("package/"): content.read()
                for one in members.getmembers()
                if (content := members.extractfile(one)) is not None
            }


def _sprite(files: dict[str, bytes], names: list[str]) -> bytes:
    """Make one SVG of several icons, each a symbol by its name."""
    symbols = []
    for name in sorted(names):
        found = _SVG.search(files[f"icons/outline/{name}.svg"].decode())
        if found is None:
            raise SystemExit(f"{name}: not an icon")
        lines = "".join(line.strip() for line in found[1].splitlines())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{lines}</symbol>')
    inside = "\n".join(symbols)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{inside}\n</svg>\n'.encode()


def _licence(files: dict[str, bytes], package: Package) -> bytes:
    """Give the licence that comes with a package, or MIT below the copyright it claims."""
    if "LICENSE" in files:
        return files["LICENSE"]
    source = next(one for one in package["take"].values() if isinstance(one, str))
    lines = re.findall(rb"Copyright [^\n]*", files[source][:1000])
    body = (VENDOR / "tabler-icons.LICENSE").read_bytes().partition(b"Permission")
    return b"\n".join([b"MIT License", b"", *lines, b"", b"".join(body[1:])])


def _described(name: str, package: Package, written: dict[str, str]) -> str:
    """Give a package's passage of the list."""
    head = f'\n["{name}"]\nversion = "{package["version"]}"\nlicence = "{package["licence"]}"\n'
    takes = "".join(f'"{to}" = {_value(source)}\n' for to, source in package["take"].items())
    sums = "".join(f'"{file}" = "{digest}"\n' for file, digest in sorted(written.items()))
    return f'{head}\n["{name}".take]\n{takes}\n["{name}".sha256]\n{sums}'


def _value(source: str | list[str]) -> str:
    if isinstance(source, str):
        return f'"{source}"'
    return "[\n" + "".join(f'  "{one}",\n' for one in sorted(source)) + "]"


if __name__ == "__main__":
    main()
