"""Accounts, their rights and their sessions."""
