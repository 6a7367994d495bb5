"""The life of a posting: waiting → claimed → sent, failed or suppressed; after a passing failure waiting again."""

from __future__ import annotations

from datetime import datetime, timedelta

WAITING = "waiting"
CLAIMED = "claimed"
SENT = "sent"
FAILED = "failed"
SUPPRESSED = "suppressed"
OPEN = (WAITING, CLAIMED)

BATCH = 50
LEASE = timedelta(minutes=6)
# One mail may take as long as several time-outs of the SMTP connection, the longest of two minutes after the content,
# and then go on to the next server; no mail is begun later than this before the lease ends, since then another worker
# may claim the row.
LEASE_MARGIN = timedelta(minutes=5)
SERVER_PAUSE = timedelta(minutes=1)
BEHIND_OTHERS = timedelta(seconds=1)
GIVE_UP_AFTER = timedelta(days=4)
_STEPS = (1, 5, 15, 60, 240)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts (at least 1): minutes first, four hours later on."""
    return timedelta(minutes=_STEPS[min(attempts, len(_STEPS)) - 1])


def gives_up(created_at: datetime, now: datetime) -> bool:
    """Whether a mail that still meets passing failures has been tried for long enough."""
    return now - created_at >= GIVE_UP_AFTER
