"""One part: the rows of its slices as one sealed archive, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from cxport.domain.catalogue import ATTACHMENT_FIELDS, Field
from cxport.domain.run import Counts
from cxport.domain.sealing import MAX_SEALED_BYTES
from cxport.domain.selection import Content, Key, Slice, continue_after
from cxport.export.ahead import ahead
from cxport.export.archive import SealedArchive
from cxport.export.batches import Batch, batches
from cxport.export.members import MemberNames
from cxport.export.stopwatch import Stopwatch
from cxport.export.task import ExportPart
from cxport.formats.attachments import AttachmentEncoder
from cxport.formats.csv import CsvEncoder
from cxport.formats.errors import error_line
from cxport.formats.schema import attachment_schema, entity_schema, schema_json
from cxport.sealing.certificate import Recipient
from cxport.sources.base import Attachment, Reader

#: Above this an attachment could pass MAX_SEALED_BYTES: its base64 compresses to about its own
#: size, which the text form of S/MIME makes 1.37 times as large.
_LARGEST_ATTACHMENT_BYTES = int(MAX_SEALED_BYTES / 1.45)

#: Room for the keys of an attachment line beside its content.
_ATTACHMENT_HEAD_BYTES = 16_384

_TOO_LARGE = "larger than a sealed file may be"
_NO_TIME = "its time is null, so no period holds it"
_NO_CONTENT = "the source holds no content for it"
_OTHER_SIZE = "its content is not as long as the source says"

#: Rows that are named in the warnings of one part; further ones are counted.
_WARNINGS_NAMED = 1000


class UnnumberedOverflow(Exception):
    """A run that was to be one file needs more than one."""


class PartExport:
    """Iterating yields the sealed bytes of a part; afterwards its results can be read.

    `watch` is called often, with the number of rows read so far; it may raise to stop the part.
    `alone` tells that no other reader works meanwhile: rows are then read ahead in a thread, as
    a core is free for it. The part ends before it would pass its size limit and leaves a
    `remainder`; one that carries no number raises UnnumberedOverflow instead. A row that alone
    passes the limit gets the archive for itself, and a warning.
    """

    def __init__(
        self,
        task: ExportPart,
        reader: Reader,
        recipients: tuple[Recipient, ...],
        watch: Callable[[int], None],
        *,
        alone: bool = False,
    ) -> None:
        self._task = task
        self._reader = reader
        self._watch = watch
        self._alone = alone
        self._names = MemberNames(
            run_id=task.run_id, number=task.part.number if task.numbered else None
        )
        self.archive = SealedArchive(
            profile=task.profile,
            recipients=recipients,
            limit_bytes=task.split_bytes,
            modified=task.made_at,
        )
        #: How long the source was waited for.
        self.reading = Stopwatch()
        #: Lines of records and attachments by member.
        self.rows: dict[str, int] = {}
        self.remainder: tuple[Slice, ...] = ()
        self._schemas: set[str] = set()
        self._attachment_lines = AttachmentEncoder()
        # lines of members that wait until the members before them are written
        self._errors, self._warnings = _HeldLines(), _HeldLines()
        self._exported = self._skipped = self._warning_count = 0
        # gives the key that was written last, which is asked for only where a part ends early
        self._last: Callable[[], tuple[Key, Key | None]] | None = None
        self._full = False

    @property
    def counts(self) -> Counts:
        """What was selected, exported and skipped so far."""
        return Counts(
            selected=self._exported + self._skipped,
            exported=self._exported,
            skipped=self._skipped,
            warnings=self._warning_count,
        )

    def __iter__(self) -> Iterator[bytes]:
        """Yield the sealed archive."""
        for index, piece in enumerate(self._task.part.slices):
            self._last = None
            yield from self._slice(piece)
            if self._full:
                self._end_early(index, piece)
                break
        yield from self._write(self._names.errors, self._errors)
        yield from self._write(self._names.warnings, self._warnings)
        yield from self.archive.finish()
        self._warning_count += self.archive.size_bytes > self._task.split_bytes

    def _end_early(self, index: int, piece: Slice) -> None:
        if not self._task.numbered:
            raise UnnumberedOverflow
        rest = continue_after(piece, *self._last()) if self._last else piece
        self.remainder = self._task.part.remainder(index, rest)

    def _ended_with(self, key: Key, attachment: Key | None = None) -> None:
        self._last = lambda: (key, attachment)

    def _slice(self, piece: Slice) -> Iterator[bytes]:
        match piece.content:
            case Content.RECORDS:
                return self._records(piece)
            case Content.ATTACHMENTS:
                return self._attachments(piece)
            case Content.UNDATED:
                return self._undated(piece)

    def _records(self, piece: Slice) -> Iterator[bytes]:
        stream = self._reader.read(self._task.selection, piece)
        csv = self._csv(stream.fields)
        if csv and piece.after is None:
            # a table without a row still has its file
            yield from self._header(piece, csv)
        found = batches(stream, csv)
        with closing(ahead(found) if self._alone else found) as found:
            for batch in self.reading.over(found):
                if not self._full:
                    yield from (
                        self._header(piece, csv) if csv else self._schema(piece, stream.fields)
                    )
                if not self._full:
                    yield from self._batch(piece, batch)
                if self._full:
                    return
                self._report()

    def _csv(self, fields: Sequence[Field]) -> CsvEncoder | None:
        if self._task.selection.tables is None:
            return None
        return CsvEncoder(fields, spreadsheet_safe=self._task.spreadsheet_safe)

    def _batch(self, piece: Slice, batch: Batch) -> Iterator[bytes]:
        """Write a batch, or as much of it as fits, which is found by halving it."""
        encoded = batch.encoded
        size = len(encoded.data)
        if not self._fits(piece, size):
            # what waits in the compressor is counted as if it did not compress
            yield from self.archive.flush()
        if self._fits(piece, size) or (len(batch) == 1 and self._empty):
            yield from self._lines(piece, encoded.rows, encoded.data)
            for refused in encoded.refused:
                self._skip(piece, refused.key, refused.reason)
            self._last = lambda: (batch.last, None)
        elif len(batch) == 1:
            self._full = True
        else:
            for half in batch.halves():
                if not self._full:
                    yield from self._batch(piece, half)

    def _attachments(self, piece: Slice) -> Iterator[bytes]:
        found = self._reader.attachments(self._task.selection, piece)
        for attachment in self.reading.over(found):
            yield from self._attachment(piece, attachment)
            if self._full:
                return
            self._ended_with(attachment.key, attachment.own_key)
            self._report()

    def _attachment(self, piece: Slice, attachment: Attachment) -> Iterator[bytes]:
        size = _declared_bytes(attachment)
        if size > _LARGEST_ATTACHMENT_BYTES:
            self._skip(piece, attachment.own_key, _TOO_LARGE)
            return
        needed = size * 4 // 3 + _ATTACHMENT_HEAD_BYTES
        if not self._fits(piece, needed):
            yield from self.archive.flush()
        if not self._fits(piece, needed) and not self._empty:
            self._full = True
            return
        yield from self._schema(piece, ATTACHMENT_FIELDS)
        content = attachment.content and self.reading.over(attachment.content)
        line = self._attachment_lines.encode(attachment.values, content)
        yield from self.archive.member(self._name(piece))
        for one in line:
            yield from self.archive.write(one.text, one.deflated)
            self._report()
        self._count(piece, 1)
        if attachment.content is None:
            self._warn(piece, attachment.own_key, _NO_CONTENT)
        elif line.differs:
            self._warn(piece, attachment.own_key, _OTHER_SIZE)

    def _undated(self, piece: Slice) -> Iterator[bytes]:
        """Name rows in the errors member; slices of this kind are the last of a part."""
        for key in self.reading.over(self._reader.undated(self._task.selection, piece)):
            if not self._fits(piece, _LINE_BYTES) and not self._empty:
                self._full = True
                return
            self._skip(piece, key, _NO_TIME)
            self._ended_with(key)
            if self._errors.bytes >= _ERRORS_HELD_BYTES:
                yield from self._write(self._names.errors, self._errors)
                yield from self.archive.flush()
                self._report()

    def _schema(self, piece: Slice, fields: Sequence[Field]) -> Iterator[bytes]:
        """Write the schema of a member before its first line."""
        name = self._names.schema(piece.entity, piece.content)
        if name in self._schemas:
            return
        self._schemas.add(name)
        records = piece.content is Content.RECORDS
        schema = entity_schema(piece.entity, fields) if records else attachment_schema()
        yield from self.archive.member(name)
        yield from self.archive.write(schema_json(schema))

    def _header(self, piece: Slice, csv: CsvEncoder) -> Iterator[bytes]:
        """Begin the CSV of a table with its header, where it fits."""
        name, header = self._name(piece), csv.header()
        if name in self.rows:
            return
        if not self._fits(piece, len(header)):
            yield from self.archive.flush()
        if not self._fits(piece, len(header)) and not self._empty:
            self._full = True
            return
        self.rows[name] = 0
        yield from self.archive.member(name)
        yield from self.archive.write(header)

    def _lines(self, piece: Slice, rows: int, data: bytes) -> Iterator[bytes]:
        yield from self.archive.member(self._name(piece))
        yield from self.archive.write(data)
        self._count(piece, rows)

    def _count(self, piece: Slice, rows: int) -> None:
        if rows:
            name = self._name(piece)
            self.rows[name] = self.rows.get(name, 0) + rows
            self._exported += rows

    def _skip(self, piece: Slice, key: Key, reason: str) -> None:
        self._errors.add(error_line(piece.entity, key, reason))
        self._skipped += 1

    def _warn(self, piece: Slice, key: Key, reason: str) -> None:
        """Remember a row that was exported, but is not as it should be."""
        self._warning_count += 1
        if self._warning_count <= _WARNINGS_NAMED:
            self._warnings.add(error_line(piece.entity, key, reason))

    def _write(self, name: str, held: _HeldLines) -> Iterator[bytes]:
        if held.bytes:
            yield from self.archive.member(name)
            yield from self.archive.write(held.take())

    @property
    def _empty(self) -> bool:
        return not self._exported and not self._skipped

    def _fits(self, piece: Slice, raw_bytes: int) -> bool:
        """Tell whether so much fits, with the lines of errors and warnings that still wait."""
        waiting = self._errors.bytes + self._warnings.bytes + 2 * _MEMBER_BYTES
        return self.archive.fits(self._name(piece), raw_bytes + waiting)

    def _name(self, piece: Slice) -> str:
        if piece.content is Content.UNDATED:
            return self._names.errors
        if self._task.selection.tables is not None:
            return self._names.table(piece.entity)
        return self._names.lines(piece.entity, piece.content)

    def _report(self) -> None:
        self._watch(self._exported + self._skipped)


class _HeldLines:
    """Lines that wait, and how many bytes they have."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self.bytes = 0

    def add(self, line: bytes) -> None:
        self._lines.append(line)
        self.bytes += len(line)

    def take(self) -> bytes:
        """Give them all, and hold none any more."""
        taken = b"".join(self._lines)
        self._lines, self.bytes = [], 0
        return taken


#: More than a line of the errors member takes, and more than its headers.
_LINE_BYTES = 1024
_MEMBER_BYTES = 1024
_ERRORS_HELD_BYTES = 64 * 1024


def _declared_bytes(attachment: Attachment) -> int:
    size = attachment.values[_SIZE]
    return size if isinstance(size, int) else 0


_SIZE = next(i for i, field in enumerate(ATTACHMENT_FIELDS) if field.name == "size")
