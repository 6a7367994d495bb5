"""Alerts: who has an account gets mails about their saved searches, until they stop them."""
