"""Requests and answers around alerts."""

from __future__ import annotations

from typing import Annotated

import msgspec


class StopRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The token of a link that was mailed."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class AlertEnded(msgspec.Struct, frozen=True):
    """No more mails come about this search; it stays saved."""

    message: str
