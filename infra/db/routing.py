"""Reads on SQLite go to a connection of their own, except inside a transaction.

Measured: a page waited 255 ms for a writer on the shared connection and 3 ms on its own
(`docs/decisions/`: two connections per SQLite file).
"""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.models import Model

from infra.db.config import READ_SUFFIX
from infra.db.statements import is_sqlite_client


def reading(service: str) -> BaseDBAsyncClient:
    """The connection for a statement by hand that reads: an open transaction's, else SQLite's own for reading."""
    client = get_connection(service)
    if isinstance(client, TransactionalDBClient) or not is_sqlite_client(client):
        return client
    return get_connection(service + READ_SUFFIX)


class ReadRouter:
    """Chooses the read-only connection of the model's service unless a transaction is open there."""

    def db_for_read(self, model: type[Model]) -> str | None:
        """Alias to read `model` from; a reader must see what its own transaction wrote."""
        service = model._meta.app
        if service is None or isinstance(get_connection(service), TransactionalDBClient):
            return service
        return service + READ_SUFFIX

    def db_for_write(self, model: type[Model]) -> str | None:
        """Alias to write `model` to."""
        return model._meta.app
