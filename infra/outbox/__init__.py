"""The outbox: every event is written in the transaction that causes it and stays as a log."""

from infra.outbox.record import record, record_all

__all__ = ["record", "record_all"]
