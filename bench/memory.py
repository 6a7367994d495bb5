"""Resident memory of a whole installation in processes, each and in all, when ready and after some load.

Shared pages (the interpreter, the libraries) count in full in every process's RSS, in parts in PSS, and not in USS. The
load: 100 publishes at 20 a second, and every kind of page read some times.
"""

from __future__ import annotations

from collections.abc import Mapping

import psutil

from bench.kit import Context, Figure
from bench.processes import NO_SERVERS, ProcessesOnServers, servers
from bench.publish import Load

MEGABYTE = 1_000_000
PUBLISHES = 100
ROUNDS = 20
PAGES = ("/", "/en/", "/suche?q=sprachkurs", "/netzwerke", "/regionen", "/forum", "/newsletter", "/api/v1/offers")
KINDS = ("rss", "pss", "uss")


async def figures(context: Context) -> list[Figure]:
    """Megabytes (million bytes) in all processes together; the note tells RSS and USS of each."""
    if not servers():
        print(f"  {NO_SERVERS}", flush=True)
        return []
    async with ProcessesOnServers(context.folder) as lotse:
        ready = _measured(lotse.pids)
        await _load(lotse)
        loaded = _measured(lotse.pids)
    return [*_sums("ready", ready), *_sums("loaded", loaded)]


async def _load(lotse: ProcessesOnServers) -> None:
    load = Load(lotse, await lotse.sign_in("koordination@example.org"))
    await load.draft(PUBLISHES)
    await load.publish_and_settle(PUBLISHES)
    for _ in range(ROUNDS):
        for page in PAGES:
            async with lotse.session.get(lotse.url + page) as answer:
                assert answer.status == 200, page
                await answer.read()


def _measured(pids: Mapping[str, int]) -> dict[str, dict[str, float]]:
    """Megabytes by process and kind."""
    found: dict[str, dict[str, float]] = {}
    for name, pid in pids.items():
        memory = psutil.Process(pid).memory_full_info()
        found[name] = {kind: getattr(memory, kind) / MEGABYTE for kind in KINDS}
    return found


def _sums(when: str, found: Mapping[str, Mapping[str, float]]) -> list[Figure]:
    each = ", ".join(f"{name} {sizes['rss']:.0f}/{sizes['uss']:.0f}" for name, sizes in found.items())
    sums = {kind: sum(sizes[kind] for sizes in found.values()) for kind in KINDS}
    note = f"{len(found)} processes, RSS/USS: {each}"
    return [
        Figure(f"memory_{when}_rss", sums["rss"], "MB", aim="< 900 MB", note=note),
        Figure(f"memory_{when}_pss", sums["pss"], "MB"),
        Figure(f"memory_{when}_uss", sums["uss"], "MB"),
    ]
