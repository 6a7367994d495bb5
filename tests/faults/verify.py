"""What followed from the publishes and posts of a load, read through the public API alone.

Acknowledged publishes must be published, and each published offer must be found by a search, have its topic and be
collected for an issue, exactly once each. Each topic must be found, and the words of each reply lead to its topic.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.faults.load import NETWORK, Stretch
from tests.instance import Instance

LOOK_SECONDS = 0.1
PAGE = "100"
SHOWN = 3
POSTS = 2  # at most: nobody answers twice


class NotWell(Exception):
    """A question that Lotse should answer was not answered."""


@dataclass(frozen=True)
class Lists:
    """Slugs of published offers, topics of the network's space, and slugs of what the issues hold or have collected."""

    published: Sequence[str]
    topics: Sequence[Mapping[str, Any]]
    collected: Sequence[str]

    def of(self, word: str) -> Lists:
        """What bears `word` in its title."""
        return Lists(
            [slug for slug in self.published if word in slug],
            [topic for topic in self.topics if word in topic["slug"]],
            [slug for slug in self.collected if word in slug],
        )


@dataclass(frozen=True)
class Reader:
    """Who looks: a coordinator of the network, and an editor for the `issues` (slugs)."""

    lotse: Instance
    coordinator: str
    editor: str
    issues: Sequence[str]

    async def found(self, word: str, kind: str) -> list[str]:
        """Slugs of what a search for `word` finds of one kind."""
        hits = self._items("search", self.coordinator, "hits", q=word, kind=kind)
        return [hit["slug"] async for hit in hits if word in hit["slug"]]

    async def leads_to(self, word: str) -> list[str]:
        """Slugs of the topics that a search for a word of a post finds."""
        answer = await self._get("search", self.coordinator, q=word, kind="topic")
        return [hit["slug"] for hit in answer["hits"]]

    async def lists(self, newest: int = 0) -> Lists:
        """What contacts, forum and newsletter have; of the first two at least the `newest` so many, 0 for all."""
        offers = self._items("offers", self.coordinator, most=newest, mine="true", state="published", sort="changed")
        topics = self._items(f"spaces/{NETWORK}/topics", self.coordinator, most=newest)
        return Lists(
            [item["slug"] async for item in offers],
            [item async for item in topics],
            [item["slug"] for issue in self.issues for item in await self._collected(issue)],
        )

    async def _collected(self, issue: str) -> list[Mapping[str, Any]]:
        view = await self._get(f"issues/{issue}", self.editor)
        return [item for section in view["sections"] for item in section["collected"]]

    async def _items(
        self, path: str, token: str, key: str = "items", *, most: int = 0, **params: str
    ) -> AsyncIterator[Any]:
        """The items of a list, page by page until there are `most` of them (0: to its end)."""
        cursor, number = "", 0
        while True:
            page = await self._get(path, token, limit=PAGE, **params, **({"cursor": cursor} if cursor else {}))
            for item in page[key]:
                number += 1
                yield item
            cursor = page["next"] or ""
            if not cursor or number >= most > 0:
                return

    async def _get(self, path: str, token: str, **params: str) -> Any:
        try:
            answer = await self.lotse.api("GET", path, token=token, params=params)
        except (aiohttp.ClientError, OSError) as error:
            raise NotWell(f"{path}: {error!r}") from error
        if answer.status != 200:
            raise NotWell(f"{path}: {answer.status} {answer.body}")
        return answer.body


async def searchable(reader: Reader, word: str, stretch: Stretch) -> list[str]:
    """What an acknowledged publish still lacks to be found."""
    return _missing("searchable", await reader.found(word, "offer"), stretch.offers)


async def followed(reader: Reader, word: str, stretch: Stretch, lists: Lists) -> list[str]:
    """Everything that is missing, doubled or too much after a stretch of load; empty when all is well."""
    lists = lists.of(word)
    topics = [topic["slug"] for topic in lists.topics]
    titles = [topic["title"] for topic in lists.topics]
    problems = [
        *_missing("published", lists.published, stretch.offers),
        *_unequal("searchable", await reader.found(word, "offer"), lists.published),
        *_unequal("in the space", (topic["offer"] for topic in lists.topics if topic["offer"]), lists.published),
        *_unequal("collected", lists.collected, lists.published),
        *_missing("kept as topics", topics, stretch.replies.values()),
        *_unequal("opened", titles, titles),
        *_unequal("searchable as topics", await reader.found(word, "topic"), topics),
        *(f"{topic['slug']} has {topic['posts']} posts" for topic in lists.topics if topic["posts"] > POSTS),
    ]
    for reply, topic in stretch.replies.items():
        if topic not in await reader.leads_to(reply):
            problems.append(f"a reply in {topic} is not searchable by its word {reply}")
    return problems


async def until_none(look: Callable[[], Awaitable[list[str]]], seconds: float) -> float:
    """Wait until `look` tells of no problem any more; the seconds that it took. Fails after `seconds`."""
    started = time.monotonic()
    while True:
        try:
            problems = await look()
        except NotWell as error:
            problems = [str(error)]
        waited = time.monotonic() - started
        if not problems:
            return waited
        assert waited < seconds, f"after {waited:.0f} s:\n" + "\n".join(problems)
        await asyncio.sleep(LOOK_SECONDS)


def _unequal(what: str, counted: Iterable[str], expected: Iterable[str]) -> list[str]:
    """The difference between what is there, item by item, and what should be there once each."""
    found, wanted = Counter(counted), set(expected)
    doubled = [name for name, number in found.items() if number > 1]
    surplus = [name for name in found if name not in wanted]
    return [
        *_missing(what, found, wanted),
        *([f"{what} more than once: {_some(doubled)}"] if doubled else []),
        *([f"{what} without reason: {_some(surplus)}"] if surplus else []),
    ]


def _missing(what: str, found: Iterable[str], wanted: Iterable[str]) -> list[str]:
    lacking = sorted(set(wanted) - set(found))
    return [f"not {what}: {_some(lacking)}"] if lacking else []


def _some(names: Sequence[str]) -> str:
    return f"{len(names)} ({', '.join(names[:SHOWN])}{' …' if len(names) > SHOWN else ''})"
