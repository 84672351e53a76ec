"""What the exit code of a command says; scripts may rely on it."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `cxport`; where several files end differently, the worst is given."""

    OK = 0
    """Everything was done."""
    FAILED = 1
    """It could not be done; the message says why."""
    USAGE = 2
    """The command or the request is not valid as it was given."""
    DAMAGED = 3
    """A file is damaged, was changed, or is not for this key: nothing of it was written."""
    NOT_VERIFIED = 4
    """The file was opened, but there was no manifest or digest to check it against."""
    REFUSED = 5
    """Not found, not allowed, or not signed in."""
    UNREACHABLE = 6
    """The service, source or storage does not answer: the same may succeed later."""
    RUN_FAILED = 7
    """The run that was waited for failed or was cancelled."""
    STILL_RUNNING = 8
    """The run that was waited for has not ended in the time given."""
    INTERRUPTED = 130
    """Ended by Ctrl-C."""


#: From harmless to grave, for commands that do several things.
_GRAVITY = (
    ExitCode.OK,
    ExitCode.NOT_VERIFIED,
    ExitCode.STILL_RUNNING,
    ExitCode.UNREACHABLE,
    ExitCode.REFUSED,
    ExitCode.RUN_FAILED,
    ExitCode.FAILED,
    ExitCode.USAGE,
    ExitCode.DAMAGED,
    ExitCode.INTERRUPTED,
)


def worst(*codes: ExitCode) -> ExitCode:
    """Give the gravest of several codes; OK where there are none."""
    return max(codes, key=_GRAVITY.index, default=ExitCode.OK)
