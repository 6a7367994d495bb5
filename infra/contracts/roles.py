"""The roles an account can have, as `AccountChanged` and the signed identity name them."""

from __future__ import annotations

ADMIN = "admin"
COORDINATOR = "coordinator"
EDITOR = "editor"
MODERATOR = "moderator"
MEMBER = "member"
ROLES = (ADMIN, COORDINATOR, EDITOR, MODERATOR, MEMBER)
