"""Every error this project raises on purpose.

The tree; the first sentence of each class is its message where none is given::

    CxportError
    ├── RequestError                 the caller can put it right
    │   ├── InvalidInput             400  names the field and what it would take
    │   │   └── CertificateRefused   400
    │   ├── NotAuthenticated         401
    │   │   ├── ClientRefused        the program that asks for a token
    │   │   └── GrantRefused         what it asks a token for: password, refresh token
    │   ├── NotAllowed               403
    │   │   └── UnderHold            says for which reason nothing may be deleted
    │   ├── NotFound                 404
    │   ├── WrongState               400  names the state it is in
    │   ├── TooLarge                 413
    │   └── LimitReached             429  says when to come again
    ├── SourceError                  the source database
    │   ├── SourceUnreachable        transient
    │   ├── SourceRefused            wrong user or password, or no right to read
    │   ├── MappingMismatch          names the tables and columns that are missing
    │   └── SnapshotGone             another connection's snapshot has ended
    ├── StorageError                 where artifacts are kept
    │   ├── StorageUnavailable       transient
    │   ├── StorageFull
    │   └── ObjectMissing
    ├── OpenRefused                  a sealed file that must not be opened as it is
    │   ├── NotForThisKey
    │   └── Damaged
    ├── RunFailed                    a run that ends, with its reason
    │   ├── RunCancelled
    │   ├── ExportFailed             what the exporting process said; transient or not
    │   ├── WorkerLost               transient
    │   └── LostRun                  whoever gets it stops and writes nothing more
    ├── StoreUnavailable             the store's database; transient
    ├── ProviderUnavailable          an identity provider; transient
    └── SetupError                   configuration or installation

A message never holds a secret, a path of the server, a DSN or personal data. It is in English;
`said` is how it can be told in another language.
"""

from __future__ import annotations

import inspect
from typing import Self

from cxport.domain.said import Said, as_said


class CxportError(Exception):
    """Something went wrong."""

    #: Whether the same act may succeed when it is tried again.
    transient = False

    def __init__(self, message: Said | None = None) -> None:
        self.said = message or Said(first_sentence(type(self)))
        self.message = self.said
        super().__init__(self.message)


def first_sentence(error: type[CxportError]) -> str:
    """Give what an error says where it was given nothing to say."""
    return str(inspect.getdoc(error)).partition("\n")[0]


class RequestError(CxportError):
    """The request cannot be served."""

    def detail(self) -> dict[str, object]:
        """Give what a program can read: `field`, `expected` and the like."""
        return {}


class InvalidInput(RequestError):
    """The request is not valid."""

    def __init__(self, field: str, message: Said, expected: str = "") -> None:
        self.field = field
        self.expected = expected
        super().__init__(message)

    @classmethod
    def at(cls, field: str, message: Said, expected: str = "") -> Self:
        """Make one whose message begins with its field; what is `said` does not."""
        made = cls(field, message, expected)
        made.message = Said("{field}: {said}", field=field, said=message)
        made.args = (made.message,)
        return made

    def detail(self) -> dict[str, object]:
        """Name the field and, where it can be said, what it would take."""
        found: dict[str, object] = {"field": self.field}
        return {**found, "expected": self.expected} if self.expected else found


class CertificateRefused(InvalidInput):
    """The certificate cannot be used."""

    def __init__(self, message: Said) -> None:
        super().__init__(
            "file",
            message,
            Said("an X.509 certificate, PEM or DER, RSA with 2048 bits or more, valid today"),
        )


class NotAuthenticated(RequestError):
    """Sign in first: the key or token is missing, unknown or no longer valid."""


class ClientRefused(NotAuthenticated):
    """The client is unknown or its secret is wrong."""


class GrantRefused(NotAuthenticated):
    """The user name, password or refresh token is not valid."""


class NotAllowed(RequestError):
    """The caller's roles do not allow this."""

    #: Whose act it was that was refused, in which tenant, and which: what goes on record.
    refused: tuple[str, str, str] | None = None

    def of(self, tenant_id: str, actor: str, act: str) -> Self:
        """Say what was refused."""
        self.refused = (tenant_id, actor, act)
        return self


class UnderHold(NotAllowed):
    """Under legal hold: release it first."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(Said("under legal hold: {reason}", reason=reason))

    def detail(self) -> dict[str, object]:
        """Give the reason of the hold."""
        return {"hold": self.reason}


class NotFound(RequestError):
    """Not found."""


class WrongState(RequestError):
    """Not possible in the state it is in."""

    def __init__(self, message: Said, state: str) -> None:
        self.state = state
        super().__init__(message)

    def detail(self) -> dict[str, object]:
        """Name the state that stands in the way."""
        return {"state": self.state}


class TooLarge(RequestError):
    """The request body is too large."""


class LimitReached(RequestError):
    """Too many requests: try again later."""

    def __init__(self, message: Said, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)

    def detail(self) -> dict[str, object]:
        """Say when to come again."""
        return {"retryAfter": self.retry_after_seconds}


class SourceError(CxportError):
    """The source database could not be read."""


class SourceUnreachable(SourceError):
    """The source database does not answer."""

    transient = True


class SourceRefused(SourceError):
    """The source database refuses the user, the password or the right to read."""


class MappingMismatch(SourceError):
    """The mapping and the database do not fit together."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        self.missing = missing
        named = ", ".join(missing)
        super().__init__(
            Said("the database lacks what the mapping names: {missing}", missing=named)
        )


class SnapshotGone(SourceError):
    """The snapshot that was to be shared has ended."""


class StorageError(CxportError):
    """The storage of artifacts failed."""


class StorageUnavailable(StorageError):
    """The storage of artifacts does not answer."""

    transient = True


class StorageFull(StorageError):
    """The storage of artifacts is full."""


class ObjectMissing(StorageError):
    """The object is not in the storage."""


class OpenRefused(CxportError):
    """The file is refused: nothing was written."""

    def __init__(self, message: str = "") -> None:
        super().__init__(as_said(message) if message else None)


class NotForThisKey(OpenRefused):
    """The file was not sealed to this key: nothing was written."""


class Damaged(OpenRefused):
    """The file is damaged or was changed: nothing was written."""


class RunFailed(CxportError):
    """The run failed."""


class RunCancelled(RunFailed):
    """The run was cancelled."""


class ExportFailed(RunFailed):
    """The export of a part failed; `cause` names the error that the exporting process met."""

    def __init__(self, message: Said, *, transient: bool, cause: str = "") -> None:
        super().__init__(message)
        self.transient = transient
        self.cause = cause


class WorkerLost(RunFailed):
    """The process that exported this part ended before it was done."""

    transient = True


class LostRun(RunFailed):
    """Another worker has taken over this run."""


class StoreUnavailable(CxportError):
    """The store does not answer."""

    transient = True


class ProviderUnavailable(CxportError):
    """The identity provider does not answer."""

    transient = True


class SetupError(CxportError):
    """The installation is not set up correctly."""

    def __init__(self, message: str = "") -> None:
        super().__init__(as_said(message) if message else None)
