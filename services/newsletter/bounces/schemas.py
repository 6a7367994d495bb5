"""Requests and answers around what came back, for editors."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

BounceKind = Literal["hard", "soft", "complaint", "unknown"]
ReplyState = Literal["open", "done"]


class BounceQuery(msgspec.Struct):
    """A page of what came back, newest first: all of it, of one kind, or of one issue (its slug)."""

    kind: BounceKind | None = None
    issue: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    cursor: str = ""


class BounceView(msgspec.Struct):
    """One bounce or complaint, without the address it is about.

    `status` is that of RFC 3463, `domain` the recipient's, `diagnostic` the server's words, `issue` a slug ("" for
    other mails), `way` how it came: lmtp, http, mailbox, or smtp for a refusal while sending.
    """

    at: str
    kind: BounceKind
    status: str
    domain: str
    diagnostic: str
    issue: str
    service: str
    way: str


class BouncePage(msgspec.Struct):
    """Bounces, newest first."""

    items: list[BounceView]
    total: int
    next: str | None = None


class SummaryQuery(msgspec.Struct):
    """The days, back from today, that are counted."""

    days: Annotated[int, msgspec.Meta(ge=1, le=400)] = 100


class Counted(msgspec.Struct):
    """How many bounces and complaints something had. `name` is an issue's slug, a month (2026-11) or a domain.

    `mails` is how many mails servers took, 0 where that is not counted.
    """

    name: str
    hard: int = 0
    soft: int = 0
    complaint: int = 0
    mails: int = 0


class Summary(msgspec.Struct):
    """What came back in the last days: altogether by kind, by issue, by month, and the domains with most of it."""

    since: str
    kinds: dict[str, int]
    issues: list[Counted]
    months: list[Counted]
    domains: list[Counted]


class ReplyQuery(msgspec.Struct):
    """A page of what people wrote, newest first."""

    state: ReplyState = "open"
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 30
    cursor: str = ""


class ReplySummary(msgspec.Struct):
    """A mail of a person, as a list shows it. `hint` is leave where it seems to ask for that."""

    id: str
    sender: str
    sender_name: str
    subject: str
    received_at: str
    state: ReplyState
    hint: str
    about: str


class ReplyPage(msgspec.Struct):
    """Mails of people, newest first; `open` is how many wait for somebody."""

    items: list[ReplySummary]
    total: int
    open: int
    next: str | None = None


class ReplyView(msgspec.Struct):
    """A mail of a person to read. `text` is plain text, `shortened` if there is more; attachments are only counted.

    `deleted_on` is the day on which it will be deleted.
    """

    id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    shortened: bool
    attachments: int
    hint: str
    about: str
    state: ReplyState
    received_at: str
    deleted_on: str
    done_at: str
    done_by: str


class ReplyChange(msgspec.Struct, forbid_unknown_fields=True):
    """Whether somebody has dealt with it."""

    state: ReplyState
