"""Facts told by search: that its index has caught up with everything published so far."""

from __future__ import annotations

from dataclasses import dataclass

from infra.contracts.registry import Event, event


@event("lotse.search.index.rebuilt.v1")
@dataclass(frozen=True, kw_only=True)
class IndexRebuilt(Event):
    """A rebuild from the producers' logs has finished with so many documents."""

    documents: int = 0
