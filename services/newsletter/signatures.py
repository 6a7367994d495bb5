"""Who did something, as rows keep it: what editors and readers are told of it is the public name."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.web.identity import Identity


def signature(identity: Identity) -> dict[str, str]:
    """Who does something now: {id, name, at}, the time as ISO 8601 to the second."""
    return {"id": identity.account, "name": identity.name, "at": datetime.now(UTC).isoformat(timespec="seconds")}
