"""The other side: the pipelines that a skilled person types, for each database.

They write the same rows in the same shape as we do: one query for each kind of interaction, which
joins its own table, names the keys, and leaves JSON as JSON. They seal as `openssl cms` does with
`-stream` (binary, AES-256-CBC, one RSA recipient), and so do we here.
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
from cxport.domain.catalogue import ENTITIES, DataType, Kind, entity_fields
from cxport.sources.dsn import parse_address
from cxport.sources.mapping import read_mapping

_SEAL = "openssl cms -encrypt -stream -binary -aes256 -outform DER"

#: Plain COPY text would double backslashes; this form of CSV leaves JSON as it is.
_COPY = (
    "COPY (SELECT row_to_json(t) FROM ({}) t)"
    " TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02');"
)
_ATTACHMENTS = (
    "SELECT a.id, a.interactionid AS entityid, d.thename AS name, d.description, d.mimetype,"
    " d.thesize AS size, d.createddate, replace(encode(d.content, 'base64'), E'\\n', '') AS content"
    " FROM attachment a JOIN document d ON d.id = a.documentid"
)

#: How bytes become JSON where they are an object, and else a text of letters.
_JSON = {
    "postgresql": (
        "(CASE WHEN substring({0} FOR 1) = '{{' THEN convert_from({0}, 'UTF8')"
        " ELSE '\"' || replace(encode({0}, 'base64'), E'\\n', '') || '\"' END)::json"
    ),
    "sqlite": (
        "CASE WHEN {0} IS NULL THEN NULL WHEN substr({0}, 1, 1) = x'7B'"
        " THEN json(CAST({0} AS TEXT)) ELSE hex({0}) END"
    ),
    "mariadb": (
        "JSON_COMPACT(CASE LEFT({0}, 1) WHEN '{{' THEN CONVERT({0} USING utf8mb4)"
        " ELSE CONCAT('\"', REPLACE(TO_BASE64({0}), '\\n', ''), '\"') END)"
    ),
}


@dataclass(frozen=True)
class Typed:
    """`client | compressor | openssl`."""

    compressor: str
    whole: bool = True

    @property
    def name(self) -> str:
        """Name it by what differs."""
        return f"typed, {self.compressor.removesuffix(' - -').replace(' -q', '')}"

    def installed(self) -> bool:
        """Tell whether its compressor is there."""
        return shutil.which(self.compressor.split()[0]) is not None

    def run(self, work: Work) -> Done:
        """Run the line, in a shell, since that is what it is."""
        out = work.folder / "typed.cms"
        line = f"{client(work)} | {self.compressor} | {_SEAL} {work.certificate} > {out}"
        subprocess.run(["bash", "-o", "pipefail", "-c", line], check=True)
        return Done(files=(out,), sealed_bytes=out.stat().st_size, peak_bytes=0)

    def lines(self, work: Work, done: Done) -> Iterator[bytes]:
        """Open the file and give its lines."""
        (file,) = done.files
        command = ["openssl", "cms", "-decrypt", "-inform", "DER", "-inkey", str(work.key)]
        with file.open("rb") as stream:
            packed = subprocess.run(command, stdin=stream, capture_output=True, check=True).stdout
        if self.compressor.startswith("zip"):
            with zipfile.ZipFile(BytesIO(packed)) as archive, archive.open("-") as member:
                yield from member
        else:
            with gzip.open(BytesIO(packed)) as member:
                yield from member


def client(work: Work) -> str:
    """Give the command that writes JSON Lines, whose queries are put into a file."""
    script = work.folder / f"typed-{work.product}.sql"
    script.write_text("\n".join(_queries(work)) + "\n")
    if work.product == "postgresql":
        return f"psql '{work.dsn}' -q -f {script}"
    if work.product == "sqlite":
        return f"sqlite3 '{work.dsn.removeprefix('sqlite:///')}' < {script}"
    address = parse_address(work.dsn, frozenset())
    login = f"-h {address.host} -P {address.port} -u {address.user} -p'{address.password}'"
    form = "--default-character-set=utf8mb4 -NBr --quick"
    return f"mariadb {login} {form} {address.database} < {script}"


def _queries(work: Work) -> Iterator[str]:
    if work.product == "postgresql":
        yield from map(_COPY.format, selects().values())
    else:
        for code, own, columns in _entities(work.product):
            yield f"SELECT {_json_object(work.product, columns)} {_tables(code, own)};"
    if work.attachments:
        yield _COPY.format(_ATTACHMENTS)


def selects() -> dict[str, str]:
    """Give the query of each kind of interaction in PostgreSQL, by the code of the kind."""
    found = {}
    for code, own, columns in _entities("postgresql"):
        named = ", ".join(f'{column} AS "{name}"' for name, column in columns)
        found[str(code)] = f"SELECT {named} {_tables(code, own)}"
    return found


def _tables(code: int, own: str) -> str:
    joined = f" LEFT JOIN {own} o ON o.Id = b.Id" if own else ""
    return f"FROM Interaction b{joined} WHERE b.EntityTypeId = {code}"


def _json_object(product: str, columns: list[tuple[str, str]]) -> str:
    pairs = [f"'{name}', {column}" for name, column in columns]
    if product == "mariadb":
        return f"JSON_OBJECT({', '.join(pairs)})"
    return f"json_object({', '.join(pairs)})"


def _entities(product: str) -> Iterator[tuple[int, str, list[tuple[str, str]]]]:
    """Give the code, the own table and the columns, by key, of each kind of interaction."""
    mapping = read_mapping("")
    base = mapping.interaction
    if base is None:
        return
    for entity in ENTITIES[DataType.INTERACTION]:
        one = mapping.entities[entity]
        kinds = {field.name: field.kind for field in entity_fields(entity)}
        own = one.own.columns if one.own else {}
        found = {"id": f"b.{base.key}"}
        found |= {name: f"b.{column.name}" for name, column in base.columns.items()}
        found |= {name: f"o.{column.name}" for name, column in own.items()}
        columns = [
            (name, _JSON[product].format(column) if kinds[name] is Kind.OBJECT else column)
            for name, column in found.items()
            if name in kinds
        ]
        yield int(one.code or 0), one.own.table if one.own else "", columns
