"""`cert`: the certificate that exports are sealed to, and the key that opens them."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxport.cli.connection import with_client
from cxport.cli.exit_codes import ExitCode
from cxport.cli.output import Json, print_json, print_pairs, print_table, say, time_text
from cxport.cli.stop import Stop

if TYPE_CHECKING:
    from cxport.client import Client, StoredCertificate

app = typer.Typer(help="The certificate that exports are sealed to.", no_args_is_help=True)

_DAYS = 825
_BITS = 3072


@app.command()
def new(
    *,
    key: Annotated[Path, typer.Option(metavar="FILE", help="Where the private key goes.")] = Path(
        "cxport-key.pem"
    ),
    cert: Annotated[Path, typer.Option(metavar="FILE", help="Where the certificate goes.")] = Path(
        "cxport-cert.pem"
    ),
    name: Annotated[str, typer.Option(metavar="TEXT", help="Whom it names.")] = "cxport",
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days it is valid.")] = _DAYS,
    bits: Annotated[int, typer.Option(min=2048, max=8192, help="Bits of the key.")] = _BITS,
    as_json: Json = False,
) -> None:
    """Make a private key (0600) and a self-signed certificate; nothing is overwritten."""
    from cxport.bootstrap import make_certificate

    key_pem, cert_pem = make_certificate(name, days, bits)
    write_new(key, key_pem, 0o600)
    write_new(cert, cert_pem, 0o644)
    if as_json:
        print_json({"key": str(key), "certificate": str(cert)})
        return
    print_pairs({"private key": key, "certificate": cert})
    say("The private key opens everything that is sealed to this certificate: keep it apart")
    say(f"from the service, with a copy. Next: cxport cert upload {cert}")


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a file that is not there yet, with its mode from the start."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise Stop(
            f"{path} is there already: nothing was overwritten", code=ExitCode.USAGE
        ) from None
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)


@app.command()
@with_client
def upload(
    client: "Client",
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The certificate, PEM or DER.")],
    as_json: Json = False,
) -> None:
    """Put a certificate in force: what is exported from now on is sealed to it."""
    stored = client.upload_certificate(file.name, file.read_bytes())
    if as_json:
        print_json({"name": stored})
    else:
        say(f"Exports are now sealed to {stored}")


@app.command("list")
@with_client
def list_certificates(client: "Client", *, as_json: Json = False) -> None:
    """List every certificate that was uploaded, and when each expires."""
    found = client.certificates()
    if as_json:
        print_json({"certificates": [asdict(one) for one in found]})
    else:
        print_table(_COLUMNS, map(_row, found))


_COLUMNS = ("id", "name", "in force", "expires", "days left", "uploaded", "by")


def _row(found: "StoredCertificate") -> tuple[object, ...]:
    return (
        str(found.id),
        found.name,
        "yes" if found.in_force else "",
        time_text(found.not_after),
        str(found.days_left),
        time_text(found.uploaded_date),
        found.uploaded_by,
    )


@app.command()
@with_client
def show(client: "Client", *, as_json: Json = False) -> None:
    """Show the certificate in force."""
    found = client.certificate()
    document = {
        "tenant": found.ccid,
        "name": found.name,
        "size": found.size,
        "last_modified": found.last_modified,
    }
    if as_json:
        print_json(document)
    else:
        print_pairs(document)
