"""Requests of those who release issues or try them out."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from services.newsletter.issues.schemas import Slug


class ScheduleRequest(msgspec.Struct, forbid_unknown_fields=True):
    """When an approved issue goes out by itself: ISO 8601, without an offset in Europe/Berlin; "" = by hand."""

    send_at: Annotated[str, msgspec.Meta(max_length=40)]


class TestRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Send the issue to `to` as a reader of these districts and topics gets it. No district means all, so do topics."""

    to: Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
    language: Literal["de", "en"] = "de"
    districts: list[Slug] = []
    topics: list[Slug] = []
