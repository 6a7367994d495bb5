"""From "publish" to "found" at 20 publishes a second, and what a publish costs each process: all-in-one and apart.

Each offer carries a word of its own. First 200 offers are published with nobody asking: the processor time that every
process takes until all of them and their topics are found is what a publish costs. Then 200 more with one prober that
asks for the oldest word that is still missing, one search at a time, with a pause after each in vain: the clock starts
when the request to publish is sent and stops when a search answers with the offer. What the prober adds is told too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field

from bench.kit import Context, Figure, percentile
from bench.processes import DATABASE, NO_SERVERS, ProcessesOnServers, processor_seconds, servers, table
from tests.instance import Instance

OFFERS = 200
WARM_UP = 20
PER_SECOND = 20
PROBE_SECONDS = 0.02
IDLE_SECONDS = 5.0
GIVE_UP_SECONDS = 30.0
LETTERS = "bcdfghklmnprstvz"


async def figures(context: Context) -> list[Figure]:
    """Processor milliseconds of a publish and milliseconds until it is found, of each form that can be run here."""
    async with Instance(context.folder / "together") as lotse:
        found = await _measured(lotse, "all_in_one", "< 150 ms")
    if not servers():
        print(f"  {NO_SERVERS}", flush=True)
        return found
    async with ProcessesOnServers(context.folder / "apart") as lotse:
        return found + await _measured(lotse, "processes", "< 300 ms")


async def _measured(lotse: Instance, form: str, aim: str) -> list[Figure]:
    load = Load(lotse, await lotse.sign_in("koordination@example.org"))
    await load.draft(WARM_UP + 2 * OFFERS)
    await load.publish(WARM_UP)
    await load.settled()
    idle = await _used(lotse, asyncio.sleep(IDLE_SECONDS))
    quiet = await _used(lotse, load.publish_and_settle(OFFERS))
    prober = asyncio.create_task(load.find_all(OFFERS))
    probed = await _used(lotse, load.publish_and_settle(OFFERS))
    milliseconds = await prober
    costs = {name: 1000 * seconds / OFFERS for name, seconds in quiet.items()}
    at_rest = {name: 100 * seconds / IDLE_SECONDS for name, seconds in idle.items()}
    probe = 1000 * (sum(probed.values()) - sum(quiet.values())) / load.probes
    return [
        Figure(f"publish_processor_{form}", _ours(costs), "ms", aim="<= 35 ms", note=table(costs)),
        Figure(f"publish_idle_{form}", _ours(at_rest), "% of a core", note=table(at_rest)),
        Figure(f"publish_to_searchable_p50_{form}", percentile(milliseconds, 0.5), "ms", values=milliseconds),
        Figure(
            f"publish_to_searchable_p99_{form}",
            percentile(milliseconds, 0.99),
            "ms",
            aim=aim,
            note=f"{load.probes} probes of {probe:.1f} ms processor time each beside {OFFERS} publishes",
        ),
    ]


async def _used(lotse: Instance, work: Awaitable[None]) -> dict[str, float]:
    """Processor seconds that each process took while `work` was done."""
    before = await processor_seconds(lotse)
    await work
    after = await processor_seconds(lotse)
    return {name: seconds - before.get(name, 0.0) for name, seconds in after.items()}


def _ours(shares: Mapping[str, float]) -> float:
    """The sum over our own processes."""
    return sum(share for name, share in shares.items() if name != DATABASE)


@dataclass
class Load:
    """Publishes numbered offers and looks for them. `probes` counts the searches of `find_all`."""

    lotse: Instance
    token: str
    slugs: list[str] = field(default_factory=list)
    started: dict[int, float] = field(default_factory=dict)
    probes: int = 0

    async def draft(self, count: int) -> None:
        """Make that many drafts."""
        for number in range(len(self.slugs), len(self.slugs) + count):
            offer = {
                "title": f"Messung {word(number)}",
                "summary": "Ein Angebot für die Messung.",
                "kind": "course",
                "network": "iq-landesnetzwerk-sachsen-anhalt",
                "stages": ["language"],
                "districts": ["landkreis-harz"],
            }
            answer = await self.lotse.api("POST", "offers", token=self.token, json=offer)
            assert answer.status == 201, answer
            self.slugs.append(answer.body["slug"])

    async def publish(self, count: int) -> None:
        """Publish the next ones at the chosen rate, whether or not those before are answered."""
        begin, first = time.perf_counter(), len(self.started)
        publishing = []
        for number in range(first, first + count):
            await asyncio.sleep(max(0.0, begin + (number - first) / PER_SECOND - time.perf_counter()))
            self.started[number] = time.perf_counter()
            publishing.append(asyncio.create_task(self._publish(number)))
        await asyncio.gather(*publishing)

    async def _publish(self, number: int) -> None:
        answer = await self.lotse.api("POST", f"offers/{self.slugs[number]}/publish", token=self.token)
        assert answer.status == 200, answer

    async def settled(self) -> None:
        """Return once the newest offer and its topic are found: events keep their order, so all before are."""
        number = len(self.started) - 1
        async with asyncio.timeout(GIVE_UP_SECONDS):
            for kind in ("topic", "offer"):
                while not await self._is_found(number, kind):
                    await asyncio.sleep(0.2)

    async def publish_and_settle(self, count: int) -> None:
        """Publish, and wait until everything that follows from it is done."""
        await self.publish(count)
        await self.settled()

    async def find_all(self, count: int) -> list[float]:
        """Milliseconds from the start of each of the next `count` publishes until the offer is found."""
        waiting = list(range(len(self.started), len(self.started) + count))
        milliseconds: list[float] = []
        while waiting:
            number = waiting[0]
            if number not in self.started:
                await asyncio.sleep(PROBE_SECONDS)
                continue
            self.probes += 1
            if await self._is_found(number, "offer"):
                milliseconds.append(1000 * (time.perf_counter() - self.started[number]))
                del waiting[0]
            elif time.perf_counter() - self.started[number] < GIVE_UP_SECONDS:
                await asyncio.sleep(PROBE_SECONDS)
            else:
                raise TimeoutError(f"{self.slugs[number]} was not found within {GIVE_UP_SECONDS} s")
        return milliseconds

    async def _is_found(self, number: int, kind: str) -> bool:
        params = {"q": word(number), "kind": kind, "limit": "3"}
        answer = await self.lotse.api("GET", "search", params=params)
        slug = self.slugs[number] if kind == "offer" else f"angebot-{self.slugs[number]}"
        return any(hit["slug"] == slug for hit in answer.body["hits"])


def word(number: int) -> str:
    """A made-up word for each number, far enough from the others that typo tolerance keeps them apart."""
    digits = [number // 16**place % 16 for place in range(3)]
    return "qua" + "".join(LETTERS[digit] + "o" + LETTERS[(digit * 7 + 3) % 16] for digit in digits)
