"""The life of a delivery: waiting → claimed → sent, failed, suppressed or uncertain; after a passing failure waiting.

Uncertain is a mail that was handed to the server without hearing what it said, since somebody hung up or was killed:
it may have arrived. Nobody can know, so it is named in the report.
"""

from __future__ import annotations

from infra.mail.posting.domain import CLAIMED, FAILED, OPEN, SENT, SUPPRESSED, WAITING

__all__ = ["CLAIMED", "FAILED", "OPEN", "SENT", "SETTLED", "STATUSES", "SUPPRESSED", "UNCERTAIN", "WAITING"]

UNCERTAIN = "uncertain"
SETTLED = (SENT, FAILED, SUPPRESSED, UNCERTAIN)
STATUSES = (*OPEN, *SETTLED)
