"""The options by which a command says what is to be exported."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cxport.client import JobRequest

Source = Annotated[str, typer.Option(metavar="NAME", help="The source to export.")]
DataType = Annotated[str, typer.Option("--type", help="Interaction or Contact.")]
DateFrom = Annotated[
    str, typer.Option("--from", metavar="TIME", help="ISO 8601, UTC; from this moment on.")
]
DateTo = Annotated[
    str, typer.Option("--to", metavar="TIME", help="ISO 8601, UTC; before this moment.")
]
Media = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="A media type; may be repeated.")
]
Entities = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="EmailIn, Chat...; may be repeated.")
]
Attachments = Annotated[bool, typer.Option("--attachments", help="Export attachments, too.")]
Tables = Annotated[
    str, typer.Option(metavar="SET", help="A table set (DataSync), in place of a type.")
]
Incremental = Annotated[
    bool, typer.Option("--incremental", help="What was changed since the job's last run.")
]
SplitSize = Annotated[str, typer.Option(metavar="SIZE", help="Of one file at most: 100MB, 512MiB.")]


def asked(
    *,
    source: str,
    title: str,
    data_type: str,
    date_from: str,
    date_to: str,
    media: list[str] | None,
    entity: list[str] | None,
    attachments: bool,
    tables: str,
    incremental: bool,
    split_size: str,
) -> "JobRequest":
    """Give the job that is asked for."""
    from cxport.client import JobRequest

    return JobRequest(
        source=source,
        title=title,
        type="DataSync" if tables else "UCS",
        data_type=tables or data_type,
        incremental=incremental,
        date_from=date_from,
        date_to=date_to,
        media=tuple(media or ()),
        entities=tuple(entity or ()),
        attachments=attachments,
        split_size=split_size,
    )
