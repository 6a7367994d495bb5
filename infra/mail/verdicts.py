"""What a refusal says about an address: that it does not exist (hard), or only that this mail was not taken (soft).

The same for a report that comes back and for a server's own answer, in every service that sends mail.
"""

from __future__ import annotations

import re
from enum import StrEnum

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")  # RFC 3463, 2
# RFC 3463, 3.2 and 3.3, and the registry that RFC 5248 began: no such mailbox, host or domain (1.1 to 1.6, 1.9, 1.10),
# mailbox disabled (2.1). A bad sender (1.7, 1.8) says nothing about the recipient.
_GONE = frozenset({"1.1", "1.2", "1.3", "1.4", "1.6", "1.9", "1.10", "2.1"})
# A server that gives no more than a class (5.0.0), or no such code at all, says it in words. What also blocks senders
# is soft: a listed server or a rule about content ends some day, and must not cost anybody the newsletter.
_UNSPECIFIC = frozenset({"", "0.0", "5.0", "1.0", "2.0"})
_REFUSES_MAIL = frozenset({521, 556})  # RFC 7504: a host, a domain that takes no mail at all
_WORDS_OF_GONE = re.compile(
    r"user unknown|unknown (user|recipient|address|local)|no such (user|recipient|mailbox|address|person)|"
    r"(user|recipient|mailbox|address|account)( \S+){0,4} (does not|doesn't) exist|"
    r"not a valid (user|recipient|mailbox)|invalid (recipient|mailbox)|"
    r"(mailbox|account|user|recipient|address)( \S+){0,3} (not found|unknown|disabled|inactive)|"
    r"no mailbox here|unrouteable address|domain (name )?not found|nicht (gefunden|bekannt|vergeben)|existiert nicht",
    re.IGNORECASE,
)


REPLY_LIMIT = 500
_MAILBOX = re.compile(r"[^\s<>@\"'();:,]+@(?=[^\s<>@\"'();:,]+)")


class Verdict(StrEnum):
    """What a refusal means for further mail to the address."""

    HARD = "hard"
    SOFT = "soft"


def as_kept(text: bytes | str, limit: int = REPLY_LIMIT) -> str:
    """A server's words in one line, as they are kept: `…@example.org` for a mailbox, whose owner may be erased."""
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    line = " ".join(decoded.replace("\x00", "").split())
    return _MAILBOX.sub("…@", line[: 4 * limit])[:limit]


def judge(status: str = "", code: int = 0, text: str = "") -> Verdict:
    """The verdict of a refusal by its enhanced status (RFC 3463, "" if none), SMTP code (0 if none) and text.

    A code inside `text` counts where `status` says no more than a class, as some servers write 5.0.0 above it.
    """
    found = ENHANCED.fullmatch(status) or ENHANCED.search(text)
    if found and _detail(found) in _UNSPECIFIC:
        found = ENHANCED.search(text) or found
    digit = found[1] if found else str(code)[:1]
    if digit == "4":
        return Verdict.SOFT
    detail = _detail(found) if found else ""
    gone = detail in _GONE or code in _REFUSES_MAIL
    in_words = detail in _UNSPECIFIC and _WORDS_OF_GONE.search(text) is not None
    return Verdict.HARD if gone or in_words else Verdict.SOFT


def _detail(found: re.Match[str]) -> str:
    return f"{found[2]}.{found[3]}"
