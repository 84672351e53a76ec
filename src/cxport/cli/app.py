"""Every command in one place, and how each of them ends."""

from __future__ import annotations

import typer

from cxport.cli import (
    audit,
    certificate,
    demo,
    file,
    job,
    key,
    opening,
    runs,
    sample,
    service,
    source,
    tenant,
    upgrade,
    version,
    webhook,
)
from cxport.cli.exit_codes import ExitCode
from cxport.cli.output import note
from cxport.cli.stop import Stop, stopped_by
from cxport.domain.errors import CxportError

app = typer.Typer(
    name="cxport",
    help="Get contact-centre data out: complete, on time, sealed to your certificate.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.run_demo)
app.command("init")(service.init)
app.command("serve")(service.serve)
app.command("worker")(service.worker)
app.command("upgrade")(upgrade.upgrade)
app.add_typer(source.app, name="source")
app.command("sample")(sample.sample)
app.add_typer(tenant.app, name="tenant")
app.add_typer(key.app, name="key")
app.add_typer(audit.app, name="audit")
app.add_typer(webhook.app, name="webhook")
app.add_typer(certificate.app, name="cert")
app.add_typer(job.app, name="job")
app.add_typer(runs.app, name="run")
app.add_typer(file.app, name="file")
app.command("open")(opening.open_files)
app.command("verify")(opening.verify)
app.command("version")(version.version)


def run(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code; whatever stops it is one line, and a hint."""
    try:
        code = app(arguments, prog_name="cxport", standalone_mode=False)
    except typer.TyperException as error:
        return _ended(_misused(error))
    except (typer.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except Stop as stop:
        return _ended(stop)
    except CxportError as error:
        return _ended(stopped_by(error))
    except OSError as error:
        return _ended(_system(error))
    return code if isinstance(code, int) else ExitCode.OK


def _ended(stop: Stop) -> ExitCode:
    note(f"error: {stop.message}")
    if stop.hint:
        note(f"hint: {stop.hint}")
    return stop.code


def _misused(error: typer.TyperException) -> Stop:
    """Turn a mistake in the options into our form of it."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "cxport"
    text = error.format_message().rstrip(".")
    return Stop(
        text[:1].lower() + text[1:], hint=f"{command} --help", code=ExitCode(error.exit_code)
    )


def _system(error: OSError) -> Stop:
    """Name what the system refused and why; the file is one that the user named."""
    where = f"{error.filename}: " if error.filename else ""
    return Stop(f"{where}{(error.strerror or str(error)).lower()}")
