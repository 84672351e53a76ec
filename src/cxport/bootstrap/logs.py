"""How log lines look; what may stand in them is each caller's duty: no secret, no data."""

from __future__ import annotations

import logging
import sys

import structlog

from cxport.config import Settings


def configure_logs(settings: Settings) -> None:
    """Write to standard error, as text or one JSON object a line, times in UTC."""
    level = getattr(logging, settings.log_level.upper())
    json = settings.log_format == "json"
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer()
            if json
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # looked up each time: whoever replaces standard error means to
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
