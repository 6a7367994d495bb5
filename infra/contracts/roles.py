"""The roles an account can have, as `AccountChanged` and the signed identity name them."""

from __future__ import annotations

ADMIN = "admin"
COORDINATOR = "coordinator"
EDITOR = "editor"
PUBLISHER = "publisher"  # releases what editors compose: approves issues, sends them, stops them
MODERATOR = "moderator"
MEMBER = "member"
ROLES = (ADMIN, COORDINATOR, EDITOR, PUBLISHER, MODERATOR, MEMBER)
