"""How many mails may go to a server, and to one domain of recipients, within a minute: sliding windows in a database.

All processes of a service share the windows of its database. Mail to single people may use up the whole rate, an
issue leaves a tenth of it to them, so that a confirmation never waits for the bulk.

A service has a table made from `Window`; what sends takes from it right before:

    granted = await limits.take(tx, server, {"gmx.net": 40, "web.de": 3}, now, bulk=True)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tortoise import fields
from tortoise.models import Model

from infra.db import Transaction, transaction
from infra.settings.smtp import ALL_OTHERS, Server

WINDOW = timedelta(seconds=60)
BULK_SHARE = 0.9


class Window(Model):
    """What went to one server or domain in the last minute: `slots` holds [second, mails], the oldest first.

    `scope` is `server:host:port` or `domain:name`.
    """

    scope = fields.CharField(max_length=300, primary_key=True)
    slots = fields.JSONField[list[list[int]]](default=list)
    changed_at = fields.DatetimeField()

    class Meta:
        abstract = True


@dataclass(frozen=True)
class Limits:
    """The rates of one installation and the table in which a service counts. `rates` are mails a minute by domain."""

    model: type[Window]
    rates: Mapping[str, int]

    def concern(self, server: Server) -> bool:
        """Whether anything is limited on the way over this server."""
        return server.rate > 0 or any(self.rates.values())

    async def take(
        self, tx: Transaction, server: Server, domains: Mapping[str, int], now: datetime, *, bulk: bool = False
    ) -> dict[str, int]:
        """How many of the mails that wait by domain may go now over `server`; those count as gone.

        Domains are in lower case and IDNA (`infra.mail.domain_of`). Rows are locked until the transaction ends, in
        the order of their names: keep it short, and take before locking anything else.
        """
        limits = self._limits(server, domains)
        if not limits:
            return dict(domains)
        windows = await self._locked(tx, limits, now)
        second = int(now.timestamp())
        left = {scope: _left(windows[scope], rate, second, bulk) for scope, rate in limits.items()}
        granted: dict[str, int] = {}
        for domain, wanted in domains.items():
            scopes = [scope for scope in (_of(server), f"domain:{domain}") if scope in left]
            granted[domain] = min([wanted, *(left[scope] for scope in scopes)])
            for scope in scopes:
                left[scope] -= granted[domain]
                _count(windows[scope], second, granted[domain])
        for window in windows.values():
            window.changed_at = now
        await self.model.bulk_update(windows.values(), ["slots", "changed_at"], using_db=tx.connection)
        return granted

    async def free_at(self, server: Server, domain: str) -> tuple[datetime, float]:
        """When the fullest window on the way has room again, and the seconds between two mails of that rate."""
        limits = self._limits(server, {domain: 1})
        free, rate = datetime.fromtimestamp(0, UTC), 0.0
        for window in await self.model.filter(scope__in=list(limits)):
            if window.slots:
                opens = datetime.fromtimestamp(window.slots[0][0], UTC) + WINDOW
                free, rate = max((free, rate), (opens, WINDOW.total_seconds() / limits[window.scope]))
        return free, rate

    def _limits(self, server: Server, domains: Mapping[str, int]) -> dict[str, int]:
        """The limited windows that mails to `domains` pass, in the order of their names, with their rates."""
        others = self.rates.get(ALL_OTHERS, 0)
        found = {f"domain:{domain}": self.rates.get(domain, others) for domain in domains}
        found[_of(server)] = server.rate
        return {scope: found[scope] for scope in sorted(found) if found[scope] > 0}

    async def _locked(self, tx: Transaction, limits: Mapping[str, int], now: datetime) -> dict[str, Window]:
        await self.model.bulk_create(
            [self.model(scope=scope, slots=[], changed_at=now) for scope in limits],
            ignore_conflicts=True,
            using_db=tx.connection,
        )
        rows = self.model.filter(scope__in=list(limits)).using_db(tx.connection)
        windows = {row.scope: row for row in await rows.order_by("scope").select_for_update()}
        oldest = int((now - WINDOW).timestamp())
        for window in windows.values():
            window.slots = [[second, mails] for second, mails in window.slots if second > oldest]
        return windows


class Gate:
    """Lets the mails of one process through one by one. Those it holds back are given turns, at the pace of the rate:

    else a thousand that wait for one domain would all come back at once, again and again.
    """

    def __init__(self, service: str, limits: Limits) -> None:
        self._service = service
        self._limits = limits
        self._turns: dict[str, datetime] = {}

    async def wait_seconds(self, server: Server, domain: str) -> float:
        """0 when a mail to `domain` may go over `server` now (it counts as gone then), else for how long it waits."""
        if not self._limits.concern(server):
            return 0.0
        now = datetime.now(UTC)
        async with transaction(self._service) as tx:
            granted = await self._limits.take(tx, server, {domain: 1}, now)
        if granted[domain]:
            return 0.0
        free, pace = await self._limits.free_at(server, domain)
        turn = max(free, self._turns.get(domain, free)) + timedelta(seconds=pace)
        self._turns[domain] = turn
        return max(pace, (turn - now).total_seconds())


async def forget(model: type[Window], now: datetime) -> int:
    """Delete the windows of what nothing goes to any more; returns how many."""
    return await model.filter(changed_at__lt=now - 2 * WINDOW).delete()


def _of(server: Server) -> str:
    return f"server:{server.name}"


def _left(window: Window, rate: int, second: int, bulk: bool) -> int:
    allowed = max(1, int(rate * BULK_SHARE)) if bulk else rate
    return max(0, allowed - sum(mails for _, mails in window.slots))


def _count(window: Window, second: int, mails: int) -> None:
    if not mails:
        return
    if window.slots and window.slots[-1][0] == second:
        window.slots[-1][1] += mails
    else:
        window.slots.append([second, mails])
