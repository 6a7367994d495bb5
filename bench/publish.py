"""From "publish" to "found": through the gateway of a running all-in-one, at 20 publishes a second.

Each offer carries a word of its own. The clock starts when the publish request is sent and stops when a search for the
word answers with the offer. One prober asks for the oldest word that is still missing, one search at a time with a
pause of 10 ms, so that the asking does not become the load that is measured.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from bench.kit import Context, Figure, percentile
from tests.instance import Instance

OFFERS = 200
PER_SECOND = 20
PROBE_SECONDS = 0.01
GIVE_UP_SECONDS = 10.0
LETTERS = "bcdfghklmnprstvz"


async def figures(context: Context) -> list[Figure]:
    """p50 and p99 in milliseconds over 200 offers."""
    async with Instance(context.folder) as lotse:
        token = await lotse.sign_in("koordination@example.org")
        slugs = [await _draft(lotse, token, number) for number in range(OFFERS)]
        started: dict[int, float] = {}
        prober = asyncio.create_task(_find_all(lotse, slugs, started))
        begin = time.perf_counter()
        publishing = []
        for number, slug in enumerate(slugs):
            await asyncio.sleep(max(0.0, begin + number / PER_SECOND - time.perf_counter()))
            started[number] = time.perf_counter()
            publishing.append(asyncio.create_task(_publish(lotse, token, slug)))
        await asyncio.gather(*publishing)
        milliseconds = await prober
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


async def _publish(lotse: Instance, token: str, slug: str) -> None:
    answer = await lotse.api("POST", f"offers/{slug}/publish", token=token)
    assert answer.status == 200, answer


async def _find_all(lotse: Instance, slugs: list[str], started: Mapping[int, float]) -> list[float]:
    """Milliseconds from each start in `started` until the offer is found."""
    found: dict[int, float] = {}
    while len(found) < len(slugs):
        await asyncio.sleep(PROBE_SECONDS)
        missing = [number for number in started if number not in found]
        if not missing:
            continue
        number = min(missing)
        answer = await lotse.api("GET", "search", params={"q": word(number), "kind": "offer", "limit": "3"})
        elapsed = time.perf_counter() - started[number]
        if any(hit["slug"] == slugs[number] for hit in answer.body["hits"]):
            found[number] = 1000 * elapsed
        elif elapsed > GIVE_UP_SECONDS:
            raise TimeoutError(f"{slugs[number]} was not found within {GIVE_UP_SECONDS} s")
    return list(found.values())
