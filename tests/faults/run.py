"""Plays faults one after the other under load and tells how long Lotse took to be well again after each."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from tests.faults.faults import Fault, all_faults
from tests.faults.house import House
from tests.faults.load import Load, Outcome, Stretch
from tests.faults.mailing import Mailing
from tests.faults.poison import Poison
from tests.faults.verify import Reader, followed, searchable, until_none

POISONED = ("forum", "newsletter", "search")  # those that hear of offers
MAIL_SECONDS = 300.0  # a server's fault makes mails wait a minute, a killed worker's lease three


@dataclass(frozen=True)
class Plan:
    """How a run goes: publishes and posts a second, seconds of outages, of load before and after, and of patience."""

    rate: float = 25.0
    posts: float = 3.0
    outage: float = 20.0
    lead: float = 1.0
    tail: float = 1.0
    patience: float = 120.0


@dataclass
class Row:
    """One fault: when it struck, how long something was broken, what was asked meanwhile, and how long until healed."""

    fault: str
    at: float
    broken: float = 0.0
    stretch: Stretch = field(default_factory=Stretch)
    searchable: float = 0.0
    healed: float = 0.0


class Run:
    """One run against a house; what it does follows from the seed alone."""

    def __init__(self, house: House, plan: Plan, seed: int, say: Callable[[str], None] = print) -> None:
        self._house = house
        self._plan = plan
        self._random = Random(seed)
        self._say = say
        self._began = time.monotonic()
        self._loads: list[tuple[Load, Stretch]] = []
        self.rows: list[Row] = []
        self.poison = Poison(self._random.choice(POISONED))

    async def prepare(self) -> None:
        """Sign in, and draft the issue that collects what will be published."""
        self._coordinator, editor, second = [
            await self._house.sign_in(f"{name}@example.org") for name in ("koordination", "redaktion", "redaktion2")
        ]
        self.mailing = Mailing(editor, second, self._plan.outage)
        await self.mailing.draft(self._house)
        self._reader = Reader(self._house, self._coordinator, editor, self.mailing.issues)

    def faults(self) -> list[Fault]:
        """All faults in random order, the mail server's first: its mails wait for minutes and hold all that was
        collected before."""
        faults = [*all_faults(self._house, self._plan.outage), self.poison.fault]
        self._random.shuffle(faults)
        return [self.mailing.fault, *faults]

    def a_fault_of_each_kind(self, kinds: Iterable[str]) -> list[Fault]:
        """One of each of `kinds`, in the same order."""
        faults = self.faults()
        chosen = [next(fault for fault in faults if fault.kind == kind) for kind in kinds]
        return sorted(chosen, key=faults.index)

    async def play(self, fault: Fault) -> None:
        """Break, mend and wait until all that was acknowledged has led to all that follows from it."""
        plan = self._plan
        load = Load(self._house, self._coordinator, len(self._loads) + 1, rate=plan.rate, posts=plan.posts)
        await load.prepare(round(plan.rate * (plan.lead + fault.seconds + plan.tail)))
        enough, stretch = asyncio.Event(), Stretch()
        loading = asyncio.create_task(load.run(enough, stretch))
        await asyncio.sleep(plan.lead * self._random.uniform(0.5, 1.5))
        row = Row(fault.name, time.monotonic() - self._began)
        started = time.monotonic()
        await fault.strike(self._house)
        mended = time.monotonic()
        row.broken = mended - started
        await asyncio.sleep(plan.tail)
        enough.set()
        await loading
        row.stretch = stretch
        self._loads.append((load, stretch))
        await until_none(lambda: searchable(self._reader, load.word, stretch), plan.patience)
        row.searchable = time.monotonic() - mended
        await until_none(lambda: self._problems(load, stretch), plan.patience)
        row.healed = time.monotonic() - mended
        self.rows.append(row)
        self._say(line(row))

    async def _problems(self, load: Load, stretch: Stretch) -> list[str]:
        # Beside what the load made, the lists may begin with some topics that somebody has pinned.
        newest = 2 * (stretch.sent + len(stretch.replies)) + 100
        return await followed(self._reader, load.word, stretch, await self._reader.lists(newest))

    def summary(self) -> str:
        """How much was played and held, in a line."""
        told = sum((stretch.outcomes for _, stretch in self._loads), Counter[Outcome]())
        replies = sum(len(stretch.replies) for _, stretch in self._loads)
        kept, refused, unknown = (told[each] for each in Outcome)
        return (
            f"{len(self.rows)} faults, {told.total()} publishes: {kept} acknowledged, {refused} refused, {unknown} "
            f"unanswered; {replies} acknowledged replies. Everything acknowledged is there, and once."
        )

    async def finish(self) -> None:
        """Look at everything once more: later faults must not have harmed what was well before."""
        if self.mailing.started:
            seconds = await self.mailing.finished(self._house, MAIL_SECONDS)
            self._say(f"mails: the last arrived {seconds:.1f} s after the mail server's return")
        lists = await self._reader.lists()
        for load, stretch in self._loads:
            problems = await followed(self._reader, load.word, stretch, lists)
            assert not problems, "\n".join(problems)
        problems = await self.poison.problems(self._house)
        assert not problems, "\n".join(problems)


HEAD = (
    f"{'fault':<34} {'at s':>6} {'broken s':>8} {'sent':>5} {'per s':>5} {'kept':>5} {'refused':>7} {'unknown':>7}"
    f" {'searchable after s':>18} {'all well after s':>16}"
)


def line(row: Row) -> str:
    """A row of the table. "kept" are the acknowledged publishes; both times count from the moment of mending."""
    told = row.stretch.outcomes
    return (
        f"{row.fault:<34} {row.at:>6.0f} {row.broken:>8.1f} {row.stretch.sent:>5} {row.stretch.rate:>5.1f} "
        f"{told[Outcome.ACKNOWLEDGED]:>5} {told[Outcome.REFUSED]:>7} {told[Outcome.UNKNOWN]:>7} "
        f"{row.searchable:>18.1f} {row.healed:>16.1f}"
    )
