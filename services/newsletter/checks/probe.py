"""Asks an address elsewhere whether something is there, without letting anybody use that to look around inside.

Server-side request forgery: whoever may write a link must not make this server speak to machines that only it can
reach. So only http and https on their own ports are asked; every name is looked up once, each of its addresses must
be one of the public internet, and the connection goes to exactly those (no second look-up that could answer
otherwise); each redirection is looked at anew. Of the answer only the status is read.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL  # what aiohttp reads addresses with

MOST_REDIRECTIONS = 5
AT_ONCE = 10
PATIENCE_SECONDS = 10.0  # for one address with all its redirections
_PORTS = {"http": 80, "https": 443}
# Names that the answer of the name server says do not exist; everything else may pass.
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
# Threads of its own: a name server that does not answer holds one for half a minute, and in those that everybody shares
# the names of mail servers are looked up.
_looking_up = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="link-names")
# Always there (RFC 2606): when not even this name is found, this server cannot look names up at all.
CONTROL = "example.com"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: holds an IPv4 address
# Which no public site has, but Python counts as global: IPv4-compatible ones, local translation (RFC 8215), site-local.
_NOT_PUBLIC = tuple(ipaddress.ip_network(text) for text in ("::/8", "64:ff9b:1::/48", "fec0::/10"))


class State(StrEnum):
    """What came of asking. `AWAY` says nothing for sure: no answer, a fault there, or an answer to people only."""

    ALIVE = "alive"
    GONE = "gone"
    AWAY = "away"
    REFUSED = "refused"


@dataclass(frozen=True)
class Answer:
    """The state of an address, and the HTTP status that said so (0: there was none)."""

    state: State
    status: int = 0


class RefusedAddress(OSError):
    """The address is not one that may be asked."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also when it stands inside another one."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if any(found in network for network in _NOT_PUBLIC):
            return False
    return found.is_global and not found.is_multicast


@dataclass(frozen=True)
class Probe:
    """Asks addresses. `agent` says who asks; `allowed` which IP addresses may be asked, `ports` which ports.

    `control` is a name that must be found for a missing one to mean anything.
    """

    agent: str
    allowed: Callable[[str], bool] = is_public
    ports: Mapping[str, int] | None = None
    control: str = CONTROL

    async def ask(self, urls: Iterable[str]) -> dict[str, Answer]:
        """What each of the addresses answers."""
        turn = asyncio.Semaphore(AT_ONCE)
        connector = aiohttp.TCPConnector(resolver=_Resolver(self.allowed), limit_per_host=2, use_dns_cache=False)
        headers = {"user-agent": self.agent, "accept": "*/*"}
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(
            connector=connector, headers=headers, cookie_jar=jar, trust_env=False
        ) as session:

            async def one(url: str) -> Answer:
                async with turn:
                    try:
                        async with asyncio.timeout(PATIENCE_SECONDS):
                            return await self._follow(session, url)
                    except TimeoutError:
                        return Answer(State.AWAY)

            wanted = list(dict.fromkeys(urls))
            answers = dict(zip(wanted, await asyncio.gather(*map(one, wanted)), strict=True))
        unnamed = [url for url, answer in answers.items() if answer == Answer(State.GONE)]
        if unnamed and not await self._finds_names():
            answers.update(dict.fromkeys(unnamed, Answer(State.AWAY)))
        return answers

    async def _finds_names(self) -> bool:
        """Whether this server can look names up; where it may not, no name is there."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await _look_up(self.control, 0, socket.AF_UNSPEC)
        except OSError:
            return False
        return True

    async def _follow(self, session: aiohttp.ClientSession, url: str) -> Answer:
        try:
            for _ in range(MOST_REDIRECTIONS + 1):
                status, target = await self._status(session, url)
                if not target:
                    return Answer(_state(status), status)
                url = target
        except RefusedAddress:
            return Answer(State.REFUSED)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(_state_of(error))
        return Answer(State.AWAY)

    async def _status(self, session: aiohttp.ClientSession, url: str) -> tuple[int, str]:
        """The status of an address and where it sends us on to; asked with GET when it does not like HEAD."""
        asked = self._allowed(url)
        for method in ("HEAD", "GET"):
            async with session.request(method, asked, allow_redirects=False) as answer:
                if answer.status < 400 or method == "GET":
                    location = answer.headers.get("location", "") if 300 <= answer.status < 400 else ""
                    return answer.status, urljoin(url, location) if location else ""
        raise AssertionError("GET always answers")

    def _allowed(self, url: str) -> URL:
        """The address as aiohttp will read it, which makes ASCII of digits such as "１" (UTS 46): those that lead
        inside must be seen here. Raises RefusedAddress, ValueError.
        """
        asked = URL(url)
        port = (self.ports or _PORTS).get(asked.scheme)
        if port is None or asked.port != port or asked.user is not None:
            raise RefusedAddress(url)
        try:
            plain = ipaddress.ip_address(asked.raw_host or "")
        except ValueError:
            return asked  # a name: its addresses are looked at when it is looked up
        if not self.allowed(str(plain)):
            raise RefusedAddress(url)
        return asked


class _Resolver(AbstractResolver):
    """Looks names up, and refuses those that have any address which may not be asked."""

    def __init__(self, allowed: Callable[[str], bool]) -> None:
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await _look_up(host, port, family)
        if not all(self._allowed(address) for _, address in found):
            raise RefusedAddress(host)
        flags, protocol = socket.AI_NUMERICHOST, socket.IPPROTO_TCP
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=protocol, flags=flags)
            for kind, address in found
        ]

    async def close(self) -> None:
        """Nothing to let go of: the threads are everybody's who asks links."""


async def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[tuple[socket.AddressFamily, str]]:
    """The addresses of a name, each with its kind, without the zone that a local one of IPv6 has. Raises OSError."""
    ask = partial(socket.getaddrinfo, host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    found = await asyncio.get_running_loop().run_in_executor(_looking_up, ask)
    return [(kind, str(address[0]).partition("%")[0]) for kind, _, _, _, address in found]


def _state(status: int) -> State:
    if status in (404, 410):
        return State.GONE
    return State.ALIVE if status < 400 else State.AWAY


def _state_of(error: Exception) -> State:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, RefusedAddress):
        return State.REFUSED
    known = isinstance(cause, socket.gaierror) and cause.errno in _NO_SUCH_NAME
    return State.GONE if known else State.AWAY
