"""OpenTelemetry: one trace from the gateway's question to the job, nothing personal in it, and no effect without it."""

from __future__ import annotations

import asyncio
import http.server
import logging
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from infra import telemetry, tracing
from infra.bus.codec import decode, event_of
from infra.db import transaction
from infra.inbox import Handlers, Meta
from infra.inbox.handlers import Handler
from infra.inbox.once import HandlerFailed, Work, handle_once
from infra.jobs.loop import LoopBridge
from infra.jobs.registry import Job
from infra.outbox import record
from infra.outbox.log import Log
from infra.telemetry import ENDPOINT, MISSING, Kind
from tests.instance import ROOT
from tests.kit import Database, Running, identity, running
from tests.toy.service import service

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PERSON = identity("7", "admin", name="Frau Muster")
# The only attributes that spans may have; each of them is chosen by the program, none by a person.
ATTRIBUTES = {
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "lotse.correlation_id",
    "lotse.handler",
    "lotse.service",
    "messaging.batch.message_count",
    "peer.service",
}


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Everything that is exported while the test runs."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    telemetry.export_by(provider)
    yield exporter
    telemetry.export_by(None)


@pytest.fixture
async def toy(sqlite: Database) -> AsyncIterator[Running]:
    async with running([service], sqlite) as kit:
        yield kit


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def parent_of(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None


def id_of(span: ReadableSpan) -> int:
    context = span.get_span_context()
    assert context is not None
    return context.span_id


async def test_a_request_and_its_hop_are_one_trace_without_what_people_typed(
    toy: Running, spans: InMemorySpanExporter
) -> None:
    with tracing.bound(tracing.new_trace(CALLER)):
        answer = await toy.post("toy", "/things?secret=muster@example.org", {"name": "Muster"}, identity=PERSON)
    assert answer.status in (201, 422)
    found = by_name(spans)
    hop, request = found["POST toy"], found["POST /things"]
    assert parent_of(hop) == 0xB7AD6B7169203331
    assert parent_of(request) == id_of(hop)
    assert {span.context.trace_id for span in found.values()} == {0x0AF7651916CD43DD8448EB211C80319C}
    text = "".join(span.to_json() for span in found.values())
    assert "Muster" not in text
    assert "muster@" not in text
    assert {key for span in found.values() for key in span.attributes or {}} <= ATTRIBUTES


async def test_our_faults_are_marked_by_their_kind_only(toy: Running, spans: InMemorySpanExporter) -> None:
    assert (await toy.get("toy", "/fault")).status == 500
    request = by_name(spans)["GET /fault"]
    assert not request.status.is_ok
    assert (request.attributes or {})["error.type"] == "500"
    assert "secret detail" not in request.to_json()


async def test_an_event_carries_the_trace_to_its_handler_and_the_job_that_it_asks_for(
    toy: Running, spans: InMemorySpanExporter
) -> None:
    from infra.contracts.search import IndexRebuilt

    asked: list[tracing.Trace] = []
    handlers = Handlers("toy")

    @handlers.on(IndexRebuilt)
    async def hear(_tx: object, _event: object, _meta: Meta) -> None:
        asked.append(tracing.current())

    async def job() -> None:
        asked.append(tracing.current())

    with telemetry.span("POST /things", Kind.SERVER, tracing.new_trace()) as request:
        async with transaction("toy") as tx:
            await record(tx, IndexRebuilt(id="1", documents=3))
    entry = (await Log("toy").take(10))[0]
    assert entry.traceparent == request.trace.traceparent
    envelope = decode(entry.body)
    event = event_of(envelope)
    assert event is not None
    await handle_once("toy", [Work(envelope, event, handlers.of(envelope.type)[0])])
    bridge = LoopBridge(asyncio.get_running_loop())
    await asyncio.to_thread(bridge.call, Job("toy.job", job), (), asked[0])

    found = by_name(spans)
    handled, worked = found[f"handle {envelope.type}"], found["run toy.job"]
    assert parent_of(handled) == id_of(found["POST /things"])
    assert parent_of(worked) == id_of(handled)
    assert [trace.correlation_id for trace in asked] == [request.trace.correlation_id] * 2
    assert asked[0].causation_id == envelope.id
    assert found["POST /things"].parent is None, "nobody handed a trace over, so this is its root"


async def test_a_failed_handler_does_not_tell_why(toy: Running, spans: InMemorySpanExporter) -> None:
    from infra.contracts.search import IndexRebuilt

    async def fail(_tx: object, _event: object, _meta: Meta) -> None:
        raise ValueError("Frau Muster, muster@example.org")

    async with transaction("toy") as tx:
        await record(tx, IndexRebuilt(id="1", documents=3))
    envelope = decode((await Log("toy").take(10))[0].body)
    event = event_of(envelope)
    assert event is not None
    with pytest.raises(HandlerFailed):
        await handle_once("toy", [Work(envelope, event, Handler("fail", fail))])
    text = by_name(spans)[f"handle {envelope.type}"].to_json()
    assert "HandlerFailed" in text
    assert "uster" not in text


def test_a_batch_is_linked_to_the_traces_that_are_in_it(spans: InMemorySpanExporter) -> None:
    with telemetry.span("publish toy", Kind.PRODUCER, tracing.new_trace(), caused_by=[CALLER, "", CALLER]):
        pass
    links = by_name(spans)["publish toy"].links
    assert [link.context.span_id for link in links] == [0xB7AD6B7169203331]


def test_without_the_packages_one_line_says_so_and_nothing_changes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "opentelemetry"]:
        monkeypatch.setitem(sys.modules, name, None)
    with caplog.at_level(logging.WARNING):
        telemetry.configure("gateway", {ENDPOINT: "http://127.0.0.1:1"})
    assert [record.message for record in caplog.records] == [MISSING]
    trace = tracing.new_trace(CALLER)
    with telemetry.span("GET /", Kind.SERVER, trace) as span:
        span.name("GET /things")
        span.note({"http.route": "/things"})
        span.failed("500")
        assert span.trace == tracing.current() == trace


def test_without_a_collector_nothing_is_imported() -> None:
    code = (
        "import sys\nfrom infra import telemetry\nimport infra.runtime.roles, infra.runtime.embedded\n"
        "telemetry.configure('gateway', {})\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


class _Collector(http.server.BaseHTTPRequestHandler):
    """Keeps what is sent to it."""

    received: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        self.received.append((self.path, self.rfile.read(length)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A collector's address and what it received."""
    received: list[tuple[str, bytes]] = []
    handler = type("Collector", (_Collector,), {"received": received})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()
        thread.join()


def test_a_process_sends_its_last_spans_when_it_ends(collector: tuple[str, list[tuple[str, bytes]]]) -> None:
    url, received = collector
    code = (
        "from infra import telemetry, tracing\nfrom infra.telemetry import Kind\n"
        "telemetry.configure('contacts-web')\n"
        "with telemetry.span('GET /things', Kind.SERVER, tracing.new_trace()): pass"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, ENDPOINT: url}, check=True)
    assert [path for path, _ in received] == ["/v1/traces"]
    assert b"GET /things" in received[0][1]
    assert b"contacts-web" in received[0][1]
