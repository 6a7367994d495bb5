"""Passwords: argon2id with 46 MiB, one pass, one lane (the first of OWASP's recommended settings).

https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html — each hash takes tens of
milliseconds and 46 MiB, so it runs in a pool of two threads: the pool is the limit on memory and the loop stays free.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
# The hash of a random value that nobody kept: an unknown address costs the same time as a wrong password.
_DECOY = "$argon2id$v=19$m=47104,t=1,p=1$DVFvLNUjiLmx0JPdF/q7UA$0JqUslnxifL1JigKP4FV8i7jcbMtXOOpnc14f+D+F1Y"


async def hashed(password: str) -> str:
    """The hash to store for `password`."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _hasher.hash, password)


async def matches(stored: str | None, password: str) -> bool:
    """Whether `password` belongs to the `stored` hash. None (no such account) takes the same time and is False."""
    fits = await asyncio.get_running_loop().run_in_executor(_pool, _verify, stored or _DECOY, password)
    return fits and stored is not None


def outdated(stored: str) -> bool:
    """Whether a hash was made with other settings than today's and should be made anew at the next sign-in."""
    return _hasher.check_needs_rehash(stored)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
