"""`key`: the installation's own keys."""

import base64

import typer

from cxport.cli.output import Json, print_json, say
from cxport.cli.settings import Data, installation

app = typer.Typer(help="The installation's own keys.", no_args_is_help=True)


@app.command()
def show(*, data: Data = None, as_json: Json = False) -> None:
    """Show the public key that checks who signed a manifest (`open --public-key`)."""
    with installation(data) as opened:
        public = base64.b64encode(opened.public_key).decode()
    if as_json:
        print_json({"public_key": public})
    else:
        say(public)


@app.command()
def rotate(*, data: Data = None, as_json: Json = False) -> None:
    """Make a new master key and seal every stored secret again by it.

    The old key stays behind the new one in master.key, so that processes that run go on
    working. Restart them, take a new backup, then delete every line of the file but the first.
    """
    from cxport.bootstrap import rotate_master_key

    with installation(data) as opened:
        rotate_master_key(opened)
    if as_json:
        print_json({"rotated": True})
        return
    say("Every stored secret is now sealed by a new master key, the first line of master.key.")
    say("Next: restart every process, back the file up, then delete its other lines.")
