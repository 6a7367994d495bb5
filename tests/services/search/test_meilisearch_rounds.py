"""How often a search asks its Meilisearch: once where everything is as guessed, and how often else, without a server.

The numbers are those that docs/decisions/0111 names; who changes them changes what a search on a distant server costs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.search.domain import Circle, Point, Request
from services.search.engine import Page
from services.search.meilisearch.engine import MeilisearchEngine
from tests.services.search.engine_kit import KNOWLEDGE, batch, document, slugs
from tests.services.search.meili.faulty import Setting, faulty_setting

HERE = Point(52.1316, 11.6399)


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    """A stand-in that notes what it is asked."""
    async with faulty_setting() as made:
        yield made


@pytest.fixture
async def engine(setting: Setting) -> AsyncIterator[MeilisearchEngine]:
    """An engine with forty courses, of which three are in the Harz, and regions."""
    made = setting.engine()
    await made.open()
    await made.learn(KNOWLEDGE)
    await made.apply(
        batch(
            1,
            *(document(f"d{number:02}", "Sprachkurs", regions=["stadt-magdeburg"]) for number in range(37)),
            *(document(f"e{number}", "Sprachkurs Lupinenbeet", regions=["landkreis-harz"]) for number in range(3)),
        )
    )
    setting.faulty.seen.clear()
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("request_", "rounds", "total"),
    [
        (Request(), 1, 40),
        (Request(q="Sprachkurs"), 1, 40),
        (Request(q="Sprachkurs", filters={"district": ("stadt-magdeburg",)}), 1, 37),
        (Request(q="Sprachkurs", within=Circle(HERE, 10)), 1, 37),
        (Request(q="Lupinenbeet", strict=True), 1, 3),
        (Request(q="Sprachkurs", newest_first=True), 1, 40),
        (Request(q="Sprachkurs", only=frozenset({"id-d01"}), strict=True), 1, 1),
        (Request(q="Sprachkurs Lupinenbeet"), 2, 40),  # too little meets all words
        (Request(q="Sprachkurs", offset=20), 2, 40),  # how large the bands are, then what lies on the page
        (Request(q="Sprachkurs", nearest_to=HERE), 2, 40),  # how much lies how near, then the nearest
        (Request(q="Sprachkurs", nearest_to=HERE, offset=30), 3, 40),
        (Request(q="Sprachkruse"), 2, 40),  # it does not occur, its neighbour does
    ],
)
async def test_rounds(setting: Setting, engine: MeilisearchEngine, request_: Request, rounds: int, total: int) -> None:
    page = await engine.search(request_)
    assert (setting.faulty.searches(), page.total) == (rounds, total)


async def test_a_process_that_only_searches_asks_again_where_the_index_has_moved_meanwhile(
    setting: Setting, engine: MeilisearchEngine
) -> None:
    reader = setting.engine("")
    assert len(await slugs(reader, "Sprachkurs", limit=50)) == 40
    await engine.apply(batch(2, document("new", "Sprachkurs")))
    setting.faulty.seen.clear()
    assert len(await slugs(reader, "Sprachkurs", limit=50)) == 41
    assert setting.faulty.searches() == 2
    assert len(await slugs(reader, "Sprachkurs", limit=50)) == 41
    assert setting.faulty.searches() == 1
    await reader.close()


async def test_suggestions_and_counts_take_one_round(setting: Setting, engine: MeilisearchEngine) -> None:
    assert [item.kind for item in await engine.suggest("Sprach", frozenset({"public"}), 3)][-1] == "offer"
    assert setting.faulty.searches() == 1
    assert (await engine.stats(frozenset({"public"}))).documents == 40
    assert setting.faulty.searches() == 1


async def test_what_nobody_needs_is_not_counted(setting: Setting, engine: MeilisearchEngine) -> None:
    page: Page = await engine.search(Request(q="Sprachkurs", facets=False))
    assert (page.facets, page.total) == ({}, 40)
    assert setting.faulty.searches() == 1
