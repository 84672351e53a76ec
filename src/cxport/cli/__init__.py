"""The command line: `cxport --help`. Each module is one group of commands.

Nothing heavy is imported before a command needs it, so that help and mistakes answer at once.
"""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit; the codes are those of `cxport.cli.exit_codes.ExitCode`."""
    from cxport.cli.app import run

    sys.exit(run(arguments))
