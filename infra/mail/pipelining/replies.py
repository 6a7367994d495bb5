"""What a server's reply means for a mail (RFC 5321, 4.2)."""

from __future__ import annotations

import msgspec

from infra.mail.message import Outcome, Result
from infra.mail.verdicts import as_kept

GO_ON = 354
SERVICE_CLOSING = 421
_RESULTS = {2: Result.ACCEPTED, 5: Result.PERMANENT}


class Reply(msgspec.Struct, frozen=True):
    """A reply: its code and its text, lines parted by line breaks."""

    code: int
    text: bytes

    @property
    def good(self) -> bool:
        """Whether the server agrees (2xx)."""
        return self.code // 100 == 2

    def outcome(self, *, server_fault: bool = False) -> Outcome:
        """What it means for the mail in hand; `server_fault` where it says nothing about this mail."""
        result = Result.TEMPORARY if server_fault else _RESULTS.get(self.code // 100, Result.TEMPORARY)
        closing = self.code == SERVICE_CLOSING
        return Outcome(result, self.code, as_kept(self.text), server_fault=server_fault or closing)
