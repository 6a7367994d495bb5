"""Databases: one per service, reached only through that service's alias."""

from infra.db.transactions import Transaction, transaction

__all__ = ["Transaction", "transaction"]
