"""What the way through the gateway costs: the same answer from the bare service and through the gateway, over HTTP.

Both are processes of their own. The answer is one published offer as JSON, asked for by one caller, one request at a
time, in turns: a hundred at the service, a hundred through the gateway. Latency is what the caller sees; processor time
is that of the service and the gateway for one request.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping

import aiohttp

from bench.kit import Context, Figure, percentile, seconds_of
from bench.processes import NO_SERVERS, ProcessesOnServers, servers
from infra.settings import DEMO_SECRET
from infra.web.identity import ANONYMOUS, HEADER, sign

WARM_UP = 200
TOGETHER = 100
ROUNDS = 20


async def figures(context: Context) -> list[Figure]:
    """Latency p50 and p99 and processor milliseconds of both ways; the ratio is gateway and service over service."""
    if not servers():
        print(f"  {NO_SERVERS}", flush=True)
        return []
    async with ProcessesOnServers(context.folder) as lotse:
        slug = (await lotse.api("GET", "offers", params={"limit": "1"})).body["items"][0]["slug"]
        bare = f"{lotse.address_of('contacts')}/offers/{slug}"
        ways = {
            "bare": lambda: _ask(lotse.session, bare, {HEADER: sign(ANONYMOUS, "contacts", DEMO_SECRET)}),
            "gateway": lambda: _ask(lotse.session, f"{lotse.url}/api/v1/offers/{slug}", {}),
        }
        involved = [lotse.pids["contacts-web"], lotse.pids["gateway"]]
        return await _compared(ways, involved)


async def _compared(ways: Mapping[str, Callable[[], Awaitable[None]]], involved: list[int]) -> list[Figure]:
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    processor: dict[str, list[float]] = {way: [] for way in ways}
    for ask in ways.values():
        for _ in range(WARM_UP):
            await ask()
    for _ in range(ROUNDS):
        for way, ask in ways.items():
            before = seconds_of(involved)
            for _ in range(TOGETHER):
                started = time.perf_counter()
                await ask()
                seconds[way].append(1000 * (time.perf_counter() - started))
            processor[way].append(1000 * (seconds_of(involved) - before) / TOGETHER)
    return [
        *_both("hop_latency_p50", {way: percentile(values, 0.5) for way, values in seconds.items()}),
        *_both("hop_latency_p99", {way: percentile(values, 0.99) for way, values in seconds.items()}),
        *_both("hop_processor", {way: statistics.fmean(values) for way, values in processor.items()}),
    ]


def _both(name: str, values: dict[str, float]) -> list[Figure]:
    ratio = values["gateway"] / values["bare"]
    return [
        Figure(f"{name}_bare", values["bare"], "ms"),
        Figure(f"{name}_gateway", values["gateway"], "ms", ratio),
    ]


async def _ask(session: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> None:
    async with session.get(url, headers=headers) as answer:
        await answer.read()
        assert answer.status == 200, answer.status
