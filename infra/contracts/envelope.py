"""The envelope around an event on the wire: CloudEvents 1.0, JSON, structured mode.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md — its AMQP binding is
for AMQP 1.0 and so does not apply; RabbitMQ speaks AMQP 0-9-1 and gets the structured form as body.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CONTENT_TYPE = "application/cloudevents+json"
SPEC_VERSION = "1.0"
MOST_POSITION = 2**63 - 1  # what a database's column holds


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One message. `position` is the place in the producer's log, None for control messages."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    data: dict[str, Any] = field(default_factory=dict)
    specversion: str = SPEC_VERSION
    datacontenttype: str = "application/json"
    position: int | None = None
    aggregateversion: int = 0
    correlationid: str = ""
    causationid: str = ""
    traceparent: str = ""

    @property
    def producer(self) -> str:
        """The service that said it (`source` is `/services/{name}`)."""
        return self.source.rsplit("/", 1)[-1]
