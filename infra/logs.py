"""Logs: one JSON object a line on standard error, with the ids of the work at hand and no personal data.

What is logged names things by ids, slugs, types and counts. Names, addresses, texts, passwords and tokens are never
logged, also not inside an exception that somebody outside can cause.
"""

from __future__ import annotations

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

from infra import tracing


class _TraceFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        trace = tracing.active()
        if trace is not None:
            record.request_id = trace.request_id
            record.correlation_id = trace.correlation_id
            record.causation_id = trace.causation_id
            record.trace_id = trace.trace_id
        return True


def configure(level: str = "INFO") -> None:
    """Send all logging of this process through the JSON formatter at `level`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_TraceFilter())
    handler.setFormatter(
        JsonFormatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("tortoise", "amqp", "kombu", "celery", "tantivy", "uvicorn", "opentelemetry"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
