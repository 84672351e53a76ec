"""How log lines look; what may stand in them is each caller's duty: no secret, no data."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from cxport.config import Settings


def configure_logs(settings: Settings) -> None:
    """Write to standard error, as text or one JSON object a line, times in UTC.

    Lines of libraries, from warnings on, take the same form.
    """
    level = getattr(logging, settings.log_level.upper())
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*common, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # looked up each time: whoever replaces standard error means to
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    _configure_libraries(max(level, logging.WARNING), common, renderer)


def _configure_libraries(level: int, common: list[Processor], renderer: Processor) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*common, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _error_by_kind,
                renderer,
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)


def _error_by_kind(_: WrappedLogger, __: str, found: EventDict) -> EventDict:
    """Name the kind of an error alone: its text and its stack could hold data."""
    raised = found.pop("exc_info", None)
    if isinstance(raised, tuple) and raised[0] is not None:
        found["error"] = raised[0].__name__
    return found
