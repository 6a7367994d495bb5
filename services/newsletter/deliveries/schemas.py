"""The accounts of a dispatch as answers show them."""

from __future__ import annotations

import msgspec


class Counts(msgspec.Struct):
    """The accounts of a dispatch; sent + failed + suppressed + uncertain + waiting = audience.

    `uncertain` were handed to the mail server without its answer being heard.
    """

    audience: int = 0
    waiting: int = 0
    sent: int = 0
    failed: int = 0
    suppressed: int = 0
    uncertain: int = 0
