"""`init`, `serve`, `worker`: an installation, and the processes that run it."""

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxport.cli.output import Json, note, print_json, print_pairs, say
from cxport.cli.settings import Data, load_settings

if TYPE_CHECKING:
    from cxport.services.tenants import Credentials

_TENANT = "default"
_SHOWN_ONCE = "Keep these: they are shown this once and cannot be shown again."


def init(
    *,
    data: Data = None,
    tenant: Annotated[
        str, typer.Option("--tenant", metavar="NAME", help="Name of the first tenant.")
    ] = _TENANT,
    as_json: Json = False,
) -> None:
    """Make an installation: data folder, master key, administrator, first tenant."""
    from cxport.bootstrap import initialise, public_url

    settings = load_settings(data)
    credentials = initialise(settings, tenant=tenant)
    if as_json:
        print_json(shown_once(credentials))
        return
    say(f"Made an installation in {settings.data}")
    say(_SHOWN_ONCE)
    print_pairs(shown_once(credentials))
    say(f"\nNext: cxport serve --data {settings.data}")
    say(_how_to_sign_in(public_url(settings)))


def serve(
    *,
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    public_url: Annotated[
        str | None, typer.Option(metavar="URL", help="URL by which clients reach the service.")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate chain (PEM) to serve with.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Private key (PEM) of the certificate.")
    ] = None,
    behind_proxy: Annotated[
        str | None,
        typer.Option(metavar="ADDRESSES", help="Trusted proxies that end TLS, by commas."),
    ] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Serve only; workers run elsewhere.")
    ] = False,
) -> None:
    """Serve API and console; the first start makes the installation. Ends by SIGTERM or Ctrl-C."""
    gc.disable()  # until all is there: see `_settle_garbage`
    from cxport import bootstrap

    settings = load_settings(
        data,
        host=host,
        port=port,
        public_url=public_url,
        tls_cert=tls_cert,
        tls_key=tls_key,
        behind_proxy=behind_proxy,
    )

    def show(credentials: "Credentials") -> None:
        note(_SHOWN_ONCE)
        print_pairs(shown_once(credentials))
        note(_how_to_sign_in(bootstrap.public_url(settings)))

    bootstrap.serve(settings, worker=not no_worker, new_credentials_shown=show)


def worker(data: Data = None) -> None:
    """Run a worker without the API, beside services that share one PostgreSQL store."""
    gc.disable()  # until all is there: see `_settle_garbage`
    from cxport import bootstrap

    bootstrap.work(load_settings(data))


def shown_once(credentials: "Credentials") -> dict[str, object]:
    """Give what a new tenant signs in with, in the words that scripts read."""
    return {
        "tenant": credentials.tenant,
        "api_key": credentials.api_key,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "username": credentials.username,
        "password": credentials.password,
    }


def _how_to_sign_in(url: str) -> str:
    return f"Then open {url}/ in a browser: sign in with tenant, username and password."
