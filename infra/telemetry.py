"""Optional OpenTelemetry: requests, hops, publishing, handlers and jobs as spans of one trace, exported by OTLP/HTTP.

On when `OTEL_EXPORTER_OTLP_ENDPOINT` is set and the extra `otel` is installed; else `span` only binds the trace, and
nothing of OpenTelemetry is imported. Attributes name routes, types, handlers, jobs; never people, texts or addresses.
The names of attributes follow https://opentelemetry.io/docs/specs/semconv/.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from infra import __version__, tracing
from infra.tracing import TRACEPARENT, Trace

if TYPE_CHECKING:
    from opentelemetry import trace as otel
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger(__name__)
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
TIMEOUT = "OTEL_EXPORTER_OTLP_TIMEOUT"
EXPORT_SECONDS = 3.0  # a collector that is away holds up the end of a process for so long; ten by default
MISSING = (
    f"{ENDPOINT} is set, but OpenTelemetry is not installed; no traces are sent. "
    "Run: pip install --require-hashes -r requirements-otel.lock"
)
MOST_LINKS = 100
Value = str | int


class Kind(Enum):
    """What a span is to the process at its other end; the names are OpenTelemetry's."""

    SERVER = "SERVER"
    CLIENT = "CLIENT"
    PRODUCER = "PRODUCER"
    CONSUMER = "CONSUMER"


@dataclass(frozen=True)
class Span:
    """A piece of work. `trace` is what everything inside it belongs to."""

    trace: Trace
    _span: otel.Span | None = None

    def name(self, name: str) -> None:
        """Call it so: what it is may only be known at its end (the route of a request)."""
        if self._span is not None:
            self._span.update_name(name)

    def note(self, attributes: Mapping[str, Value]) -> None:
        """Add attributes."""
        if self._span is not None:
            self._span.set_attributes(attributes)

    def failed(self, reason: str) -> None:
        """Mark it as failed; `reason` is a name (of an exception, a status), never a message: that may say too much."""
        if self._span is not None:
            from opentelemetry.trace import StatusCode

            self._span.set_status(StatusCode.ERROR)
            self._span.set_attribute("error.type", reason)


class _Exporting:
    """Where spans go while OpenTelemetry is on."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self.tracer = provider.get_tracer("lotse", __version__)
        self.propagator = TraceContextTextMapPropagator()
        self.kinds = {kind: SpanKind[kind.value] for kind in Kind}

    def context(self, traceparent: str) -> Context:
        """The context that lies above a new span; a fresh one for ""."""
        from opentelemetry.context import Context

        return self.propagator.extract({TRACEPARENT: traceparent}, Context())

    def links(self, traceparents: Iterable[str]) -> list[otel.Link]:
        """Links to the spans that led here, at most a hundred."""
        from opentelemetry import trace as otel

        first = list(dict.fromkeys(text for text in traceparents if text))[:MOST_LINKS]
        return [otel.Link(otel.get_current_span(self.context(text)).get_span_context()) for text in first]


_exporting: list[_Exporting] = []


def configure(process: str, environ: Mapping[str, str] | None = None) -> None:
    """Send spans of this process (named `process` unless `OTEL_SERVICE_NAME` says otherwise) to the collector, if any.

    Without the packages the log says once what is missing, and nothing else changes.
    """
    said = os.environ if environ is None else environ
    if not said.get(ENDPOINT):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning(MISSING)
        return
    named = {"service.namespace": "lotse", "service.name": process, "service.version": __version__}
    provider = TracerProvider(resource=Resource.create(named).merge(OTELResourceDetector().detect()))
    exporter = OTLPSpanExporter(timeout=None if TIMEOUT in said else EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    export_by(provider)


def export_by(provider: TracerProvider | None) -> None:
    """Let spans begin at `provider` from now on; None turns them off."""
    _exporting[:] = [] if provider is None else [_Exporting(provider)]


def span(
    name: str,
    kind: Kind,
    trace: Trace,
    attributes: Mapping[str, Value] | None = None,
    caused_by: Iterable[str] = (),
) -> AbstractContextManager[Span]:
    """Everything inside belongs to `trace`, as a span of its own where OpenTelemetry is on.

    `caused_by` are the traceparents of other spans that led to this one (the events of a batch).
    """
    if not _exporting:
        return _Unseen(trace)
    return _exported(name, kind, trace, attributes=attributes or {}, caused_by=caused_by)


class _Unseen:
    """Binds the trace and nothing else; what every request pays that is not exported."""

    __slots__ = ("_bound", "_trace")

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._bound = tracing.bound(trace)

    def __enter__(self) -> Span:
        self._bound.__enter__()
        return Span(self._trace)

    def __exit__(self, *_error: object) -> None:
        self._bound.__exit__()


@contextmanager
def _exported(
    name: str, kind: Kind, trace: Trace, *, attributes: Mapping[str, Value], caused_by: Iterable[str]
) -> Iterator[Span]:
    exporting = _exporting[0]
    with exporting.tracer.start_as_current_span(
        name,
        exporting.context("" if trace.begins_here else trace.traceparent),
        exporting.kinds[kind],
        {"lotse.correlation_id": trace.correlation_id, **attributes},
        exporting.links(caused_by),
        record_exception=False,  # its message and traceback may hold what nobody outside shall read
        set_status_on_exception=False,
    ) as opened:
        carrier: dict[str, str] = {}
        exporting.propagator.inject(carrier)
        inside = replace(trace, traceparent=carrier.get(TRACEPARENT, trace.traceparent), begins_here=False)
        made = Span(inside, opened)
        with tracing.bound(inside):
            try:
                yield made
            except BaseException as error:
                made.failed(type(error).__name__)
                raise
