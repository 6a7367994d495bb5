"""Requests and answers around notices."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec


class KindView(msgspec.Struct, frozen=True):
    """A kind of notice: what it is called, what causes it, and how often the person is told (now, daily, off)."""

    kind: str
    name: str
    cause: str
    rhythm: str


class NoticesView(msgspec.Struct, frozen=True):
    """What somebody can be told of by mail.

    `mail` says whether mail reaches `email`: ok, unconfirmed, bounced or complained; `language` is that of mails.
    """

    email: str
    mail: str
    language: str
    kinds: list[KindView]


class ChooseNotices(msgspec.Struct, forbid_unknown_fields=True):
    """How often to tell of which kinds, and in which language; what is left out stays."""

    rhythms: dict[str, Literal["now", "daily", "off"]] = {}
    language: Literal["", "de", "en"] = ""


class StopRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The token of a link that was mailed."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class NoticesEnded(msgspec.Struct, frozen=True):
    """No more mails come of this kind; `kind` is "digest" where all of the daily digest ended."""

    kind: str
    message: str
