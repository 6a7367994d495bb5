"""Who caused what: the correlation, causation and W3C trace ids of the work at hand.

A request, a received event or a job opens a `Trace`; everything done inside it (log lines, recorded events, jobs,
calls to services) carries its ids. Kept in a context variable, so it follows awaits but not threads.
What comes from outside is taken over only where it is well-formed: it ends up in logs, tables and headers.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass

from infra.ids import new_id

TRACEPARENT = "traceparent"
CORRELATION_HEADER = "lotse-correlation-id"
CAUSATION_HEADER = "lotse-causation-id"
REQUEST_HEADER = "lotse-request-id"
HEADERS = (TRACEPARENT, CORRELATION_HEADER, CAUSATION_HEADER, REQUEST_HEADER)
_NOTHING = ("0" * 32, "0" * 16)
# Version 00 of https://www.w3.org/TR/trace-context/: trace id, parent id, flags; all zeros name nothing.
_TRACEPARENT = re.compile(r"00-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-[0-9a-f]{2}")
_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Trace:
    """`correlation_id` names the whole story, `causation_id` the event that led here ("" at its start).

    `begins_here`: nobody handed the trace id over, so no span of another process lies above this one.
    """

    correlation_id: str
    causation_id: str = ""
    traceparent: str = ""
    request_id: str = ""
    begins_here: bool = False

    @property
    def trace_id(self) -> str:
        """The W3C trace id, 32 hexadecimal digits; "" without one."""
        return self.traceparent[3:35]

    def headers(self) -> dict[str, str]:
        """What a message or request carries on, to be read by `continued`."""
        return {
            TRACEPARENT: self.traceparent,
            CORRELATION_HEADER: self.correlation_id,
            CAUSATION_HEADER: self.causation_id,
            REQUEST_HEADER: self.request_id,
        }


_current: ContextVar[Trace | None] = ContextVar("lotse_trace", default=None)


def current() -> Trace:
    """The trace of the work at hand; a new one if nothing opened any."""
    return _current.get() or new_trace()


def active() -> Trace | None:
    """The trace of the work at hand, or None outside any."""
    return _current.get()


def new_trace(traceparent: str = "", correlation_id: str = "", causation_id: str = "", request_id: str = "") -> Trace:
    """A trace that goes on with what came from outside where that is well-formed."""
    story, request = _safe(correlation_id), _safe(request_id)
    identifier = "" if story and request else str(new_id())
    handed_over = _is_traceparent(traceparent)
    return Trace(
        story or identifier,
        _safe(causation_id),
        traceparent if handed_over else _new_traceparent(),
        request or identifier,
        begins_here=not handed_over,
    )


def continued(headers: Mapping[str, str]) -> Trace:
    """The trace that `Trace.headers` of another process named; what is missing or malformed there is made anew."""
    return new_trace(
        headers.get(TRACEPARENT, ""),
        headers.get(CORRELATION_HEADER, ""),
        headers.get(CAUSATION_HEADER, ""),
        headers.get(REQUEST_HEADER, ""),
    )


class Bound:
    """Everything inside belongs to `trace`. A class, since it is entered several times in every request."""

    __slots__ = ("_token", "_trace")

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def __enter__(self) -> Trace:
        self._token = _current.set(self._trace)
        return self._trace

    def __exit__(self, *_error: object) -> None:
        _current.reset(self._token)


bound = Bound


def _is_traceparent(text: str) -> bool:
    parts = _TRACEPARENT.fullmatch(text) if text else None
    return parts is not None and parts["trace"] != _NOTHING[0] and parts["parent"] != _NOTHING[1]


def _safe(text: str) -> str:
    return text if text and _SAFE_ID.fullmatch(text) else ""


def _new_traceparent() -> str:
    digits = secrets.token_hex(24)
    return f"00-{digits[:32]}-{digits[32:]}-01"
