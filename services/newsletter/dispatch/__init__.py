"""Dispatch: a row per recipient, claimed under a lease, sent, retried and accounted for."""
