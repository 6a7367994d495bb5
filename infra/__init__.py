"""Plumbing that knows no service: settings, contracts, bus, outbox, inbox, web kit, jobs, mail, runtime."""

__version__ = "0.1.0"
