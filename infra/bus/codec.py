"""The way between events, envelopes and bytes: JSON in the structured form of CloudEvents."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

from infra import tracing
from infra.contracts.envelope import MOST_POSITION, Envelope
from infra.contracts.registry import Event, find, newest
from infra.ids import new_id

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Envelope)
_UPCAST_FAULTS = (ValueError, TypeError, LookupError, ArithmeticError)  # what values it did not expect make of it

_LONGEST_ID = 64
_LONGEST_PRODUCER = 40
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Undecodable(Exception):
    """The bytes are no envelope, nobody could keep it, or the envelope's data does not fit its contract."""


def encode(envelope: Envelope) -> bytes:
    """The body of a message."""
    return _encoder.encode(envelope)


def decode(body: bytes | str) -> Envelope:
    """The envelope in a message body.

    Raises:
        Undecodable: when it is none, or holds what no table takes: that would be asked for again and again.
    """
    try:
        envelope = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:  # the last: nested without end
        raise Undecodable(str(error)) from error
    if not 0 < len(envelope.id) <= _LONGEST_ID or not 0 < len(envelope.producer) <= _LONGEST_PRODUCER:
        raise Undecodable("its id or source has an impossible length")
    if envelope.position is not None and not 0 < envelope.position <= MOST_POSITION:
        raise Undecodable("its position is impossible")
    raw = body.encode() if isinstance(body, str) else body
    if b"\\u0000" in raw and _NUL.search(raw):
        raise Undecodable("it holds a NUL, which PostgreSQL cannot store")
    return envelope


def event_of(envelope: Envelope) -> Event | None:
    """What the envelope says, in the newest form of its contract; None when this program does not know the event.

    Fields that this version does not know are left aside, and those that the sender did not know have their defaults.

    Raises:
        Undecodable: when the data does not fit the contract.
    """
    contract = find(envelope.type)
    if contract is None:
        return None
    try:
        return newest(msgspec.convert(envelope.data, contract))
    except (msgspec.ValidationError, *_UPCAST_FAULTS) as error:
        raise Undecodable(f"{envelope.type}: {error}") from error


def control_body(service: str, event: Event) -> bytes:
    """The message body of something said beside the log, by `service`, now."""
    trace = tracing.current()
    envelope = Envelope(
        id=str(new_id()),
        source=f"/services/{service}",
        type=event.type,
        subject=event.subject,
        time=datetime.now(UTC).isoformat(),
        data=msgspec.to_builtins(event),
        correlationid=trace.correlation_id,
        traceparent=trace.traceparent,
    )
    return encode(envelope)
