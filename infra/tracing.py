"""Who caused what: the correlation, causation and W3C trace ids of the work at hand.

A request or a received event opens a `Trace`; everything done inside it (log lines, recorded events,
calls to services) carries its ids. Kept in a context variable, so it follows awaits but not threads.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from infra.ids import new_id

_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True)
class Trace:
    """`correlation_id` names the whole story, `causation_id` the event that led here ("" at its start)."""

    correlation_id: str
    causation_id: str = ""
    traceparent: str = ""
    request_id: str = ""


_current: ContextVar[Trace | None] = ContextVar("lotse_trace", default=None)


def current() -> Trace:
    """The trace of the work at hand; a new one if nothing opened any."""
    return _current.get() or new_trace()


def active() -> Trace | None:
    """The trace of the work at hand, or None outside any."""
    return _current.get()


def new_trace(traceparent: str = "", correlation_id: str = "", causation_id: str = "") -> Trace:
    """A trace that goes on with what came from outside where that is well-formed."""
    parent = traceparent if _TRACEPARENT.fullmatch(traceparent) else _new_traceparent()
    identifier = str(new_id())
    return Trace(correlation_id or identifier, causation_id, parent, identifier)


@contextmanager
def bound(trace: Trace) -> Iterator[Trace]:
    """Everything inside belongs to `trace`."""
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)


def _new_traceparent() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
