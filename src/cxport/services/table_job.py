"""What a job of tables may ask for, beside what every job may; and what only such a job may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said
from cxport.domain.source import StoredSource
from cxport.domain.table_set import TableSet
from cxport.services.values import quoted

if TYPE_CHECKING:
    from cxport.services.job_request import JobRequest

#: The one form in which each family is written, so far.
_RECORDS, _TABLES = "jsonl", "csv"


def table_set(request: JobRequest, source: StoredSource) -> TableSet:
    """Give the table set that a request names, as the last check of the source has found it.

    Raises InvalidInput naming the field that does not fit a job of tables.
    """
    _refuse(
        {
            "jobParams.media": bool(request.media),
            "jobParams.entities": bool(request.entities),
            "jobParams.filter": bool(request.filters),
            "jobParams.exportAttachments": request.attachments,
        },
        Said("tables have none"),
    )
    _check_format(request, _TABLES)
    _check_frame(request)
    for one in source.table_sets:
        if one.name.casefold() == request.data_type.casefold():
            return one
    known = ", ".join(one.name for one in source.table_sets)
    raise InvalidInput.at(
        "jobParams.type",
        Said("{data_type} is no table set of the source", data_type=quoted(request.data_type)),
        known or Said("a table set that the last check of the source has found"),
    )


def refuse_table_words(request: JobRequest) -> None:
    """Raise InvalidInput where a job of records asks for what only tables have."""
    _refuse(
        {"jobParams.spreadsheetSafe": request.spreadsheet_safe}, Said("only for tables (DataSync)")
    )
    _check_format(request, _RECORDS)


def _refuse(asked: dict[str, bool], why: Said) -> None:
    for name, given in asked.items():
        if given:
            raise InvalidInput.at(name, why, Said("leave it out"))


def _check_format(request: JobRequest, only: str) -> None:
    if request.format and request.format.casefold() != only:
        raise InvalidInput.at(
            "jobParams.format",
            Said("{format} is not possible", format=quoted(request.format)),
            only,
        )


def _check_frame(request: JobRequest) -> None:
    """Tables are exported whole, or what is new: they have no date that every row bears."""
    dated = request.date_from or request.date_to or request.relative
    if dated or request.everything == request.incremental:
        raise InvalidInput.at(
            "timeFrame",
            Said("tables are exported whole, or what is new in them"),
            Said("either all: true, or incremental: true"),
        )
