"""`key`: the installation's own keys."""

import base64
from enum import StrEnum
from typing import Annotated

import typer

from cxport.cli.key_report import masters_json, print_masters, print_signing, signing_json
from cxport.cli.output import Json, count_text, print_json, say
from cxport.cli.settings import Data, installation

app = typer.Typer(help="The installation's own keys.", no_args_is_help=True)


class Rotated(StrEnum):
    """What can be rotated."""

    MASTER = "master"
    TOKENS = "tokens"
    LINKS = "links"


@app.command()
def show(*, data: Data = None, as_json: Json = False) -> None:
    """Show the public key that checks who signed a manifest (`open --public-key`)."""
    with installation(data) as opened:
        public = base64.b64encode(opened.public_key).decode()
    if as_json:
        print_json({"public_key": public})
    else:
        say(public)


@app.command("list")
def list_keys(*, data: Data = None, as_json: Json = False) -> None:
    """List the keys by their ids: what each master key seals, which keys sign or are accepted.

    A master key that seals nothing can be dropped.
    """
    from cxport.bootstrap import known_master_keys

    with installation(data) as opened:
        masters = known_master_keys(opened)
        signing = opened.services.signing_keys.all()
    if as_json:
        print_json({"master": masters_json(masters), **signing_json(signing)})
        return
    print_masters(masters)
    say()
    print_signing(signing)


@app.command()
def rotate(
    *,
    what: Annotated[
        Rotated,
        typer.Argument(
            metavar="[master|tokens|links]",
            help="The master key, or the key that signs access tokens or download links.",
        ),
    ] = Rotated.MASTER,
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once",
            help="Let what the old key signed end now (tokens, links): it is in wrong hands.",
        ),
    ] = False,
    one_host: Annotated[
        bool,
        typer.Option(
            "--one-host",
            help="All processes of the installation run on this host (master, with PostgreSQL).",
        ),
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Let a new key take over, while everything runs; nothing has to be restarted.

    What the old key signed stays good until it expires: tokens for an hour, links for a quarter.
    An old master key stays behind the new one in master.key until you drop it.
    """
    if what is Rotated.MASTER:
        _rotate_master(data, at_once=at_once, one_host=one_host, as_json=as_json)
    else:
        _rotate_signing(data, what, at_once=at_once, one_host=one_host, as_json=as_json)


@app.command()
def reseal(*, data: Data = None, as_json: Json = False) -> None:
    """Seal by the first master key whatever another one has sealed.

    For a key that you have put in front yourself (CXPORT_MASTER_KEY=NEW,OLD). Refused, with
    nothing changed, where something was sealed by a key that is not given.
    """
    from cxport.bootstrap import reseal as reseal_store

    with installation(data) as opened:
        resealed = reseal_store(opened)
    if as_json:
        print_json({"resealed": resealed})
        return
    say(f"Sealed again by the first master key: {count_text(resealed, 'secret')}.")
    say("Next: check with `cxport key list`, take a new backup, then drop the old key everywhere.")


def _rotate_master(data: Data, *, at_once: bool, one_host: bool, as_json: bool) -> None:
    from cxport.bootstrap import rotate_master_key

    if at_once:
        raise typer.BadParameter("it is for tokens and links", param_hint="--at-once")
    with installation(data) as opened:
        resealed = rotate_master_key(opened, one_host=one_host)
    if as_json:
        print_json({"rotated": Rotated.MASTER.value, "resealed": resealed})
        return
    say("Every stored secret is now sealed by a new master key, the first line of master.key.")
    say("Next: check with `cxport key list`, take a new backup of the file, then delete its other")
    say("lines.")


def _rotate_signing(
    data: Data, what: Rotated, *, at_once: bool, one_host: bool, as_json: bool
) -> None:
    from cxport.bootstrap import Signed

    if one_host:
        raise typer.BadParameter("it is for the master key", param_hint="--one-host")
    with installation(data) as opened:
        opened.services.signing_keys.rotate(Signed(what.value), at_once=at_once)
    if as_json:
        print_json({"rotated": what.value, "at_once": at_once})
    elif at_once:
        say(f"A new key signs {what.value}; within half a minute no process takes the old one's.")
    else:
        say(f"A new key signs {what.value}; what the old one signed stays good until it expires.")
