"""Alerts: people without an account get mails about a saved search, after confirming by mail, until they stop them."""
