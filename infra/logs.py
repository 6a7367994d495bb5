"""Logs: one JSON object a line on standard error, with the ids of the work at hand and no personal data.

What is logged names things by ids, slugs, types and counts. Names, addresses, texts, passwords and tokens are never
logged, also not inside an exception that somebody outside can cause.
"""

from __future__ import annotations

import logging
import re
import sys
from types import TracebackType

from pythonjsonlogger.json import JsonFormatter

from infra import tracing

# At DEBUG some of these write every statement with its values, at INFO others every request.
_LIBRARIES = (
    "aiosqlite",
    "amqp",
    "asyncio",
    "celery",
    "httpcore",
    "httpx",
    "kombu",
    "opentelemetry",
    "python_multipart",
    "tantivy",
    "tortoise",
    "uvicorn",
)
# PostgreSQL adds the values to what it refuses: "DETAIL:  Key (address)=(somebody@example.org) already exists."
_VALUES = re.compile(r"^\s*(DETAIL|CONTEXT|HINT):.*$", re.MULTILINE)
_ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Formatter(JsonFormatter):
    """One JSON object a line; of an error of the database it keeps the message and leaves out the values."""

    def formatException(self, ei: _ExceptionInfo) -> str:
        return _VALUES.sub(r"\1: (left out)", logging.Formatter.formatException(self, ei))


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
        _Formatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
