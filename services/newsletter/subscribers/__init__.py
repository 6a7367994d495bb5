"""Subscribers: sign-up with double opt-in, the consent ledger, preferences, and leaving."""
