"""What people do while something breaks: publishes in an even rhythm whatever the answers are, and forum posts.

The rhythm is that of an open loop: the next publish goes out at its time even if those before it still wait for their
answer, as it is with many people who know nothing of one another. What was acknowledged must be kept; what was refused
or whose answer was lost may have happened once or not at all.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from typing import Any

import aiohttp

from tests.instance import ApiAnswer, Instance

NETWORK = "iq-landesnetzwerk-sachsen-anhalt"
DRAFTING = 4
LETTERS = "bdfgklmnprst"


class Outcome(Enum):
    """What a client knows of its request."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass
class Stretch:
    """A stretch of load: what was sent, what came of it, and how fast it really went.

    `offers` are the slugs of those whose publishing was acknowledged, `replies` the words of acknowledged posts with
    the slugs of their topics, `seconds` how long the answers to publishes took.
    """

    offers: set[str] = field(default_factory=set)
    replies: dict[str, str] = field(default_factory=dict)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    lasted: float = 0.0

    @property
    def sent(self) -> int:
        """Publishes that were sent."""
        return len(self.seconds)

    @property
    def rate(self) -> float:
        """Publishes per second that were really sent."""
        return self.sent / self.lasted if self.lasted else 0.0


class Load:
    """Publishes drafts that were made before. All offers of one load bear its `word` in their titles."""

    def __init__(self, lotse: Instance, token: str, number: int, *, rate: float, posts: float = 0.0) -> None:
        self._lotse = lotse
        self._token = token
        self._every = 1 / rate
        self._posts_every = 1 / posts if posts else 0.0
        self.word = word(number)
        self.drafts: list[str] = []
        self._made = 0

    async def prepare(self, number: int) -> None:
        """Make drafts until `number` of them wait."""
        missing = number - len(self.drafts)
        for start in range(0, missing, DRAFTING):
            await asyncio.gather(*(self._draft() for _ in range(min(DRAFTING, missing - start))))

    async def _draft(self) -> None:
        self._made += 1
        offer = {
            "title": f"Kurs {self.word} {self._made}",
            "summary": "Ein Angebot für den Versuch.",
            "kind": "course",
            "network": NETWORK,
            "stages": ["language"],
            "districts": ["landkreis-harz"],
        }
        answer = await self._lotse.api("POST", "offers", token=self._token, json=offer)
        assert answer.status == 201, answer
        self.drafts.append(answer.body["slug"])

    async def run(self, until: asyncio.Event, stretch: Stretch) -> None:
        """Publish and post in rhythm until `until` is set or no draft is left; returns once all is answered.

        What comes of it is written into `stretch` as it comes.
        """
        started = time.monotonic()
        posting = asyncio.create_task(self._post(until, stretch))
        publishing: list[asyncio.Task[None]] = []
        for slug in list(self.drafts):
            if not await _until_next(until, started + len(publishing) * self._every):
                break
            self.drafts.remove(slug)
            publishing.append(asyncio.create_task(self._publish(slug, stretch)))
        stretch.lasted = time.monotonic() - started
        until.set()
        await asyncio.gather(posting, *publishing)

    async def _publish(self, slug: str, stretch: Stretch) -> None:
        sent = time.monotonic()
        outcome, _ = await _told(self._lotse, f"offers/{slug}/publish", self._token)
        stretch.seconds.append(time.monotonic() - sent)
        stretch.outcomes[outcome] += 1
        if outcome is Outcome.ACKNOWLEDGED:
            stretch.offers.add(slug)

    async def _post(self, until: asyncio.Event, stretch: Stretch) -> None:
        """Open a topic and answer there, one after the other, as one person would."""
        started, number, topic = time.monotonic(), 0, ""
        while self._posts_every and await _until_next(until, started + number * self._posts_every):
            number += 1
            if number % 2:
                topic = await self._open_topic(number)
            elif topic:
                await self._reply(topic, stretch)

    async def _open_topic(self, number: int) -> str:
        """The slug of a new topic, "" when that is not certain."""
        topic = {"title": f"Frage {self.word} {number}", "body": "Wer weiß mehr?"}
        outcome, answer = await _told(self._lotse, f"spaces/{NETWORK}/topics", self._token, topic)
        return answer.body["slug"] if answer and outcome is Outcome.ACKNOWLEDGED else ""

    async def _reply(self, topic: str, stretch: Stretch) -> None:
        said = word(next(_NUMBERS), "xo")
        outcome, _ = await _told(self._lotse, f"topics/{topic}/posts", self._token, {"body": f"Das weiß {said}."})
        if outcome is Outcome.ACKNOWLEDGED:
            stretch.replies[said] = topic


async def _until_next(until: asyncio.Event, at: float) -> bool:
    """Wait for the moment `at`; False when `until` was set first."""
    try:
        await asyncio.wait_for(until.wait(), max(0.0, at - time.monotonic()))
    except TimeoutError:
        return True
    return False


async def _told(lotse: Instance, path: str, token: str, body: Any = None) -> tuple[Outcome, ApiAnswer | None]:
    """Send a POST; what its sender knows afterwards."""
    try:
        answer = await lotse.api("POST", path, token=token, json=body)
    except (aiohttp.ClientError, OSError):
        return Outcome.UNKNOWN, None
    return (Outcome.ACKNOWLEDGED if answer.status < 400 else Outcome.REFUSED), answer


def word(number: int, start: str = "zy") -> str:
    """A made-up word for each number; any two differ in at least two letters, so typo tolerance tells them apart."""
    first, second, third = number // 144 % 12, number // 12 % 12, number % 12
    check = (first + second + third) % 12
    return start + "".join(LETTERS[digit] + "u" for digit in (first, second, third, check))


_NUMBERS = count()
