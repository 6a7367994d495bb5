"""The second look at what was found: one statement, and nothing shown that was hidden or removed meanwhile."""

from __future__ import annotations

from typing import Any

from infra.contracts.forum import TopicChanged, TopicRemoved
from infra.web.identity import ANONYMOUS, Identity
from tests.kit import counted_queries
from tests.services.search.conftest import Search
from tests.services.search.test_finding import EVERY_KIND, MEMBER, MODERATOR


async def test_a_search_looks_into_the_database_once(search: Search) -> None:
    await search.tell_all()
    await search.tell(*EVERY_KIND)
    with counted_queries("search") as statements:
        found = await search.find("Lupine", kind="offer", near="39104", suggest=True)
    assert found == ["o"]
    looks = [text for text in statements if "counters" not in text and "sequence >" not in text]  # less the indexer's
    assert len(looks) == 1


async def test_what_changed_since_is_shown_as_it_is_now(search: Search) -> None:
    """Later pages come from an older state of the index, so they show what the second look is for."""
    topics = [TopicChanged(id=f"t{n}", version=1, slug=f"t{n}", title="Runde", network="iq-netz") for n in range(9)]
    await search.tell(*topics)
    first = (await search.get("/search", q="Runde", limit=3)).json()
    later = [item.id for item in topics if item.slug not in {hit["slug"] for hit in first["hits"]}]
    closed = TopicChanged(id=later[0], version=2, slug=later[0], title="Runde", network="iq-netz", visible_to="space-1")
    renamed = TopicChanged(id=later[1], version=2, slug=later[1], title="Kreis <b>", text="Neu & anders")
    await search.tell(closed, renamed, TopicRemoved(id=later[2], version=2, slug=later[2]))
    pages = {who: await _all_pages(search, first["next"], who) for who in (ANONYMOUS, MEMBER, MODERATOR)}
    assert {hit["id"] for hit in pages[ANONYMOUS]} == {later[1], *later[3:]}
    for who in (MEMBER, MODERATOR):
        assert {hit["id"] for hit in pages[who]} == {*later[:2], *later[3:]}
    shown = next(hit for hit in pages[ANONYMOUS] if hit["id"] == later[1])
    assert (shown["title"], shown["summary"]) == ("Kreis <b>", "Neu & anders")
    assert shown["highlights"] == {"title": "Kreis &lt;b&gt;", "text": "Neu &amp; anders"}


async def _all_pages(search: Search, cursor: str | None, who: Identity) -> list[dict[str, Any]]:
    """The hits of all further pages; none of them counts what it leaves out."""
    hits: list[dict[str, Any]] = []
    while cursor:
        answer = (await search.get("/search", who, q="Runde", limit=3, cursor=cursor)).json()
        assert answer["total"] == 9 - (3 - len(answer["hits"]))
        hits += answer["hits"]
        cursor = answer["next"]
    return hits
