"""Answers about the checks of an issue, for those who work on it."""

from __future__ import annotations

from typing import Literal

import msgspec


class FindingView(msgspec.Struct):
    """One thing found, in the reader's language. An "error" keeps the issue from going out, a "warning" does not.

    `kind` is accessibility, headers, size, links, translation, placeholder, installation or empty. `place` says where:
    the kind of a section, a language, a header; "" for the whole issue.
    """

    kind: str
    severity: Literal["error", "warning"]
    place: str
    text: str


class LinkView(msgspec.Struct):
    """A link that stands in the issue by hand, and what it answered.

    `state` is alive, gone, away (no clear answer), refused (not asked, since it is not public), or "" for not asked
    yet; `status` the HTTP status (0: none), `checked_at` an ISO time or "".
    """

    url: str
    place: str
    state: Literal["", "alive", "gone", "away", "refused"]
    status: int
    checked_at: str


class ChecksView(msgspec.Struct):
    """Everything that the checks found. `passed`: no errors, so the issue can be approved, scheduled and sent."""

    passed: bool
    findings: list[FindingView]
    links: list[LinkView]
