"""`open` and `verify`: sealed files back to archives, and whether they are what was sealed."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxport.cli.connection import Options, connected, with_options
from cxport.cli.evidence import Evidence, Proof, read_public_key, read_sha256
from cxport.cli.exit_codes import ExitCode, worst
from cxport.cli.inputs import is_link, name_of, reading
from cxport.cli.output import Json, count_text, note, print_json, say, size_text
from cxport.cli.stop import Stop, stopped_by
from cxport.domain.errors import CxportError

if TYPE_CHECKING:
    from cxport.sealing.opener import Opened, PrivateKey

_Files = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="Sealed files, or links to them.")
]
_Manifest = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The manifest, else the one beside the file.")
]
_Sha256 = Annotated[
    str, typer.Option(metavar="HEX", help="The file's SHA-256, where there is no manifest.")
]
_PublicKey = Annotated[
    str,
    typer.Option(
        metavar="KEY",
        help="Who must have signed the manifest: what `cxport key show` prints, or its file.",
    ),
]
_FromService = Annotated[
    bool, typer.Option("--from-service", help="Fetch a manifest that is not beside the file.")
]


@with_options
def open_files(
    options: Options,
    *,
    files: _Files,
    key: Annotated[Path, typer.Option(metavar="KEY.pem", help="The private key.")],
    password_env: Annotated[
        str, typer.Option(metavar="VAR", help="Variable that holds the key's password.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="The archive, or a folder; else beside the file."),
    ] = None,
    unpack: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Unpack into this folder instead.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
    manifest: _Manifest = None,
    sha256: _Sha256 = "",
    public_key: _PublicKey = "",
    from_service: _FromService = False,
    as_json: Json = False,
) -> ExitCode:
    """Open sealed files, streaming, and check them against their manifest.

    A file that is damaged, was changed, or is not for this key leaves nothing behind. Without
    manifest and digest a file is opened but not verified: exit code 4.
    """
    place = _Place(out, unpack, overwrite=overwrite, many=len(files) > 1)
    private_key = _private_key(key, password_env)
    digest, signer = read_sha256(sha256, len(files)), read_public_key(public_key)
    with _fetching(options, from_service=from_service) as fetch:
        evidence = Evidence(sha256=digest, manifest=manifest, public_key=signer, fetch=fetch)
        return _each(
            files,
            lambda file: _open(file, private_key, place, evidence.of(file), quiet=as_json),
            as_json=as_json,
        )


@with_options
def verify(
    options: Options,
    *,
    files: _Files,
    manifest: _Manifest = None,
    sha256: _Sha256 = "",
    public_key: _PublicKey = "",
    from_service: _FromService = False,
    as_json: Json = False,
) -> ExitCode:
    """Check sealed files against their manifest; this needs no private key."""
    digest, signer = read_sha256(sha256, len(files)), read_public_key(public_key)
    with _fetching(options, from_service=from_service) as fetch:
        evidence = Evidence(sha256=digest, manifest=manifest, public_key=signer, fetch=fetch)
        return _each(
            files, lambda file: _verify(file, evidence.of(file), quiet=as_json), as_json=as_json
        )


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    """How one file ended: in words, as a document, and as an exit code."""

    document: dict[str, object]
    words: str = ""
    #: What is wrong, for standard error, and what to do about it.
    trouble: str = ""
    hint: str = ""
    code: ExitCode = ExitCode.OK


def _each(files: Sequence[str], act: Callable[[str], _Outcome], *, as_json: bool) -> ExitCode:
    """Do something with each file, whatever became of the others; give the worst code."""
    outcomes = []
    for file in files:
        outcomes.append(outcome := _attempt(file, act))
        if outcome.words and not as_json:
            say(outcome.words)
        if outcome.trouble:
            note(outcome.trouble)
        if outcome.hint:
            note(f"hint: {outcome.hint}")
    if as_json:
        print_json({"files": [outcome.document for outcome in outcomes]})
    return worst(*(outcome.code for outcome in outcomes))


def _attempt(file: str, act: Callable[[str], _Outcome]) -> _Outcome:
    try:
        return act(file)
    except CxportError as error:
        stop = stopped_by(error)
    except OSError as error:
        stop = Stop((error.strerror or str(error)).lower())
    except Stop as found:
        stop = found
    return _Outcome(
        trouble=f"error: {name_of(file)}: {stop.message}",
        document={"file": name_of(file), "verified": False, "error": stop.message},
        code=stop.code,
        hint=stop.hint,
    )


def _open(file: str, key: "PrivateKey", place: "_Place", proof: Proof, *, quiet: bool) -> _Outcome:
    from cxport.sealing.opener import Expected, open_sealed

    expected = Expected(sealed_sha256=proof.sealed_sha256, zip_sha256=proof.zip_sha256)
    with place.archive(file) as archive:
        with reading(file, quiet=quiet) as stream:
            opened = open_sealed(stream, key, archive, expected=expected)
        place.unpack_from(archive)
    return _opened(file, opened, proof, place.shown(file))


def _opened(file: str, opened: "Opened", proof: Proof, place: Path) -> _Outcome:
    held = f"{count_text(len(opened.members), 'member')}, {size_text(opened.zip_bytes)}"
    words = f"{name_of(file)} -> {place}: {held}, {opened.profile.value}"
    return _Outcome(
        words=f"{words}, {_verdict(proof)}",
        document={
            "file": name_of(file),
            "opened_to": str(place),
            "profile": opened.profile.value,
            "sealed_bytes": opened.sealed_bytes,
            "sealed_sha256": opened.sealed_sha256,
            "zip_bytes": opened.zip_bytes,
            "zip_sha256": opened.zip_sha256,
            "members": list(opened.members),
            "verified": opened.verified,
            "signed_by": proof.signed_by,
        },
        trouble="" if opened.verified else f"warning: {name_of(file)} was not verified",
        hint="" if opened.verified else _WANTED,
        code=ExitCode.OK if opened.verified else ExitCode.NOT_VERIFIED,
    )


_WANTED = "put its manifest beside it, or give --manifest, --from-service or --sha256"


def _verdict(proof: Proof) -> str:
    if not proof.known:
        return "not verified"
    return f"verified, signed by {proof.signed_by}" if proof.signed_by else "verified"


def _verify(file: str, proof: Proof, *, quiet: bool) -> _Outcome:
    from cxport.sealing.opener import verify_sealed

    if not proof.known:
        raise Stop("not verified: there is no manifest", hint=_WANTED, code=ExitCode.NOT_VERIFIED)
    with reading(file, quiet=quiet) as stream:
        if not verify_sealed(stream, proof.sealed_sha256):
            raise Stop(
                "damaged or changed: its digest is not the expected one",
                hint="download it again",
                code=ExitCode.DAMAGED,
            )
    return _Outcome(
        words=f"{name_of(file)}: {_verdict(proof)}",
        document={
            "file": name_of(file),
            "verified": True,
            "sealed_sha256": proof.sealed_sha256,
            "signed_by": proof.signed_by,
        },
    )


@contextmanager
def _fetching(options: Options, *, from_service: bool) -> Iterator[Callable[[str], bytes] | None]:
    """Give what fetches a manifest from the service, where that was asked for."""
    if not from_service:
        yield None
        return
    with connected(options) as client:
        yield client.manifest


def _private_key(path: Path, password_env: str) -> "PrivateKey":
    """Read the key; its password comes from a variable, or is asked for where a person sits."""
    from cxport.domain.errors import InvalidInput
    from cxport.sealing.opener import load_private_key

    pem = path.read_bytes()
    if password_env:
        if password_env not in os.environ:
            raise Stop(f"the variable {password_env} is not set", code=ExitCode.USAGE)
        return load_private_key(pem, os.environ[password_env].encode())
    try:
        return load_private_key(pem)
    except InvalidInput as error:
        if error.field != "password" or not sys.stdin.isatty():
            raise
    return load_private_key(pem, typer.prompt("Password of the key", hide_input=True).encode())


class _Place:
    """Where what is opened goes to."""

    def __init__(
        self, out: Path | None, folder: Path | None, *, overwrite: bool, many: bool
    ) -> None:
        if out is not None and folder is not None:
            raise Stop("give --out or --unpack, not both", code=ExitCode.USAGE)
        self._out = out
        self._folder = folder
        self._overwrite = overwrite
        self._many = many

    @contextmanager
    def archive(self, file: str) -> Iterator[Path]:
        """Give the archive's path: for good, or only until it is unpacked."""
        if self._folder is None:
            target = self.shown(file)
            if target.exists() and not self._overwrite:
                raise Stop(f"{target} is there already", hint="--overwrite", code=ExitCode.USAGE)
            target.parent.mkdir(parents=True, exist_ok=True)
            yield target
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".open-", dir=self._folder) as folder:
            yield Path(folder, "archive.zip")

    def unpack_from(self, archive: Path) -> None:
        """Unpack an archive, where that is wanted."""
        from cxport.sealing.opener import unpack

        if self._folder is not None:
            unpack(archive, self._folder, overwrite=self._overwrite)

    def shown(self, file: str) -> Path:
        """Say where what is opened is found."""
        if self._folder is not None:
            return self._folder
        name = Path(name_of(file)).with_suffix(".zip").name
        if self._out is None:
            return Path(name) if is_link(file) else Path(file).with_name(name)
        return self._out / name if self._many or self._out.is_dir() else self._out
