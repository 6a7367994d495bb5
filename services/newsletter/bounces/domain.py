"""The rules of what comes back: how much of a mail is read, when many soft bounces make a hard one, what is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from infra.mail.verdicts import as_kept

MEGABYTE = 1024 * 1024
# Mails of people with attachments come in up to about this size; what is larger is refused, or only its top is read.
MOST_BYTES = 30 * MEGABYTE
# Reports stand before the mail they return, texts before attachments: more than this is never parsed or kept in memory.
READ_BYTES = MEGABYTE
# A megabyte of nothing but separators would become as many parts of 1 kB each, and parts inside one another as many
# calls; a real mail has a handful.
MOST_PARTS = 200
MOST_HOPS = 50  # RFC 5321, 6.3: a mail that passed more servers than that goes round in circles

# A full mailbox or a refusal for the day ends by itself. Five of them in a month, on three days at least (one bad day
# of a server, or one issue that its filter dislikes, must not be enough), mean that nobody reads there.
SOFT_WINDOW = timedelta(days=30)
SOFT_MOST = 5
SOFT_DAYS = 3

BATCH = 100  # mails that are entered in one transaction

KEEP_RETURNS = timedelta(days=400)  # one quarter can be compared with the same one a year ago
KEEP_REPLIES = timedelta(days=90)
LONGEST_TEXT = 20_000
LONGEST_DIAGNOSTIC = 300


class Kind(StrEnum):
    """What something that came in turned out to be.

    hard, soft, complaint: about one mail of ours. note: a report of something else (still tried, delivered). leave: an
    unsubscription by mail. reply: a person wrote. auto-reply, loop: from programs, ignored. unknown: a bounce of no
    mail that we know, perhaps forged; without effect. unreadable: no program could make sense of it.
    """

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    NOTE = "note"
    LEAVE = "leave"
    REPLY = "reply"
    AUTO_REPLY = "auto-reply"
    LOOP = "loop"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"


COUNTED = (Kind.HARD, Kind.SOFT, Kind.COMPLAINT)

OPEN = "open"
DONE = "done"
WANTS_TO_LEAVE = "leave"  # what a person's reply seems to ask for
_LEAVING = re.compile(
    r"\b(unsubscribe|abmeld\w*|abbestell\w*|austragen|kündig\w*|abo beenden|remove me|opt.?out)\b", re.I
)
_ASKING_WORDS = 400  # of the text; below, a mail's own footer is quoted, which says "abmelden" itself


def is_dead(soft: Sequence[int]) -> bool:
    """Whether soft bounces, so many on each day of the window that had any, count as a hard one."""
    return sum(soft) >= SOFT_MOST and len(soft) >= SOFT_DAYS


def hint_of(subject: str, text: str) -> str:
    """What a person's mail seems to ask for; quoted lines are what we wrote ourselves."""
    own = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))
    return WANTS_TO_LEAVE if _LEAVING.search(f"{subject}\n{own[:_ASKING_WORDS]}") else ""


def without_addresses(text: str) -> str:
    """A server's words in one line, without names of mailboxes: `…@example.org`."""
    return as_kept(text, LONGEST_DIAGNOSTIC)
