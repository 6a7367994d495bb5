"""Who is asking: a signed statement that the gateway sends with every request to a service.

A JWT (HS256) of at most 60 seconds, bound to one service by its audience. A service authorises by the
person it names; a request without one is answered 401, also for public data: then nobody came through the door.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from functools import lru_cache

import jwt

from infra.contracts.roles import ADMIN
from infra.errors import Forbidden, Text, Unauthenticated, Unavailable
from infra.tokens import derive_key

logger = logging.getLogger(__name__)
HEADER = "lotse-identity"
LIFETIME_SECONDS = 60
SKEW_SECONDS = 30  # that far the clocks of the machines may differ; time servers keep them within a fraction of one
_REMEMBERED = 1_000


@dataclass(frozen=True)
class Identity:
    """The person behind a request. `account` is "" for an anonymous visitor; `networks` are slugs."""

    account: str = ""
    name: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    networks: frozenset[str] = field(default_factory=frozenset)

    @property
    def anonymous(self) -> bool:
        """Whether nobody is signed in."""
        return not self.account

    @property
    def is_admin(self) -> bool:
        """Whether this person administers the installation."""
        return ADMIN in self.roles

    def require_account(self) -> None:
        """Raises Unauthenticated for a visitor who is not signed in."""
        if self.anonymous:
            raise Unauthenticated

    def require_role(self, *roles: str) -> None:
        """Raises Unauthenticated or Forbidden unless the person has one of `roles` (admins have all)."""
        self.require_account()
        if not self.is_admin and not self.roles & set(roles):
            raise Forbidden


ANONYMOUS = Identity()
_CLOCKS = Text(
    "Das hat nicht geklappt, weil die Uhren der Server verschieden gehen. Die Betreuung der Plattform kann das "
    "beheben; bitte versuchen Sie es später noch einmal.",
    "That did not work because the servers' clocks differ. Whoever operates the platform can mend it; please try again "
    "later.",
)


def sign(identity: Identity, audience: str, secret: str) -> str:
    """The header value that names `identity` to the service `audience` for the next minute."""
    return _signed(identity, audience, secret, int(time.time()))


@lru_cache(_REMEMBERED)
def _signed(identity: Identity, audience: str, secret: str, now: int) -> str:
    """The statement made in the second `now`: whoever asks twice in it is named by the same words."""
    claims = {
        "aud": audience,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "sub": identity.account,
        "name": identity.name,
        "roles": sorted(identity.roles),
        "networks": sorted(identity.networks),
    }
    return jwt.encode(claims, derive_key(secret, "identity"), algorithm="HS256")


def verify(token: str, audience: str, secret: str) -> Identity:
    """The identity that the gateway vouches for.

    A statement that was good is remembered, as several requests of a second come with the same one; whether its time is
    up is looked at each time.

    Raises:
        Unauthenticated: no statement, a forged one, or one meant for another service.
        Unavailable: it was signed, but not just now; nobody is to be signed out because clocks differ.
    """
    identity, expires = _remembered(token, audience, secret)
    return identity if time.time() < expires + SKEW_SECONDS else _read(token, audience, secret)[0]


def _read(token: str, audience: str, secret: str) -> tuple[Identity, int]:
    """The identity and when the statement expires, in seconds since 1970. Raises as `verify`."""
    try:
        claims = jwt.decode(
            token,
            derive_key(secret, "identity"),
            algorithms=["HS256"],
            audience=audience,
            leeway=SKEW_SECONDS,
            options={"require": ["exp", "aud", "sub"]},
        )
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as problem:
        logger.error("%s: %s. Do the clocks of the gateway's and this machine differ?", audience, problem)
        raise Unavailable(_CLOCKS) from problem
    except jwt.InvalidSignatureError as problem:
        logger.warning("%s: a wrong signature. Do the gateway and this process have the same LOTSE_SECRET?", audience)
        raise Unauthenticated from problem
    except jwt.InvalidTokenError as problem:
        raise Unauthenticated from problem
    identity = Identity(
        account=claims["sub"],
        name=claims.get("name", ""),
        roles=frozenset(claims.get("roles", ())),
        networks=frozenset(claims.get("networks", ())),
    )
    return identity, int(claims["exp"])


_remembered = lru_cache(_REMEMBERED)(_read)  # what is refused raises and is not remembered
