"""Prometheus metrics of the plumbing, in one place so that dashboards and alerts can be checked against it."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("lotse_http_requests_total", "Requests answered", ["service", "method", "route", "status"])
REQUEST_SECONDS = Histogram("lotse_http_request_seconds", "Time to answer a request", ["service", "route"])
EVENTS_RECORDED = Counter("lotse_events_recorded_total", "Events written to the outbox", ["service", "type"])
EVENTS_PUBLISHED = Counter("lotse_events_published_total", "Events confirmed by the broker", ["service"])
EVENTS_HANDLED = Counter(
    "lotse_events_handled_total", "Events a handler finished with", ["service", "handler", "outcome"]
)
HANDLER_SECONDS = Histogram("lotse_handler_seconds", "Time of one handler", ["service", "handler"])
OUTBOX_BACKLOG = Gauge("lotse_outbox_backlog", "Events recorded and not yet published", ["service"])
DEAD_LETTERS = Gauge("lotse_dead_letters", "Events waiting for an operator", ["service"])
REPLAYS = Counter("lotse_replays_requested_total", "Replays a consumer asked for", ["service", "producer"])
MAILS = Counter("lotse_mails_total", "Mails handed to the mail server or refused by it", ["service", "outcome"])
JOBS = Counter("lotse_jobs_total", "Background jobs run", ["job", "outcome"])
