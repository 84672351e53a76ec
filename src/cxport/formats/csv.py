"""Rows to CSV (RFC 4180): UTF-8, a header row, CRLF; null is empty, an empty text is `""`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import NoneType

from cxport.domain.catalogue import Field, Kind
from cxport.domain.cell import FORMULA, cell_text, defused
from cxport.formats.jsonl import Encoded, Refusal

#: Kinds whose values are never text, however they are handed over.
_NO_TEXT = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.TIME})

_ONLY_TEXT = frozenset({str})
_TEXT_OR_NULL = frozenset({str, NoneType})


class CsvEncoder:
    """Turns rows into lines; the first value of a row is its key, which is not written itself.

    A value is written exactly: numbers with all their digits, bytes as base64, a text as it is.
    With `spreadsheet_safe` a text (or name of a column) that a spreadsheet could take for a
    formula gets an apostrophe before it. A value of a column of numbers, truths or times never
    does, nor does a number.
    """

    def __init__(self, fields: Sequence[Field], *, spreadsheet_safe: bool = False) -> None:
        self._fields = tuple(fields)[1:]
        self._safe = spreadsheet_safe

    def header(self) -> bytes:
        """Give the line that names the columns."""
        names = [field.name for field in self._fields]
        return _joined([[_quoted(defused(name) if self._safe else name) for name in names]])

    def encode(self, rows: Sequence[tuple[object, ...]]) -> Encoded:
        """Encode a batch; a row with a value that no column of a database holds is refused.

        Raises ValueError for rows of the wrong width.
        """
        try:
            return Encoded(self._lines(rows), len(rows))
        except TypeError:
            return self._one_by_one(rows)

    def _lines(self, rows: Sequence[tuple[object, ...]]) -> bytes:
        if not rows:
            return b""
        columns = iter(zip(*rows, strict=True))
        next(columns, None)
        cells = [
            self._cells(field, values) for field, values in zip(self._fields, columns, strict=True)
        ]
        return _joined(zip(*cells, strict=True))

    def _cells(self, field: Field, values: Sequence[object]) -> Sequence[str]:
        types = set(map(type, values))
        if self._safe and str in types and field.kind not in _NO_TEXT:
            values = _defused_all(values)
        texts: Sequence[str | None]
        if types <= _TEXT_OR_NULL:
            texts = values  # type: ignore[assignment] # told by their types
        else:
            texts = [None if value is None else cell_text(value) for value in values]
        return _quoted_all(texts, nullable=not types <= _ONLY_TEXT)

    def _one_by_one(self, rows: Sequence[tuple[object, ...]]) -> Encoded:
        lines: list[bytes] = []
        refused: list[Refusal] = []
        for row in rows:
            try:
                lines.append(self._lines([row]))
            except TypeError:
                refused.append(Refusal(_key(row[0]), self._reason(row)))
        return Encoded(b"".join(lines), len(lines), tuple(refused))

    def _reason(self, row: tuple[object, ...]) -> str:
        """Name the first field whose value has no text."""
        for field, value in zip(self._fields, row[1:], strict=True):
            try:
                self._cells(field, [value])
            except TypeError:
                return f"{field.name}: a {type(value).__name__} that CSV cannot hold"
        return "CSV cannot hold it"


def _joined(lines: Iterable[Sequence[str]]) -> bytes:
    text = "\r\n".join(map(",".join, lines)) + "\r\n"
    try:
        return text.encode()
    except UnicodeEncodeError:
        # half of a surrogate pair has no bytes in UTF-8
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _quoted_all(texts: Sequence[str | None], *, nullable: bool) -> Sequence[str]:
    """Quote what must be, column by column: in most of them nothing must."""
    whole = "\0".join(filter(None, texts))
    signs = [sign for sign in _SPECIAL if sign in whole]
    if signs == [","]:
        return [
            "" if text is None else f'"{text}"' if "," in text or not text else text
            for text in texts
        ]
    if signs:
        return ["" if text is None else _quoted(text) for text in texts]
    if nullable:
        return ["" if text is None else text or '""' for text in texts]
    return [text or '""' for text in texts]


def _quoted(text: str) -> str:
    """Quote a text where RFC 4180 asks for it, and an empty one, to tell it from null."""
    if '"' in text:
        return f'"{text.replace(_QUOTE, _QUOTE + _QUOTE)}"'
    if "," in text or "\n" in text or "\r" in text or not text:
        return f'"{text}"'
    return text


_QUOTE = '"'
_SPECIAL = ',"\r\n'


def _defused_all(values: Sequence[object]) -> Sequence[object]:
    """Make the texts among some values harmless, at the price of a glance where all are."""
    if FORMULA.isdisjoint({value[:1] for value in values if type(value) is str}):
        return values
    return [defused(value) if type(value) is str else value for value in values]


def _key(value: object) -> str | int:
    return value if isinstance(value, str | int) else str(value)
