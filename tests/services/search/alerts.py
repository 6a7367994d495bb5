"""Saved searches for tests: people who save, mornings that come, and what is told then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.contracts.contacts import OfferPublished
from infra.contracts.search import AlertDue
from infra.web.identity import ANONYMOUS, Identity
from services.search.saved.telling import tell_due
from tests.kit import identity
from tests.services.search.conftest import Search

ANNA = identity("0198a000-0000-7000-8000-00000000000a", "member")
BERT = identity("0198b000-0000-7000-8000-00000000000b", "member")


def offer(slug: str, title: str, version: int = 1, **fields: Any) -> OfferPublished:
    """A published offer."""
    values: dict[str, Any] = {"id": f"offer-{slug}", "version": version, "slug": slug, "name": title, "title": title}
    return OfferPublished(**values | fields)


@dataclass
class Alerts:
    """Search with people who keep searches."""

    search: Search

    async def save(self, who: Identity = ANNA, speaks: str = "de", **wanted: Any) -> dict[str, Any]:
        """Save a search; daily unless said otherwise."""
        wanted = {"frequency": "daily"} | wanted
        answer = await self.search.kit.post("search", "/saved-searches", wanted, identity=who, language=speaks)
        assert answer.status == 201, answer.content
        return dict(answer.json())

    async def ask(self, method: str, path: str, body: Any = None, who: Identity = ANNA) -> Any:
        """A request about saved searches; the answer as it comes."""
        return await self.search.kit.request("search", method, f"/saved-searches{path}", body=body, identity=who)

    async def see(self, identifier: str, who: Identity = ANNA) -> dict[str, Any]:
        """A saved search as its owner sees it."""
        answer = await self.ask("GET", f"/{identifier}", who=who)
        assert answer.status == 200, answer.content
        return dict(answer.json())

    async def told(self) -> list[AlertDue]:
        """All that was told so far, oldest first."""
        return await self.search.kit.recorded("search", AlertDue)


async def morning(days: float = 8) -> None:
    """So many days later the job runs."""
    later = datetime.now(UTC) + timedelta(days=days)
    await tell_due(lambda: later)


def slugs(alert: AlertDue) -> list[str]:
    """What an alert names."""
    return [hit.slug for hit in alert.hits]


NOBODY = ANONYMOUS
