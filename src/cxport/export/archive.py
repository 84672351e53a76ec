"""One sealed archive as it is written: zip, seal, and the exact count of what it will weigh."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from cxport.domain.sealing import Profile
from cxport.sealing.archive import ZipEncoder
from cxport.sealing.certificate import Recipient
from cxport.sealing.cms import new_sealer


class SealedArchive:
    """Turns members into sealed bytes.

    Every method that writes yields sealed bytes, to be stored in that order. `fits` never says
    yes where the finished file could be larger than `limit_bytes`.
    """

    def __init__(
        self,
        *,
        profile: Profile,
        recipients: tuple[Recipient, ...],
        limit_bytes: int,
        modified: datetime,
    ) -> None:
        self._zip = ZipEncoder(modified=modified)
        self._sealer = new_sealer(profile, recipients)
        self._zip_digest = hashlib.sha256()
        self._digest = hashlib.sha256()
        self._limit = limit_bytes
        self._member = ""
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        """The SHA-256 of the sealed bytes so far, in hex."""
        return self._digest.hexdigest()

    @property
    def zip_sha256(self) -> str:
        """The SHA-256 of the zip so far, in hex."""
        return self._zip_digest.hexdigest()

    def fits(self, name: str, raw_bytes: int) -> bool:
        """Tell whether so many bytes more in a member fit for certain, however they compress.

        Sealed with all that has to follow, whichever member is the open one now.
        """
        if name == self._member:
            rest = self._zip.bound(raw_bytes)
        else:
            rest = self._zip.bound() + self._zip.member_bound(name, raw_bytes)
        return self._sealer.bound(rest) <= self._limit

    def member(self, name: str) -> Iterator[bytes]:
        """Begin a member, ending the one before, unless it is the one that is being written."""
        if name != self._member:
            yield from self._end_member()
            self._member = name
            yield from self._sealed(self._zip.begin(name))

    def write(self, data: bytes, deflated: bytes | None = None) -> Iterator[bytes]:
        """Write to the member that was begun; `deflated` as ZipEncoder.write_deflated takes it."""
        if deflated is None:
            yield from self._sealed(self._zip.write(data))
        else:
            yield from self._sealed(self._zip.write_deflated(data, deflated))

    def flush(self) -> Iterator[bytes]:
        """Make the count exact: nothing waits in the compressor afterwards."""
        if self._member:
            yield from self._sealed(self._zip.flush())

    def finish(self) -> Iterator[bytes]:
        """End the archive; nothing may be written afterwards."""
        yield from self._end_member()
        yield from self._sealed(self._zip.finish())
        yield from self._counted(self._sealer.finalize())

    def _end_member(self) -> Iterator[bytes]:
        if self._member:
            self._member = ""
            yield from self._sealed(self._zip.end())

    def _sealed(self, data: bytes) -> Iterator[bytes]:
        if data:
            self._zip_digest.update(data)
            yield from self._counted(self._sealer.update(data))

    def _counted(self, sealed: bytes) -> Iterator[bytes]:
        if sealed:
            self._digest.update(sealed)
            self.size_bytes += len(sealed)
            yield sealed
