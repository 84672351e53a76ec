"""The options by which a command finds its installation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxport.cli.output import note

if TYPE_CHECKING:
    from cxport.bootstrap import Installation
    from cxport.config import Settings

#: The option of every command that administers an installation.
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Folder of the installation (CXPORT_DATA, else cxport-data).",
    ),
]

TenantName = Annotated[
    str, typer.Option("--tenant", metavar="NAME", help="The tenant it belongs to.")
]


def load_settings(data: Path | None, **options: Any) -> Settings:
    """Read the settings, options first; name variables that look like settings and are none."""
    from cxport import config

    for name in config.warn_unknown(dict(os.environ)):
        note(f"warning: the variable {name} is no setting of cxport")
    return config.load(data=data, **options)


@contextmanager
def installation(data: Path | None) -> Iterator[Installation]:
    """Open the installation that a command administers; it may be running meanwhile."""
    from cxport.bootstrap import open_installation

    with open_installation(load_settings(data)) as opened:
        yield opened
