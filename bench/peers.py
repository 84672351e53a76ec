"""The other side: the pipeline that a skilled person types, for each database.

It exports the table of interactions alone, where we join each entity's own table as well. It
seals as we do: S/MIME text, AES-256-CBC, one RSA recipient.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from bench.ours import Done
from bench.work import Work
from cxport.sources.dsn import parse_address
from cxport.sources.sample.tables import TABLES

_INTERACTION = next(table for table in TABLES if table.name == "Interaction")

_SEAL = "openssl cms -encrypt -stream -binary -aes256 -outform SMIME"

#: Plain COPY text would double backslashes; this form of CSV leaves JSON as it is.
_COPY = (
    "COPY (SELECT row_to_json(t) FROM ({}) t)"
    " TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
)
_ATTACHMENTS = (
    "SELECT a.id, a.interactionid AS entityid, d.thename AS name, d.description, d.mimetype,"
    " d.thesize AS size, d.createddate, replace(encode(d.content, 'base64'), E'\\n', '') AS content"
    " FROM attachment a JOIN document d ON d.id = a.documentid"
)


@dataclass(frozen=True)
class Typed:
    """`client | compressor | openssl`."""

    compressor: str

    @property
    def name(self) -> str:
        """Name it by what differs."""
        return f"typed, {self.compressor.removesuffix(' -q - -')}"

    def installed(self) -> bool:
        """Tell whether its compressor is there."""
        return shutil.which(self.compressor.split()[0]) is not None

    def run(self, work: Work) -> Done:
        """Run the line, in a shell, since that is what it is."""
        out = work.folder / "typed.smime"
        line = f"{_client(work)} | {self.compressor} | {_SEAL} {work.certificate} > {out}"
        subprocess.run(["bash", "-o", "pipefail", "-c", line], check=True)
        return Done(files=(out,), sealed_bytes=out.stat().st_size, peak_bytes=0)

    def lines(self, work: Work, done: Done) -> Iterator[bytes]:
        """Open the file and give its lines."""
        (file,) = done.files
        command = ["openssl", "cms", "-decrypt", "-inform", "SMIME", "-inkey", str(work.key)]
        with file.open("rb") as stream:
            packed = subprocess.run(command, stdin=stream, capture_output=True, check=True).stdout
        if self.compressor.startswith("zip"):
            with zipfile.ZipFile(BytesIO(packed)) as archive, archive.open("-") as member:
                yield from member
        else:
            with gzip.open(BytesIO(packed)) as member:
                yield from member


def _client(work: Work) -> str:
    """Give the command that writes JSON Lines."""
    if work.product == "postgresql":
        queries = ["SELECT * FROM interaction", *([_ATTACHMENTS] if work.attachments else [])]
        commands = " ".join(f'-c "{_COPY.format(query)}"' for query in queries)
        return f"psql '{work.dsn}' -q {commands}"
    if work.product == "sqlite":
        path = work.dsn.removeprefix("sqlite:///")
        return f"sqlite3 '{path}' \"{_json_object('hex({})')}\""
    address = parse_address(work.dsn, frozenset())
    login = f"-h {address.host} -P {address.port} -u {address.user} -p'{address.password}'"
    return f'mariadb {login} -NBr --quick {address.database} -e "{_json_object("hex({})")}"'


def _json_object(blob: str) -> str:
    """Select each row as an object; `blob` makes text of a column of bytes."""
    pairs = ", ".join(
        f"'{'id' if name == 'Id' else name}', {blob.format(name) if kind == 'blob' else name}"
        for name, kind in _INTERACTION.columns
    )
    return f"SELECT json_object({pairs}) FROM Interaction"  # noqa: S608 - names of ours
