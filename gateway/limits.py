"""Rate limits of what costs us something or could be guessed: per sender and per target.

Counted in this process with a moving window; several gateway processes each count on their own, which keeps the
limits within a small factor without a shared store.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from infra.errors import TooMany

# What makes us write to an address that somebody typed has a limit for the day besides: else one sender could have us
# write to tens of thousands of strangers, once each. It leaves room for the many people behind an office's address.
RATES: dict[str, list[RateLimitItem]] = {
    "sign-in": parse_many("120/minute"),
    "sign-in-account": parse_many("30/minute"),
    "lost-password": parse_many("20/minute"),
    "subscribe": parse_many("60/minute;500/day"),
    "own-data": parse_many("20/minute;500/day"),
    "save-search": parse_many("30/minute"),
    "alert": parse_many("30/minute;500/day"),
    "feedback": parse_many("20/minute"),
}
MAX_KEY = 320  # what is counted is kept for its window; nobody fills the memory with long addresses


class Limits:
    """Counts attempts."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def hit(self, rate: str, key: str) -> None:
        """Count one attempt of `key` under the named rate. Raises TooMany when one of its limits is over."""
        for limit in RATES[rate]:
            if not await self._limiter.hit(limit, rate, key):
                raise TooMany


def account(email: str) -> str:
    """The key of an account that somebody wants to enter, folded as contacts folds it.

    Else each spelling that means the same address ("ſ" is folded to "s") would be counted on its own.
    """
    return email.strip().casefold()[:MAX_KEY]


def sender(request: Request) -> str:
    """The address a request comes from (the server resolves a trusted proxy's header).

    Of an IPv6 address only the network (/64): a single subscriber has 2^64 addresses to send from.
    """
    host = request.client.host if request.client else "unknown"
    try:
        address = ip_address(host)
    except ValueError:  # a Unix socket, or a server that tells nobody
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return host
