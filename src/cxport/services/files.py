"""Finished files: list them, delete them, and let one be downloaded by a link."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from cxport.blobs.base import Blobs, Signer
from cxport.domain.access import Action
from cxport.domain.artifact import Artifact, StoredManifest, manifest_name
from cxport.domain.audit import LINK, Act
from cxport.domain.errors import InvalidInput, NotFound, ObjectMissing, StorageError
from cxport.domain.listing import Page, Query
from cxport.domain.run import Run
from cxport.domain.said import Said
from cxport.domain.tenant import Caller
from cxport.services.access import only_visible, require, require_visible
from cxport.services.audit import Audit
from cxport.services.jobs import JobState, job_or_run
from cxport.services.links import LIFETIME, Links
from cxport.services.removal import check_free, each
from cxport.services.settings import ServiceSettings
from cxport.store import files, runs
from cxport.store.database import Database

#: Names that one call gives links for at most, and how long those live.
MOST_LINKS = 100
BULK_LIFETIME = timedelta(minutes=15)

#: What our own file names are made of; other names are not looked up.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


class FilesMissing(NotFound):
    """Some of the files are not there."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__()


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file that a link opens; `read` yields the bytes `start <= n < end`, in chunks."""

    name: str
    size_bytes: int
    #: Changes with every byte of the content.
    sha256: str
    created_at: datetime
    read: Callable[[int, int], Iterator[bytes]]


class Files:
    """What a caller may ask about files, and what the holder of a link gets."""

    def __init__(  # noqa: PLR0913, PLR0917 - what files are found, kept and linked by
        self,
        db: Database,
        blobs: Blobs,
        links: Links,
        settings: ServiceSettings,
        clock: Callable[[], datetime],
        audit: Audit,
        *,
        signer: Signer | None = None,
    ) -> None:
        self._db = db
        self._audit = audit
        self._blobs = blobs
        self._signer = signer
        self._links = links
        self._settings = settings
        self._clock = clock

    def page(self, caller: Caller, query: Query) -> Page[Artifact]:
        """List files that have not expired; manifests are not listed."""
        require(caller, Action.FILE_READ)
        query = replace(query, limit=min(query.limit, self._settings.page_cap))
        return files.page(self._db, caller.tenant_id, only_visible(caller, query), self._clock())

    def link(self, caller: Caller, name: str) -> str:
        """Give an absolute link to a file or manifest that lives for a minute.

        It is ours, or the storage's where the installation is set so. NotFound for a name that is
        unknown, expired, another tenant's or not for these roles.
        """
        require(caller, Action.FILE_DOWNLOAD)
        found = self._find(caller.tenant_id, name)
        require_visible(caller, self._family(found))
        return self._minted(caller, found, LIFETIME)

    def manifest(self, caller: Caller, item_id: int) -> StoredManifest:
        """Give a run's manifest as it was signed; by its job's id, that of the newest run.

        NotFound as above, and where the run has made none.
        """
        require(caller, Action.FILE_DOWNLOAD)
        found = job_or_run(self._db, caller, item_id)
        run = found.run if isinstance(found, JobState) else found
        if run is None or not run.archive_id:
            raise NotFound
        manifest = files.manifest(self._db, caller.tenant_id, manifest_name(run.archive_id))
        with self._audit.act(caller, Act.FILE_DOWNLOAD, manifest.name):
            return manifest

    def links(self, caller: Caller, names: Sequence[str]) -> tuple[str, ...]:
        """Give links to several files, in the order of the names, that live for BULK_LIFETIME.

        Raises InvalidInput for no name or more than MOST_LINKS, FilesMissing for any that `link`
        would not find: then there is no link at all.
        """
        require(caller, Action.FILE_DOWNLOAD)
        if not 0 < len(names) <= MOST_LINKS:
            raise InvalidInput.at(
                "filename",
                Said("none, or too many"),
                Said("1 to {most_links} names", most_links=MOST_LINKS),
            )
        found = [self._shown(caller, name) for name in names]
        missing = tuple(name for name, one in zip(names, found, strict=True) if one is None)
        if missing:
            raise FilesMissing(missing)
        return tuple(self._minted(caller, one, BULK_LIFETIME) for one in found if one is not None)

    def delete(self, caller: Caller, name: str) -> None:
        """Delete a file or manifest, from storage too; one that is gone already is no error.

        Raises UnderHold.
        """
        require(caller, Action.FILE_DELETE)
        self._delete(caller, name)

    def delete_all(self, caller: Caller, names: Sequence[str]) -> tuple[str, ...]:
        """Delete every file that can be deleted, and give the names of those that were not."""
        require(caller, Action.FILE_DELETE)
        return each(names, lambda name: self._delete(caller, name))

    def _delete(self, caller: Caller, name: str) -> None:
        if not _NAME.fullmatch(name):
            return
        found = files.find(self._db, caller.tenant_id, name)
        try:
            run = self._run(found or self._find(caller.tenant_id, name))
            require_visible(caller, run.spec.family)
        except NotFound:
            return
        check_free(run)
        if found:
            self._blobs.delete(found.object_key)
        with self._audit.act(caller, Act.FILE_DELETE, name):
            files.delete(self._db, caller.tenant_id, name)

    def _shown(self, caller: Caller, name: str) -> Artifact | StoredManifest | None:
        try:
            found = self._find(caller.tenant_id, name)
            require_visible(caller, self._family(found))
        except NotFound:
            return None
        return found

    def _minted(self, caller: Caller, found: Artifact | StoredManifest, lifetime: timedelta) -> str:
        with self._audit.act(caller, Act.FILE_DOWNLOAD, found.name):
            return self._link(found, lifetime)

    def _link(self, found: Artifact | StoredManifest, lifetime: timedelta) -> str:
        """Give a link of ours, or of the storage where that is wished and holds the file."""
        if self._signer is None or isinstance(found, StoredManifest):
            return self._links.mint(found.tenant_id, found.name, lifetime)
        now = self._clock()
        left = min(lifetime, found.expires_at - now)
        return self._signer.link(found.object_key, found.name, left, now)

    def open(self, token: str, name: str) -> Download:
        """Give what a link opens, or raise NotFound: a link dies with its file.

        Each reading is put on record, before its first byte.
        """
        tenant_id = self._links.tenant(token, name)
        found = self._find(tenant_id, name)
        opened = self._manifest(found) if isinstance(found, StoredManifest) else self._file(found)

        def read(start: int, end: int) -> Iterator[bytes]:
            chunks = opened.read(start, end)
            with self._audit.by(tenant_id, LINK, Act.LINK_FOLLOW, found.name):
                return chunks

        return replace(opened, read=read)

    def _file(self, found: Artifact) -> Download:
        return Download(
            name=found.name,
            size_bytes=found.size_bytes,
            sha256=found.sha256,
            created_at=found.created_at,
            read=lambda start, end: self._read(found.object_key, start, end),
        )

    def _find(self, tenant_id: str, name: str) -> Artifact | StoredManifest:
        if not _NAME.fullmatch(name):
            raise NotFound
        if name.endswith(".manifest.json"):
            return files.manifest(self._db, tenant_id, name)
        return files.get(self._db, tenant_id, name, self._clock())

    def _family(self, found: Artifact | StoredManifest) -> str:
        return self._run(found).spec.family if isinstance(found, StoredManifest) else found.family

    def _run(self, found: Artifact | StoredManifest) -> Run:
        return runs.get(self._db, found.tenant_id, found.run_id)

    def _manifest(self, found: StoredManifest) -> Download:
        run = self._run(found)
        return Download(
            name=found.name,
            size_bytes=len(found.content),
            sha256=hashlib.sha256(found.content).hexdigest(),
            created_at=run.ended_at or run.created_at,
            read=lambda start, end: iter((found.content[start:end],)),
        )

    def _read(self, object_key: str, start: int, end: int) -> Iterator[bytes]:
        """Begin to read at once, so that a missing object is told before the first byte."""
        try:
            chunks = self._blobs.read(object_key, start, end)
            first = next(chunks, b"")
        except ObjectMissing as error:
            raise NotFound from error
        return _whole(chain((first,), chunks), end - start)


def _whole(chunks: Iterator[bytes], size_bytes: int) -> Iterator[bytes]:
    """Pass chunks on, and end with StorageError where they are fewer bytes than promised."""
    for chunk in chunks:
        size_bytes -= len(chunk)
        yield chunk
    if size_bytes:
        raise StorageError(Said("the stored object has not the size that it was stored with"))
