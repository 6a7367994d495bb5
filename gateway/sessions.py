"""Who is there: the session cookie of pages and the bearer token of the API, resolved by contacts.

The gateway keeps no sessions. It hands the opaque token to contacts and gets the account, or nothing, and remembers
who it was for a few seconds. Pages know only the cookie and the API only the bearer header, so that no page's cookie
can be used by a foreign site to drive the API.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.problems import refused
from infra.contracts.roles import COORDINATOR, EDITOR, PUBLISHER
from infra.settings import Settings
from infra.web.client import ServiceClient
from infra.web.identity import ANONYMOUS, Identity

API_PREFIX = "/api/"
SECURE_COOKIE = "__Host-lotse"
PLAIN_COOKIE = "lotse"
KEEP_SECONDS = 5.0


@dataclass(frozen=True)
class Person:
    """A signed-in person. `token` is the session's secret and never shown, `session` its public id.

    `mail` says whether mail reaches them: ok, unconfirmed (the address), bounced or complained. `email` is their
    own address, shown to nobody else.
    """

    token: str
    session: str
    identity: Identity
    language: str
    mail: str = "ok"
    email: str = ""

    @property
    def name(self) -> str:
        """The name shown to others."""
        return self.identity.name

    def is_a(self, role: str) -> bool:
        """Whether the person has the role (an administrator has all)."""
        return self.identity.is_admin or role in self.identity.roles

    @property
    def coordinates(self) -> bool:
        """Whether the coordinator's desk is theirs."""
        return self.is_a(COORDINATOR)

    @property
    def edits(self) -> bool:
        """Whether they write and compose for the newsletter."""
        return self.is_a(EDITOR)

    @property
    def releases(self) -> bool:
        """Whether they approve issues, send them and stop them."""
        return self.is_a(PUBLISHER)

    @property
    def has_editorial_desk(self) -> bool:
        """Whether the editor's desk is theirs, to compose or to release."""
        return self.edits or self.releases


def cookie_name(settings: Settings) -> str:
    """The cookie's name: over HTTPS with the prefix that binds it to this host, over HTTP (demo) without."""
    return SECURE_COOKIE if settings.base_url.startswith("https://") else PLAIN_COOKIE


def token_of(request: Request, settings: Settings) -> str:
    """The session token that came with a request, "" without one."""
    if request.scope["path"].startswith(API_PREFIX):
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""
    return request.cookies.get(cookie_name(settings), "")


class Sessions:
    """Whose sessions tokens are, as contacts says and this gateway remembers for `KEEP_SECONDS`.

    A session that is ended through this gateway is over at once (`ended`). An end elsewhere, like a change of rights,
    counts after those seconds at the latest. Nothing is remembered of a token that is no good.
    """

    def __init__(self, client: ServiceClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[float, Person]] = {}  # by token, until when; about the first to forget first
        self._ends = 0

    async def resolve(self, token: str, language: str = "de") -> Person | None:
        """The person behind `token`; None when it is unknown, expired or ended.

        Raises:
            Unavailable, Refused: contacts is away or failed, so nobody can tell.
        """
        if not token:
            return None
        now, ends = self._clock(), self._ends
        self._forget_old(now)
        until, known = self._known.get(token, (now, None))
        if now < until:
            return known
        answer = await self._client.request("contacts", "POST", "/sessions/resolve", body={"token": token})
        if answer.status in (401, 422):
            return None
        if not answer.ok:
            raise refused(answer, language)
        person = _person(token, answer.json())
        if ends == self._ends:  # else it may be this session that was ended while contacts answered
            self._known[token] = now + KEEP_SECONDS, person  # from the question on: the answer may have been slow
        return person

    def ended(self, session: str) -> None:
        """A session, named by its token or its public id, is over."""
        self._ends += 1
        gone = [token for token, (_, person) in self._known.items() if session in (token, person.session)]
        for token in gone:
            del self._known[token]

    def _forget_old(self, now: float) -> None:
        while self._known:
            token, (until, _) = next(iter(self._known.items()))
            if now < until:
                return
            del self._known[token]


def _person(token: str, resolved: dict[str, Any]) -> Person:
    account = resolved["account"]
    identity = Identity(
        account=account["id"],
        name=account["name"],
        roles=frozenset(account["roles"]),
        networks=frozenset(account["networks"]),
    )
    mail, email = account.get("mail", "ok"), account["email"]
    return Person(token, resolved["session"], identity, account["language"], mail, email)


def remember(response: Response, token: str, settings: Settings) -> None:
    """Give the browser its session. No lifetime: it ends with the browser, and contacts ends it earlier."""
    response.set_cookie(
        cookie_name(settings),
        token,
        path="/",
        secure=settings.base_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


def forget(response: Response, settings: Settings) -> None:
    """Take the session back from the browser."""
    response.delete_cookie(
        cookie_name(settings),
        path="/",
        secure=settings.base_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


def identity_of(person: Person | None) -> Identity:
    """In whose name to ask services."""
    return person.identity if person else ANONYMOUS
