"""The rules of a dispatch: how much is claimed for how long, and what an outcome makes of a delivery."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from infra.mail.message import Outcome, Result
from infra.mail.posting.domain import SERVER_PAUSE, gives_up, pause
from services.newsletter.deliveries.domain import FAILED, SENT, SUPPRESSED, UNCERTAIN, WAITING

# One claim: enough to make its two transactions cheap, few enough to be named one by one after a loss of power, when
# nobody can say which of them went out.
BATCH = 500
# A content may be with the server for ten minutes before it answers (infra.mail.pipelining.session), so nothing is
# begun in the last quarter of an hour of a lease: afterwards another worker may look at the rows.
LEASE = timedelta(minutes=20)
BEGIN_WITHIN = timedelta(minutes=5)
# After so long a job ends and asks for the next one, so that a confirmation does not wait for a whole issue.
TURN_SECONDS = 5.0

RESEND_AFTER = timedelta(seconds=5)  # as long as a server rests that hung up

LEFT = "left"
BARRED = "barred"
CANCELLED = "cancelled"
LEAVE, RESEND = "leave", "resend"


class Claim(msgspec.Struct, frozen=True):
    """A delivery that this worker alone may send. `address` is "" when the reader has left or must not get mail."""

    id: UUID
    subscriber_id: UUID
    segment_id: UUID
    message_id: str
    attempts: int
    created_at: datetime
    address: str
    barred: bool = False


class Settlement(msgspec.Struct, frozen=True):
    """What becomes of a claimed row: `next_at` when it is tried again, `counted` whether this was an attempt."""

    id: UUID
    status: str
    code: int = 0
    reply: str = ""
    next_at: datetime | None = None
    counted: bool = True


def settled(claim: Claim, outcome: Outcome, now: datetime) -> Settlement:
    """By what the server said: taken, refused for good, or to be tried again, for days."""
    if outcome.result is Result.ACCEPTED:
        return Settlement(claim.id, SENT, outcome.code, outcome.reply)
    if outcome.result is Result.PERMANENT or gives_up(claim.created_at, now):
        return Settlement(claim.id, FAILED, outcome.code, outcome.reply)
    if outcome.server_fault:  # not this mail's attempt: it was never looked at
        return Settlement(claim.id, WAITING, outcome.code, outcome.reply, now + SERVER_PAUSE, counted=False)
    return Settlement(claim.id, WAITING, outcome.code, outcome.reply, now + pause(claim.attempts))


def unsure(claim: Claim, reason: str, policy: str, now: datetime) -> Settlement:
    """A mail whose answer nobody heard, by LOTSE_NEWSLETTER_UNCERTAIN. Sent again it bears the same Message-ID."""
    if policy == RESEND and not gives_up(claim.created_at, now):
        wait = RESEND_AFTER if claim.attempts <= 1 else pause(claim.attempts - 1)
        return Settlement(claim.id, WAITING, 0, reason, now + wait)
    return Settlement(claim.id, UNCERTAIN, 0, reason)


def given_back(claim: Claim, next_at: datetime, hindrance: Outcome | None = None) -> Settlement:
    """A mail that was not begun waits on, and this was no attempt."""
    code, reply = (hindrance.code, hindrance.reply) if hindrance else (0, "")
    return Settlement(claim.id, WAITING, code, reply, next_at, counted=False)


def unwanted(claim: Claim) -> Settlement:
    """Nobody is there any more to want it, or who is must not get mail."""
    return Settlement(claim.id, SUPPRESSED, 0, BARRED if claim.barred else LEFT)


def needs_attention(settled: int, failed: int, uncertain: int) -> bool:
    """Whether somebody should look at how an issue went: a mail in doubt, or one in twenty refused."""
    return uncertain > 0 or failed * 20 > settled
