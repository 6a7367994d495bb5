"""`kill -9` during 200 publishes: every acknowledged one is found, has its topic and is collected exactly once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.instance import ApiAnswer, Instance

OFFERS = 200
PUBLISHERS = 4
NETWORK = "iq-landesnetzwerk-sachsen-anhalt"
QUARTER = "2027-Q1"
PATIENCE_SECONDS = 30
LETTERS = "bdfgklmnprst"


def word(number: int) -> str:
    """A made-up word for each number; any two differ in at least two letters, so typo tolerance tells them apart."""
    first, second, third = number // 144, number // 12 % 12, number % 12
    check = (first + second + third) % 12
    return "zy" + "".join(LETTERS[digit] + "u" for digit in (first, second, third, check))


class Publishing:
    """Publishes drafts through the public API and remembers which were acknowledged."""

    def __init__(self, lotse: Instance, token: str) -> None:
        self._lotse = lotse
        self._token = token
        self.slugs: list[str] = []
        self.acknowledged: list[str] = []

    async def draft(self, number: int) -> None:
        """Make one draft."""
        offer = {
            "title": f"Kurs {word(number)}",
            "summary": "Ein Angebot für den Versuch.",
            "kind": "course",
            "network": NETWORK,
            "stages": ["language"],
            "districts": ["landkreis-harz"],
        }
        answer = await self._lotse.api("POST", "offers", token=self._token, json=offer)
        assert answer.status == 201, answer
        self.slugs.append(answer.body["slug"])

    async def publish_all(self) -> None:
        """Publish every draft, several at a time, until the process is gone."""
        waiting = list(self.slugs)

        async def publisher() -> None:
            while waiting:
                slug = waiting.pop()
                answer = await self._lotse.api("POST", f"offers/{slug}/publish", token=self._token)
                if answer.status == 200:
                    self.acknowledged.append(slug)

        tasks = [asyncio.create_task(publisher()) for _ in range(PUBLISHERS)]
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            assert ended is None or isinstance(ended, aiohttp.ClientError | OSError), ended

    async def kill_after(self, number: int) -> None:
        """Kill the process as soon as `number` publishes are acknowledged."""
        while len(self.acknowledged) < number:
            await asyncio.sleep(0.001)
        await self._lotse.kill()


@pytest.mark.system
@pytest.mark.timeout(300)
async def test_acknowledged_publishes_survive_a_kill(tmp_path: Path) -> None:
    async with Instance(tmp_path) as lotse:
        coordinator = await lotse.sign_in("koordination@example.org")
        editor = await lotse.sign_in("redaktion@example.org")
        answer = await lotse.api("POST", "issues", token=editor, json={"quarter": QUARTER})
        assert answer.status == 201, answer
        issue = answer.body["slug"]
        publishing = Publishing(lotse, coordinator)
        for start in range(0, OFFERS, PUBLISHERS):
            await asyncio.gather(*(publishing.draft(number) for number in range(start, start + PUBLISHERS)))

        kill_at = random.randrange(20, OFFERS - 20)
        await asyncio.gather(publishing.publish_all(), publishing.kill_after(kill_at))
        assert kill_at <= len(publishing.acknowledged) < OFFERS
        await lotse.start()

        published = [slug for slug in publishing.slugs if await _state(lotse, coordinator, slug) == "published"]
        assert set(publishing.acknowledged) <= set(published)
        await _until_well(lotse, coordinator, issue, editor, published)


async def _until_well(lotse: Instance, coordinator: str, issue: str, editor: str, published: list[str]) -> None:
    """Wait until everything followed from the publishes; then it must have followed exactly once."""
    expected = dict.fromkeys(published, 1)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(await _collected(lotse, editor, issue) & expected.keys()) < len(expected):
            await asyncio.sleep(0.2)
    assert _only(Counter(await _collected_slugs(lotse, editor, issue)), expected) == expected
    topics = Counter(item["offer"] for item in await _all(lotse, f"spaces/{NETWORK}/topics", coordinator))
    assert _only(topics, expected) == expected
    hits = Counter([slug for slug in published for hit in await _hits(lotse, slug) if hit["slug"] == slug])
    assert _only(hits, expected) == expected


def _only(counts: Counter[str], expected: dict[str, int]) -> dict[str, int]:
    return {slug: counts[slug] for slug in expected}


async def _state(lotse: Instance, token: str, slug: str) -> str:
    answer = await lotse.api("GET", f"offers/{slug}", token=token)
    assert answer.status == 200, answer
    state: str = answer.body["state"]
    return state


async def _collected_slugs(lotse: Instance, editor: str, issue: str) -> list[str]:
    answer = await lotse.api("GET", f"issues/{issue}", token=editor)
    assert answer.status == 200, answer
    return [item["slug"] for section in answer.body["sections"] for item in section["collected"]]


async def _collected(lotse: Instance, editor: str, issue: str) -> set[str]:
    return set(await _collected_slugs(lotse, editor, issue))


async def _hits(lotse: Instance, slug: str) -> list[dict[str, Any]]:
    query = slug.rsplit("-", 1)[-1]
    answer = await lotse.api("GET", "search", params={"q": query, "kind": "offer", "limit": "5"})
    assert answer.status == 200, answer
    hits: list[dict[str, Any]] = answer.body["hits"]
    return hits


async def _all(lotse: Instance, path: str, token: str) -> list[dict[str, Any]]:
    """Every item of a list, page by page."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        params = {"limit": "100", **({"cursor": cursor} if cursor else {})}
        answer: ApiAnswer = await lotse.api("GET", path, token=token, params=params)
        assert answer.status == 200, answer
        items += answer.body["items"]
        cursor = answer.body["next"] or ""
        if not cursor:
            return items
