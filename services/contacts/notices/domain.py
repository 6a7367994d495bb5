"""The rules of notices: who is told of what, how often without having chosen, and when the next digest goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from infra.contracts import notices as kinds
from infra.contracts.roles import ADMIN, COORDINATOR, EDITOR, PUBLISHER

NOW, DAILY, OFF = "now", "daily", "off"
DIGEST = "digest"  # in the place of a kind: all that come in the digest

# What the token in a mail may do: end the mails of one kind (each has a key of its own). It is good for ever.
STOP = "notice-stop"
DIGEST_AT = time(7, tzinfo=ZoneInfo("Europe/Berlin"))
# About the same thing at most one mail an hour: what comes in between is told together.
REST = timedelta(hours=1)
KEEP = timedelta(days=30)
MAX_WORD = 160
_NAMESPACE = UUID("0d7b2f0e-5f6b-5c59-9d53-2a1f7f0c3b21")  # our own (RFC 9562, 5.5)


@dataclass(frozen=True)
class Kind:
    """A kind of notice: how often who has not chosen is told, and whom it can concern ((): everybody)."""

    rhythm: str
    roles: tuple[str, ...] = ()

    def concerns(self, roles: set[str]) -> bool:
        """Whether somebody with these roles can be told of it."""
        return not self.roles or bool(roles & {*self.roles, ADMIN})


KINDS = {
    kinds.ISSUE_WAITING: Kind(NOW, (PUBLISHER,)),
    kinds.ISSUE_PROPOSED: Kind(NOW, (EDITOR,)),
    kinds.ISSUE_REMINDER: Kind(NOW, (EDITOR,)),
    kinds.ISSUE_SENT: Kind(NOW, (PUBLISHER,)),
    kinds.ISSUE_TROUBLE: Kind(NOW, (PUBLISHER,)),
    kinds.ARTICLE_WAITING: Kind(DAILY, (EDITOR,)),
    kinds.TOPIC_REPLY: Kind(NOW),
    kinds.OFFER_EXPIRING: Kind(DAILY, (COORDINATOR,)),
    kinds.OFFER_EXPIRED: Kind(DAILY, (COORDINATOR,)),
}


def notice_id(account: UUID, kind: str, about: str) -> UUID:
    """The id of what there is to tell an account about one thing."""
    return uuid5(_NAMESPACE, f"{account}:{kind}:{about}")


def due_at(rhythm: str, mailed_at: datetime | None, now: datetime) -> datetime:
    """When something that came at `now` is told; `mailed_at` is when the same thing was told the last time."""
    if rhythm == DAILY:
        return next_digest(now)
    return max(now, mailed_at + REST) if mailed_at else now


def next_digest(now: datetime) -> datetime:
    """The next seven o'clock in Berlin after `now`, summer or winter."""
    here = now.astimezone(DIGEST_AT.tzinfo)
    today = datetime.combine(here.date(), DIGEST_AT)
    return today if today > here else datetime.combine(here.date() + timedelta(days=1), DIGEST_AT)


def own_path(path: str) -> str:
    """`path` when it is one of this site, else "" (the mail then leads to the start)."""
    own = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if own and len(path) <= 500 else ""
