"""The options by which a command reaches a service, and the client that they make."""

from __future__ import annotations

import inspect
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, TypeVar

import typer

from cxport.cli.exit_codes import ExitCode
from cxport.cli.stop import Stop

if TYPE_CHECKING:
    from cxport.client import Client, ClientError, ClientSecret

P = ParamSpec("P")
T = TypeVar("T")

#: The values of the options by which a service is reached, as they were given.
Options = Mapping[str, str]

_DEFAULT_URL = "http://127.0.0.1:8080"
_PANEL = "Service"
_READ_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_CODES = {400: ExitCode.USAGE, 401: ExitCode.REFUSED, 403: ExitCode.REFUSED, 404: ExitCode.REFUSED}


def _option(name: str, metavar: str, text: str) -> inspect.Parameter:
    """Describe one option; each may also stand in a variable or in the profile."""
    variable = f"CXPORT_{name.upper()}"
    option = typer.Option(
        f"--{name.replace('_', '-')}", metavar=metavar, help=f"{text} ({variable})."
    )
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default="",
        annotation=Annotated[str, option],
    )


_OPTIONS = (
    _option("url", "URL", f"The service, else {_DEFAULT_URL}"),
    _option("api_key", "KEY", "The tenant's API key"),
    _option("client_id", "ID", "Sign in as this client"),
    _option("client_secret", "SECRET", "The client's secret; better in the variable"),
    _option("profile", "FILE", "JSON as printed by `cxport init --json`, and perhaps url"),
    _option("ca_file", "FILE", "Certificates (PEM) that vouch for the service's TLS"),
)


def with_options(command: Callable[Concatenate[Options, P], T]) -> Callable[..., T]:
    """Give a command the options by which a service is reached; it is handed their values."""
    own = list(inspect.signature(command).parameters.values())[1:]
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + list(_OPTIONS)

    call: Callable[..., T] = command

    def run(**given: Any) -> T:
        options = {option.name: given.pop(option.name) for option in _OPTIONS}
        return call(options, **given)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # PEP 362
    return run


def with_client(command: Callable[Concatenate[Client, P], None]) -> Callable[..., None]:
    """Give a command the options by which a service is reached; it is handed the client."""

    @wraps(command)
    def run(options: Options, /, *args: P.args, **given: P.kwargs) -> None:
        with connected(options) as client:
            command(client, *args, **given)

    return with_options(run)


@contextmanager
def connected(options: Options) -> Iterator[Client]:
    """Make the client that the options, the profile and the variables describe, in this order.

    Whatever the service refuses meanwhile ends the command with a line and a hint.
    """
    from cxport.client import Client

    given = _gather(options)
    credentials = _credentials(given)
    with (
        refused_as_stop(),
        Client(
            given.get("url") or _DEFAULT_URL,
            api_key=given.get("api_key", ""),
            credentials=credentials,
            ca_file=Path(given["ca_file"]) if given.get("ca_file") else None,
        ) as client,
    ):
        yield client


@contextmanager
def refused_as_stop() -> Iterator[None]:
    """End the command where the service refuses or cannot be reached."""
    from cxport.client import ClientError

    try:
        yield
    except ClientError as error:
        raise _stopped_by(error) from None


def _gather(options: Options) -> dict[str, str]:
    names = [option.name for option in _OPTIONS]
    variables = {name: os.environ.get(f"CXPORT_{name.upper()}", "") for name in names}
    profile = options["profile"] or variables["profile"]
    found = {**variables, **(_read_profile(Path(profile)) if profile else {})}
    return {**found, **{name: value for name, value in options.items() if value}}


def _read_profile(path: Path) -> dict[str, str]:
    """Read a profile; one that others can read is refused, as a private key would be."""
    try:
        mode = path.stat().st_mode
        found = dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        raise Stop(
            f"the profile {path} cannot be read as JSON",
            hint="cxport init --json and cxport tenant create --json print one",
            code=ExitCode.USAGE,
        ) from None
    if mode & _READ_BY_OTHERS:
        raise Stop(
            f"the profile {path} can be read by others",
            hint=f"chmod 600 {path}",
            code=ExitCode.USAGE,
        )
    return {str(k): v for k, v in found.items() if isinstance(v, str)}


def _credentials(given: Mapping[str, str]) -> ClientSecret:
    from cxport.client import ClientSecret

    if given.get("client_id") and given.get("client_secret"):
        return ClientSecret(given["client_id"], given["client_secret"])
    raise Stop(
        "no credentials: who signs in?",
        hint="give --profile FILE, or CXPORT_CLIENT_ID and CXPORT_CLIENT_SECRET",
        code=ExitCode.USAGE,
    )


def _stopped_by(error: ClientError) -> Stop:
    """Say how a refusal of the service ends a command."""
    from cxport.client import DownloadRefused, StillRunning

    if isinstance(error, StillRunning):
        return Stop(error.message, code=ExitCode.STILL_RUNNING)
    if isinstance(error, DownloadRefused):
        return Stop(error.message, hint="nothing was kept", code=ExitCode.DAMAGED)
    return Stop(error.message, hint=_hint(error), code=_code(error))


def _code(error: ClientError) -> ExitCode:
    if error.transient:
        return ExitCode.UNREACHABLE
    return _CODES.get(error.status, ExitCode.FAILED)


def _hint(error: ClientError) -> str:
    if error.status == 0:
        return "is the service running, and is --url (CXPORT_URL) right?"
    if error.status == 401:  # noqa: PLR2004 - the status itself
        return "check API key, client id and client secret"
    expected = error.detail.get("expected")
    return f"it takes {expected}" if expected else ""
