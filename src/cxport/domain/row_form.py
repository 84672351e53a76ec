"""The forms in which databases give rows, of which compiled code makes lines without a detour."""

from __future__ import annotations

from enum import IntEnum


class RowForm(IntEnum):
    """A form of rows; the numbers are those of native/transcode.h and native/module.c."""

    #: PostgreSQL's COPY BINARY (its manual, COPY): whole rows in bytes.
    COPIED = 0
    #: Rows of MariaDB's text protocol in bytes, each behind its length (4 bytes, big-endian).
    PACKED = 1
    #: A list of tuples of Python's values, as the driver makes them.
    TUPLES = 2
