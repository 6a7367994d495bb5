"""Posting: rows that stand for one mail to one person each, sent under a lease, retried, and accounted for."""
