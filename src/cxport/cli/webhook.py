"""`webhook`: who is told when a run ends or a certificate is about to."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cxport.cli.connection import with_client
from cxport.cli.output import Json, print_json, print_pairs, print_table, say, time_text

if TYPE_CHECKING:
    from cxport.client import Client, SubscriptionInfo

app = typer.Typer(help="Webhooks and mails that tell of events.", no_args_is_help=True)

_Id = Annotated[str, typer.Argument(metavar="ID", help="Id of a subscription.")]
_ONCE = "Keep the secret: it is shown this once and cannot be shown again."


@app.command()
@with_client
def add(
    client: "Client",
    *,
    to: Annotated[
        str, typer.Option(metavar="URL", help="Send signed messages to this https:// address.")
    ] = "",
    mail: Annotated[
        str, typer.Option(metavar="ADDRESSES", help="Or mails to these, separated by commas.")
    ] = "",
    event: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="run.failed...; may be repeated. Without: all of them."),
    ] = None,
    language: Annotated[str, typer.Option(metavar="NAME", help="Of mails: en or de.")] = "",
    as_json: Json = False,
) -> None:
    """Subscribe a receiver to events; print the secret that signs its messages, this once."""
    if bool(to) == bool(mail):
        raise typer.BadParameter("give one of the two", param_hint="--to, --mail")
    made = client.webhooks.add(url=to, recipients=mail, events=event or (), language=language)
    _show_new(made, as_json=as_json)


@app.command("list")
@with_client
def list_webhooks(client: "Client", *, as_json: Json = False) -> None:
    """List the subscriptions."""
    found = client.webhooks.list()
    if as_json:
        print_json({"webhooks": [_shown(one) for one in found]})
        return
    print_table(
        ("id", "kind", "to", "events", "active", "failures"),
        (
            (one.id, one.kind, one.url or one.recipients, one.events, one.active, one.failures)
            for one in found
        ),
    )


@app.command()
@with_client
def remove(client: "Client", *, webhook_id: _Id, as_json: Json = False) -> None:
    """Remove a subscription with its deliveries."""
    client.webhooks.remove(webhook_id)
    if as_json:
        print_json({"removed": webhook_id})
    else:
        say(f"Removed {webhook_id}")


@app.command()
@with_client
def rotate(client: "Client", *, webhook_id: _Id, as_json: Json = False) -> None:
    """Make a new secret, printed this once; for 24 hours the one before signs, too."""
    _show_new(client.webhooks.rotate(webhook_id), as_json=as_json)


@app.command("test")
@with_client
def try_webhook(client: "Client", *, webhook_id: _Id, as_json: Json = False) -> None:
    """Send a test event."""
    delivery = client.webhooks.test(webhook_id)
    if as_json:
        print_json({"delivery": delivery})
    else:
        say(f"Sent as {delivery}. Next: cxport webhook deliveries {webhook_id}")


@app.command()
@with_client
def deliveries(client: "Client", *, webhook_id: _Id, as_json: Json = False) -> None:
    """List what was sent to a subscription, and what came of it."""
    found = list(client.webhooks.deliveries(webhook_id))
    if as_json:
        print_json({"deliveries": [asdict(one) for one in found]})
        return
    print_table(
        ("id", "event", "state", "attempts", "answer", "made"),
        (
            (one.id, one.event, one.state, one.attempts, one.answer, time_text(one.created_date))
            for one in found
        ),
    )


@app.command()
@with_client
def replay(
    client: "Client",
    *,
    webhook_id: _Id,
    delivery_id: Annotated[str, typer.Argument(metavar="DELIVERY", help="Id of a delivery.")],
    as_json: Json = False,
) -> None:
    """Send a delivery again, under the message id that it had."""
    client.webhooks.replay(webhook_id, delivery_id)
    if as_json:
        print_json({"delivery": delivery_id})
    else:
        say(f"Sent again. Next: cxport webhook deliveries {webhook_id}")


def _show_new(made: "SubscriptionInfo", *, as_json: bool) -> None:
    if as_json:
        print_json({**_shown(made), "secret": made.secret})
        return
    if made.secret:
        say(_ONCE)
    print_pairs({"id": made.id, **({"secret": made.secret} if made.secret else {})})
    say(f"Next: cxport webhook test {made.id}")


def _shown(one: "SubscriptionInfo") -> dict[str, object]:
    return {name: value for name, value in asdict(one).items() if name != "secret"}
