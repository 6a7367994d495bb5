"""Requests and answers about addresses and lost passwords."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from services.contacts.accounts.domain import MAX_PASSWORD

Address = Annotated[str, msgspec.Meta(min_length=1, max_length=254)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_PASSWORD)]


class LostPassword(msgspec.Struct, forbid_unknown_fields=True):
    """Whose password is lost; `language` is that of the mail."""

    email: Address
    language: Literal["de", "en"] = "de"


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    """The token of the link that was mailed, and the password to have from now on."""

    token: Token
    password: Password


class NewAddress(msgspec.Struct, forbid_unknown_fields=True):
    """The address to have from now on, and the password of the account."""

    email: Address
    password: Password


class Confirmation(msgspec.Struct, forbid_unknown_fields=True):
    """The token of the link that was mailed."""

    token: Token


class Said(msgspec.Struct, frozen=True):
    """What happens now."""

    message: str
