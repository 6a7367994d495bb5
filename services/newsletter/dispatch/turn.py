"""One turn of sending an issue: claiming ahead, handing over, settling, all at once and for some seconds.

It has one server. Where that fails, what was not begun goes back and the next turn takes the next server, so that the
rates are counted where the mails go.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import asyncpg
from tortoise.exceptions import BaseORMException

from infra.db.faults import database_lost
from infra.db.retry import gave_up
from infra.ids import new_id
from infra.mail import Outcome, mailbox, signer_of
from infra.mail.pipelining import Carrier, MailboxCarrier, SmtpCarrier
from infra.mail.posting.domain import SERVER_PAUSE
from infra.mail.servers import ServerPool, parse_urls
from infra.mail.signing import Signer
from services.newsletter.context import current
from services.newsletter.dispatch import ledger
from services.newsletter.dispatch.composing import Composer
from services.newsletter.dispatch.domain import BATCH, TURN_SECONDS
from services.newsletter.dispatch.frames import frames_of
from services.newsletter.dispatch.journal import Journal, folder_of
from services.newsletter.dispatch.pacing import held_back
from services.newsletter.dispatch.round import Batch, Round
from services.newsletter.issues.domain import SENDING
from services.newsletter.issues.models import Issue

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
SETTLE_SECONDS = 0.15
PATIENCE = 30  # looks at a database that is away, before the journals are left to whoever comes next
_DATABASE_AWAY = (OSError, BaseORMException, asyncpg.PostgresError, asyncpg.InterfaceError)


class Turn:
    """One turn of sending an issue, over one server."""

    def __init__(self, issue: Issue) -> None:
        context = current()
        self._issue = issue
        self._journals = folder_of(context.settings.data_dir)
        self._pool = pool_of(context.settings.smtp_url)
        self._server = next(iter(self._pool.available()), None)
        signer = signer_for(context.settings.dkim_key, context.settings.dkim_domain, context.settings.dkim_selector)
        self._round = Round(Composer(signer), context.settings.newsletter_uncertain)
        self._ends = time.monotonic() + TURN_SECONDS

    async def run(self) -> None:
        """Send until nothing is due, the time is up, the issue is paused, or the server takes nothing more."""
        try:
            if await self._claim():
                async with asyncio.TaskGroup() as group:
                    helpers = [group.create_task(self._feed()), group.create_task(self._keep_settling())]
                    hindrance = await self._carrier().carry(self._round, self._round.waiting)
                    for helper in helpers:
                        helper.cancel()
                self._give_back(hindrance)
        finally:  # also when the process stops and cannot wait
            self._round.halt(datetime.now(UTC))
            try:
                await self._settle_all()
            finally:
                self._round.leave()

    def _carrier(self) -> Carrier:
        if self._server is None:
            return MailboxCarrier(mailbox(current().settings))
        return SmtpCarrier(self._server, self._pool)

    async def _feed(self) -> None:
        """Claim ahead of what is handed over, and stop in time."""
        more = True
        while True:
            await self._round.low(BATCH // 2, LOOK_SECONDS)
            try:
                if not await self._may_go_on():
                    self._round.halt(datetime.now(UTC))
                    return
                if more and self._round.waiting < BATCH // 2:
                    more = await self._claim()
            except _DATABASE_AWAY as error:
                _raise_unless_passing(error)
                self._round.halt(datetime.now(UTC) + SERVER_PAUSE)  # not at once: a full disk stays full for a while
                return
            if not more:
                self._round.finish()

    async def _may_go_on(self) -> bool:
        if time.monotonic() > self._ends or self._round.overdue:
            return False
        return await Issue.filter(id=self._issue.id, state=SENDING).exists()

    async def _claim(self) -> bool:
        """Claim what is due; False when nothing is."""
        now, lease = datetime.now(UTC), new_id()
        batch = Batch(lease, Journal(self._journals, self._issue.id, lease), now, open=0)
        self._round.open(batch)
        claims = await ledger.claim(self._issue.id, lease, BATCH, now)
        batch.open = len(claims)
        if not claims:
            self._round.drop(batch)
            return False
        frames = await frames_of(self._issue, {claim.segment_id for claim in claims})
        held = await held_back(self._server, claims, now) if self._server else {}
        self._round.add(batch, [(claim, frames[claim.segment_id]) for claim in claims if claim.id not in held])
        self._round.postpone(batch, [(claim, held[claim.id]) for claim in claims if claim.id in held])
        return True

    def _give_back(self, hindrance: Outcome | None) -> None:
        """What was not begun waits: not at all where another server is well, else as long as all rest."""
        pause = timedelta(seconds=self._pool.rest_seconds() if hindrance else 0)
        if hindrance is not None:
            log.warning("the mail server takes nothing, mails wait", extra={"smtp_code": hindrance.code})
        self._round.halt(datetime.now(UTC) + pause, hindrance)

    async def _keep_settling(self) -> None:
        while True:
            await asyncio.sleep(SETTLE_SECONDS)
            await self._settle()

    async def _settle(self) -> bool:
        """Tell the database what it does not know yet; False while it is away."""
        try:
            await self._round.settle()
        except _DATABASE_AWAY as error:
            _raise_unless_passing(error)
            return False
        return True

    async def _settle_all(self) -> None:
        """The same, with patience; what cannot be told stands in the journals."""
        for _ in range(PATIENCE):
            if await self._settle():
                return
            await asyncio.sleep(LOOK_SECONDS)


def _raise_unless_passing(error: Exception) -> None:
    """Go on without the database, or a new journal, only where it may come back."""
    if not (database_lost(error) or gave_up(error) or isinstance(error, OSError)):
        raise error
    log.warning("database or journal fail in the middle of an issue", extra={"error": type(error).__name__})


@lru_cache(maxsize=1)
def pool_of(urls: str) -> ServerPool:
    """The servers as this process knows them; it forgets how they are only when the settings change."""
    return ServerPool(parse_urls(urls))


@lru_cache(maxsize=1)
def signer_for(key: str, _domain: str, _selector: str) -> Signer | None:
    """Who signs by these settings, which are those of the process; reading the key takes its time."""
    return signer_of(current().settings) if key else None
