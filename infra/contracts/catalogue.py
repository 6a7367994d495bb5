"""Imports every producer's contracts, so that the registry is complete."""

from infra.contracts import contacts, control, forum, newsletter, search
from infra.contracts.registry import events

__all__ = ["contacts", "control", "events", "forum", "newsletter", "search"]
