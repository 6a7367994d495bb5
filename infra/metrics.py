"""Prometheus metrics: how they are made, those of the plumbing, and what is measured when somebody asks.

All are made by `counter`, `gauge` and `histogram`, so that `docs/metrics.md`, the dashboard and the alerts can be
checked against one list. Labels have few values that the program itself chooses: never ids, texts or addresses. Every
process is asked by itself; what only the database or the broker knows is looked up at that moment (`measured_by`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from infra import __version__

# The time at which each label first appeared: a third more lines that nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library gives no types

Measure = Callable[[], Awaitable[None]]
QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LONG = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0)
LAG = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1800.0)


@dataclass(frozen=True)
class Described:
    """One metric as the documentation shows it. `kind` is counter, gauge or histogram."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


_described: dict[str, Described] = {}
_measures: list[Measure] = []


def described() -> list[Described]:
    """Every metric of the modules that are loaded, by name."""
    return [_described[name] for name in sorted(_described)]


def counter(name: str, meaning: str, labels: Sequence[str] = ()) -> Counter:
    """A counter; its name ends with `_total`."""
    _describe(name, "counter", labels, meaning)
    return Counter(name, meaning, labels)


def gauge(name: str, meaning: str, labels: Sequence[str] = ()) -> Gauge:
    """A gauge."""
    _describe(name, "gauge", labels, meaning)
    return Gauge(name, meaning, labels)


def histogram(name: str, meaning: str, labels: Sequence[str] = (), buckets: Sequence[float] = QUICK) -> Histogram:
    """A histogram of seconds."""
    _describe(name, "histogram", labels, meaning)
    return Histogram(name, meaning, labels, buckets=buckets)


def _describe(name: str, kind: str, labels: Sequence[str], meaning: str) -> None:
    _described[name] = Described(name, kind, tuple(labels), meaning)


@contextmanager
def measured_by(measure: Measure) -> Iterator[None]:
    """Inside, `measure` is called whenever the metrics of this process are asked for, to set its gauges."""
    _measures.append(measure)
    try:
        yield
    finally:
        _measures.remove(measure)


def measures() -> tuple[Measure, ...]:
    """What is to be called before the metrics of this process are given out."""
    return tuple(_measures)


BUILD = gauge("lotse_build_info", "Always 1; the label names the version that runs", ["version"])
BUILD.labels(__version__).set(1)
MEASURE_FAILURES = counter("lotse_measure_failures_total", "Times that a gauge could not be brought up to date")

# Requests
REQUESTS = counter(
    "lotse_http_requests_total", "Requests answered, by route template", ["service", "method", "route", "status"]
)
REQUEST_SECONDS = histogram(
    "lotse_http_request_duration_seconds", "Time to answer a request", ["service", "method", "route"]
)
REQUESTS_IN_PROGRESS = gauge("lotse_http_requests_in_progress", "Requests being answered right now", ["service"])
HOP_SECONDS = histogram(
    "lotse_hop_duration_seconds", "Time from the gateway's question to the service's whole answer", ["service"]
)
HOP_FAILURES = counter(
    "lotse_hop_failures_total", "Questions of the gateway to which a service gave no answer at all", ["service"]
)

# Events leaving
EVENTS_RECORDED = counter("lotse_events_recorded_total", "Events written to the outbox", ["service", "type"])
EVENTS_PUBLISHED = counter("lotse_events_published_total", "Events confirmed by the broker", ["service"])
EVENTS_UNROUTABLE = counter(
    "lotse_events_unroutable_total", "Published events that no queue wanted (nobody listens to that type)", ["service"]
)
CONFIRM_SECONDS = histogram(
    "lotse_broker_confirm_duration_seconds", "Time from the first message of a batch to the broker's last confirm", ()
)
BROKER_REFUSED = counter(
    "lotse_broker_refused_total", "Messages that the broker refused to keep (a queue takes nothing any more)"
)
RELAY_ACTIVE = gauge("lotse_relay_active", "1 while this process relays the service's log, 0 on standby", ["service"])
OUTBOX_BACKLOG = gauge("lotse_outbox_backlog_events", "Events recorded and not yet published", ["service"])
OUTBOX_OLDEST = gauge(
    "lotse_outbox_oldest_waiting_seconds", "Age of the oldest event that is not published yet, 0 if none", ["service"]
)
LOG_POSITION = gauge("lotse_log_position", "Position up to which a producer's log is published", ["producer"])
REPLAYS_SERVED = counter("lotse_replays_served_total", "Replays that a producer answered", ["service"])
EVENTS_REPLAYED = counter("lotse_events_replayed_total", "Events that a producer sent again by replays", ["service"])

# Events arriving
EVENTS_HANDLED = counter(
    "lotse_events_handled_total",
    "What became of events at handlers: handled, duplicate (known already), retry (failed, comes again), dead",
    ["service", "handler", "outcome"],
)
HANDLER_SECONDS = histogram(
    "lotse_handler_duration_seconds", "Time of one handler, without what it gathers", ["service", "handler"]
)
EVENT_LAG = histogram(
    "lotse_event_lag_seconds",
    "Time from the recording of an event to the commit of its handlers, without replays",
    ["service", "producer"],
    LAG,
)
MESSAGES_BURIED = counter(
    "lotse_messages_buried_total", "Messages that could not be read and went to the dead queue", ["service"]
)
PARKED = gauge(
    "lotse_events_parked", "Events whose handler failed and that this process expects back later", ["service"]
)
DEAD_LETTERS = gauge("lotse_dead_letters_waiting", "Events waiting for an operator", ["service"])
REPLAYS = counter("lotse_replays_requested_total", "Replays that a consumer asked for", ["service", "producer"])
CHECKPOINT_POSITION = gauge(
    "lotse_checkpoint_position", "Position of a producer's log that a service has dealt with", ["service", "producer"]
)

# Background jobs
JOBS = counter(
    "lotse_jobs_total", "Background jobs run: done, retried, failed, returned (process stopped)", ["name", "outcome"]
)
JOB_SECONDS = histogram("lotse_job_duration_seconds", "Time of one background job", ["name"], LONG)
JOBS_WAITING = gauge("lotse_jobs_waiting", "Jobs that wait in the queue of a service's workers", ["service"])
JOBS_UNSENT = counter("lotse_jobs_unsent_total", "Jobs that did not reach the broker and are left to beat", ["name"])

# Databases
TRANSACTION_RETRIES = counter(
    "lotse_database_retries_total", "Transactions done a second time after a deadlock or the like", ["service"]
)
POOL = gauge("lotse_database_pool_connections", "Connections to PostgreSQL by state: busy, idle", ["service", "state"])

# Mail
MAILS = counter(
    "lotse_mails_total",
    "What became of mails: sent, waiting (deferred, tried again later), failed, suppressed (reader left meanwhile)",
    ["service", "outcome"],
)
MAIL_ANSWERS = counter(
    "lotse_mail_answers_total",
    "What mail servers answered to mails: accepted, temporary, permanent, unreachable (another is tried)",
    ["server", "result"],
)
MAILS_WAITING = gauge("lotse_mails_waiting", "Mails of a queue that wait to be sent", ["service", "queue"])
MAILS_OLDEST = gauge(
    "lotse_mails_oldest_waiting_seconds",
    "Age of the oldest mail of a queue that waits to be sent, 0 when none does",
    ["service", "queue"],
)
