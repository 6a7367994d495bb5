"""Facts told by search: that its index has caught up, and what a saved search found that was not there before.

Never a query and never an address: who is told is named by an id, and hits are only what everybody may see.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.contracts.registry import Event, event


@event("lotse.search.index.rebuilt.v1")
@dataclass(frozen=True, kw_only=True)
class IndexRebuilt(Event):
    """A rebuild from the producers' logs has finished with so many documents."""

    documents: int = 0


@dataclass(frozen=True, kw_only=True)
class AlertHit:
    """One public thing, enough for a line in a mail and the link to its page.

    `summary` is plain text in the alert's language where there is one, `region_name` and `date` (ISO day) may be "".
    """

    kind: str
    slug: str
    title: str
    title_en: str = ""
    summary: str = ""
    region_name: str = ""
    date: str = ""


@event("lotse.search.alert.due.v1")
@dataclass(frozen=True, kw_only=True)
class AlertDue(Event):
    """A saved search (`id`) found what was not there at `since` (ISO, UTC); `version` rises with each telling.

    `recipient` is "account:{id}" or "subscription:{id}", `frequency` daily or weekly, `language` de or en. `total`
    things were found, `hits` are the newest of them, 20 at most.
    """

    recipient: str
    frequency: str
    language: str = "de"
    since: str = ""
    total: int = 0
    hits: list[AlertHit] = field(default_factory=list)
