"""Posting: rows that stand for one mail to one person each, sent under a lease, retried, and accounted for.

A service has tables made from `models.Posting`, hands them to `commands` in its jobs and says what mail each row is.
"""
