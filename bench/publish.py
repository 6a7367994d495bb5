"""From "publish" to "found": through the gateway of a running all-in-one, at 20 publishes a second.

Each offer carries a word of its own. The clock starts when the publish request is sent and stops when a search for the
word answers with the offer; the search is asked again as soon as it answered without it.
"""

from __future__ import annotations

import asyncio
import time

from bench.kit import Context, Figure, percentile
from tests.instance import Instance

OFFERS = 200
PER_SECOND = 20
GIVE_UP_SECONDS = 10.0
LETTERS = "bcdfghklmnprstvz"


async def figures(context: Context) -> list[Figure]:
    """p50 and p99 in milliseconds over 200 offers."""
    async with Instance(context.folder) as lotse:
        token = await lotse.sign_in("koordination@example.org")
        slugs = [await _draft(lotse, token, number) for number in range(OFFERS)]
        started = time.perf_counter()
        tasks = []
        for number, slug in enumerate(slugs):
            await asyncio.sleep(max(0.0, started + number / PER_SECOND - time.perf_counter()))
            tasks.append(asyncio.create_task(_publish_and_find(lotse, token, number, slug)))
        milliseconds = [1000 * seconds for seconds in await asyncio.gather(*tasks)]
    return [
        Figure("publish_to_searchable_p50", percentile(milliseconds, 0.5), "ms", values=milliseconds),
        Figure("publish_to_searchable_p99", percentile(milliseconds, 0.99), "ms", aim="< 150 ms"),
    ]


def word(number: int) -> str:
    """A made-up word for each number, far enough from the others that typo tolerance keeps them apart."""
    digits = [number // 16**place % 16 for place in range(3)]
    return "qua" + "".join(LETTERS[digit] + "o" + LETTERS[(digit * 7 + 3) % 16] for digit in digits)


async def _draft(lotse: Instance, token: str, number: int) -> str:
    offer = {
        "title": f"Messung {word(number)}",
        "summary": "Ein Angebot für die Messung.",
        "kind": "course",
        "network": "iq-landesnetzwerk-sachsen-anhalt",
        "stages": ["language"],
        "districts": ["landkreis-harz"],
    }
    answer = await lotse.api("POST", "offers", token=token, json=offer)
    assert answer.status == 201, answer
    slug: str = answer.body["slug"]
    return slug


async def _publish_and_find(lotse: Instance, token: str, number: int, slug: str) -> float:
    started = time.perf_counter()
    answer = await lotse.api("POST", f"offers/{slug}/publish", token=token)
    assert answer.status == 200, answer
    while time.perf_counter() - started < GIVE_UP_SECONDS:
        found = await lotse.api("GET", "search", params={"q": word(number), "kind": "offer", "limit": "3"})
        if any(hit["slug"] == slug for hit in found.body["hits"]):
            return time.perf_counter() - started
        await asyncio.sleep(0.005)
    raise TimeoutError(f"{slug} was not found within {GIVE_UP_SECONDS} s")
