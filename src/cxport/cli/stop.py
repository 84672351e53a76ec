"""How a command ends early, and what each of our errors ends it with."""

from __future__ import annotations

from cxport.cli.exit_codes import ExitCode
from cxport.domain import errors


class Stop(Exception):
    """The command cannot go on: one line that says why, a hint, and an exit code."""

    def __init__(self, message: str, *, hint: str = "", code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


#: The first that fits counts.
_CODES: tuple[tuple[type[errors.CxportError], ExitCode], ...] = (
    (errors.InvalidInput, ExitCode.USAGE),
    (errors.NotAuthenticated, ExitCode.REFUSED),
    (errors.NotAllowed, ExitCode.REFUSED),
    (errors.NotFound, ExitCode.REFUSED),
    (errors.OpenRefused, ExitCode.DAMAGED),
    (errors.SourceUnreachable, ExitCode.UNREACHABLE),
    (errors.StorageUnavailable, ExitCode.UNREACHABLE),
)

_HINTS: tuple[tuple[type[errors.CxportError], str], ...] = (
    (errors.NotForThisKey, "give the private key of the certificate that was in force then"),
    (errors.Damaged, "download the file again; its manifest tells which bytes it should have"),
    (errors.SourceRefused, "check user, password and the right to read of the source's DSN"),
    (errors.SourceUnreachable, "check host, port and network of the source's DSN"),
    (errors.MappingMismatch, "give a mapping that fits: cxport source add ... --mapping FILE"),
)


def stopped_by(error: errors.CxportError) -> Stop:
    """Say how one of our errors ends a command."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.FAILED)
    hint = next((hint for kind, hint in _HINTS if isinstance(error, kind)), "")
    if isinstance(error, errors.InvalidInput) and error.expected:
        hint = f"it takes {error.expected}"
    return Stop(error.message, hint=hint, code=code)
