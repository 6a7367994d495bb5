"""Shapes of requests and answers about sessions."""

from __future__ import annotations

from typing import Annotated

import msgspec

from services.contacts.accounts.domain import MAX_PASSWORD

Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """Who wants to sign in. `replaces` is the token of the session to end in exchange (rotation), if there is one."""

    email: Annotated[str, msgspec.Meta(min_length=1, max_length=254)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_PASSWORD)]
    replaces: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Token(msgspec.Struct, forbid_unknown_fields=True):
    """A session's token, as given at sign-in."""

    token: Secret


class AccountView(msgspec.Struct, frozen=True):
    """The person's own account. `networks` are slugs.

    `mail` says whether mail reaches the person: ok, unconfirmed (the address), bounced or complained.
    """

    id: str
    name: str
    email: str
    roles: list[str]
    networks: list[str]
    language: str
    mail: str = "ok"


class SessionOpened(msgspec.Struct, frozen=True):
    """A new session. `token` is told this once; `expires_at` is its absolute end (ISO 8601)."""

    token: str
    session: str
    expires_at: str
    account: AccountView


class SessionResolved(msgspec.Struct, frozen=True):
    """Whose session a token is; `session` is its id."""

    session: str
    account: AccountView


class SessionItem(msgspec.Struct, frozen=True):
    """One of the person's own sessions. Times are ISO 8601."""

    id: str
    created_at: str
    seen_at: str
    expires_at: str


class Sessions(msgspec.Struct, frozen=True):
    """All live sessions of a person, the one used last first."""

    items: list[SessionItem]
