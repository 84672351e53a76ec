"""Traces over OpenTelemetry's SDK: imported only where a collector is named.

The SDK reads its own variables (`OTEL_...`); we name the service, and nothing else of ours gets in:
neither the process's command line nor its host.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace import Span as SdkSpan

from cxport import __version__

_CLOSE_MILLISECONDS = 3000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Trace and span as numbers, for the one span whose ids are not by chance.
_forced: ContextVar[tuple[int, int] | None] = ContextVar("forced", default=None)

Ids = tuple[str, str]


class _Ids(IdGenerator):
    """Ids by chance, but for a span that has its own."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()

    def generate_trace_id(self) -> int:
        """Give a trace id."""
        forced = _forced.get()
        return forced[0] if forced else self._random.generate_trace_id()

    def generate_span_id(self) -> int:
        """Give a span id."""
        forced = _forced.get()
        return forced[1] if forced else self._random.generate_span_id()


class _Span:
    """See `traces.Span`."""

    def __init__(self, span: SdkSpan) -> None:
        self._span = span

    def note(self, attributes: Mapping[str, str | int | float | bool]) -> None:
        """Add attributes."""
        self._span.set_attributes(attributes)

    def failed(self, kind: str) -> None:
        """Name the kind alone: the text of an error is for the log."""
        self._span.set_status(StatusCode.ERROR)
        self._span.set_attribute("error.type", kind)


class Exporter:
    """Sends spans in the background; what a collector that is away does not take is lost."""

    def __init__(self) -> None:
        named = Resource({"service.name": "cxport", "service.version": __version__})
        self._provider = TracerProvider(
            resource=named.merge(OTELResourceDetector().detect()), id_generator=_Ids()
        )
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("cxport", __version__)

    def close(self) -> None:
        """Send what waits."""
        self._provider.force_flush(_CLOSE_MILLISECONDS)
        self._provider.shutdown()

    def current(self) -> _Span:
        """Give the span under way, also in a thread that works for it."""
        return _Span(get_current_span())

    @contextmanager
    def span(
        self,
        name: str,
        parent: Ids | None,
        attributes: Mapping[str, str | int],
        *,
        server: bool = False,
    ) -> Iterator[_Span]:
        """Trace what is done inside, as failed where an exception passes through."""
        kind = SpanKind.SERVER if server else SpanKind.INTERNAL
        under = None if parent is None else set_span_in_context(NonRecordingSpan(_context(parent)))
        with self._tracer.start_as_current_span(
            name,
            context=under,
            kind=kind,
            attributes=dict(attributes),
            # its text could hold data
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            told = _Span(span)
            try:
                yield told
            except BaseException as error:
                told.failed(type(error).__name__)
                raise

    def spent(
        self, name: str, attributes: Mapping[str, str | int], began: datetime, ended: datetime
    ) -> None:
        """Send a span that is over, under the one under way."""
        noted, start = dict(attributes), _nanoseconds(began)
        self._tracer.start_span(name, attributes=noted, start_time=start).end(_nanoseconds(ended))

    def whole(
        self,
        name: str,
        ids: Ids,
        attributes: Mapping[str, str | int],
        began: datetime,
        ended: datetime,
    ) -> None:
        """Send a span that is over, under its own ids."""
        forced = _forced.set((int(ids[0], 16), int(ids[1], 16)))
        try:
            span = self._tracer.start_span(
                name,
                context=set_span_in_context(NonRecordingSpan(_NOTHING)),
                attributes=dict(attributes),
                start_time=_nanoseconds(began),
            )
        finally:
            _forced.reset(forced)
        span.end(_nanoseconds(ended))


_NOTHING = SpanContext(0, 0, is_remote=False)


def _context(ids: Ids) -> SpanContext:
    sampled = TraceFlags(TraceFlags.SAMPLED)
    return SpanContext(int(ids[0], 16), int(ids[1], 16), is_remote=True, trace_flags=sampled)


def _nanoseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000
