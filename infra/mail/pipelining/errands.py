"""What is handed over, and what who hands it over hears of it."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

import msgspec

from infra.mail.message import Outcome


class Parcel(msgspec.Struct, frozen=True):
    """One mail ready to go: `content` has CRLF lines of at most 998 octets (RFC 5322) and ends with one.

    `sender` is the envelope's ("" for none). `utf8` means that only a server with SMTPUTF8 (RFC 6531) can take it.
    `of` is whatever its sender wants to find there again. `dotless`: no line of it begins with a dot, so that nothing
    need be doubled (RFC 5321, 4.5.2).
    """

    id: UUID
    sender: str
    recipient: str
    content: bytes
    utf8: bool = False
    dotless: bool = False
    of: Any = None


class Errand(Protocol):
    """Mails to hand over. All methods are called on the event loop and must not wait; only `begun` may raise."""

    def next(self) -> Parcel | None:
        """The next mail, or None when there is none just now."""
        ...

    def left(self) -> bool:
        """Whether `next` has something to give."""
        ...

    async def more(self) -> bool:
        """Wait until `next` may give something again; False when it never will."""
        ...

    def begun(self, parcel: Parcel) -> None:
        """The next bytes to go out are its content: from now on it may arrive, whatever happens.

        Raises OSError where that cannot be noted: then its content does not go out, and all of the errand ends.
        """
        ...

    def done(self, parcel: Parcel, outcome: Outcome) -> None:
        """What the server said about it. A temporary outcome means that it certainly was not taken."""
        ...

    def unsure(self, parcel: Parcel, reason: str) -> None:
        """Its content went out and no answer was heard: it may have been taken."""
        ...

    def back(self, parcel: Parcel) -> None:
        """It was not begun, since the connection is over; `next` may give it again."""
        ...
