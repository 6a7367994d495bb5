"""The rules of alerts: what a person agrees to, how often a form may cause a mail, what is taken of what was typed.

A sign-up is a mail to an address that anybody can type, with words that anybody can choose. So neither how often nor
what is written may be in a stranger's hands: mails are counted by mailbox, and whatever looks like a link is left out.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from enum import StrEnum

from infra.errors import Text
from infra.mail.message import one_line

PENDING = "pending"
ACTIVE = "active"
DAILY = "daily"
WEEKLY = "weekly"

MOST_ALERTS = 20
UNCONFIRMED = timedelta(days=7)
# How long the row of a mail is kept once it was dealt with.
KEEP_MAILS = timedelta(days=30)

# How often a form may cause a mail about the same search; `subscribers.counting` counts them in all.
SAME_SEARCH = timedelta(hours=1)

STOP_BY_MAIL = "stop"  # purpose of the signed address in a mail to which any mail stops its alert

MAX_LABEL = 120
MAX_PATH = 6000
_PATH = re.compile(r"(?:/en)?(/suche(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*)?)")
# Mail programs make links of what looks like one, dots of other alphabets included.
_LINK = re.compile(r"\S*(?:://|@|[.。][^\W\d_]{2,})\S*")

CONSENT_VERSION = "alert-2026-11"
CONSENT_TEXTS = {
    "alert-2026-11": Text(
        "Ich möchte E-Mails bekommen, wenn es zu dieser Suche Neues gibt, so oft wie gewählt. "
        "Meine E-Mail-Adresse und die Suche werden nur dafür gespeichert. Öffnen und Klicken werden nicht gemessen. "
        "Ich kann die Meldungen jederzeit mit einem Klick beenden.",
        "I would like to receive e-mails when there is something new for this search, as often as chosen. "
        "My e-mail address and the search are stored for this only. Opening and clicking are not measured. "
        "I can stop the alerts at any time with one click.",
    )
}
BAD_PATH = Text(
    "Das ist keine Suche auf dieser Plattform. Erwartet wird ein Pfad, der mit /suche beginnt.",
    "This is not a search on this platform. Expected is a path that begins with /suche.",
)
BAD_SEARCH = Text(
    "Das ist keine gemerkte Suche. Bitte merken Sie die Suche noch einmal.",
    "This is not a saved search. Please save the search again.",
)


class Purpose(StrEnum):
    """What a token of an alert may do; each purpose has a key of its own, apart from those of the newsletter."""

    CONFIRM = "alert-confirm"
    STOP = "alert-stop"


LIFETIMES = {Purpose.CONFIRM: UNCONFIRMED}


def search_path(typed: str) -> str:
    """The German path of a search on this site with its parameters, "" when `typed` is none."""
    fits = _PATH.fullmatch(typed) if len(typed) <= MAX_PATH else None
    return fits[1] if fits else ""


def label_of(typed: str) -> str:
    """What is searched, as one line for mails; what mail programs would make a link of is left out."""
    line = unicodedata.normalize("NFKC", one_line(typed, 2 * MAX_LABEL))
    return one_line(_LINK.sub("…", line), MAX_LABEL)
