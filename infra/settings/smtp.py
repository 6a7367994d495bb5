"""How a setting names mail servers, and how fast mail may go to a domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote, urlsplit

# RFC 5321 (SMTP), RFC 8314 (TLS at once), RFC 6409 (submission)
DEFAULT_PORTS: Mapping[str, int] = MappingProxyType({"smtp": 25, "smtps": 465, "smtp+starttls": 587})
TIMEOUT_SECONDS = 30.0
CONNECTIONS = 10
ALL_OTHERS = "*"
_OPTIONS = frozenset({"connections", "rate"})


@dataclass(frozen=True)
class Server:
    """Where and how to connect. `scheme` is smtp, smtps (TLS at once) or smtp+starttls (TLS required).

    A process opens at most `connections` at once, and all processes together hand over at most `rate` mails a
    minute (0 = no limit). `timeout` in seconds is that of each step.
    """

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""
    connections: int = CONNECTIONS
    rate: int = 0
    timeout: float = TIMEOUT_SECONDS

    @property
    def name(self) -> str:
        """What tells it from others in logs, metrics and limits: host and port, never its user."""
        return f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        """Without the password, since what holds servers may be logged."""
        return f"<Server {self.scheme}://{self.name}>"


def parse_url(text: str, timeout: float = TIMEOUT_SECONDS) -> Server:
    """The server that an address like `smtp+starttls://user:password@host:587?rate=600` names. Raises ValueError."""
    parts = urlsplit(text)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.path.strip("/") or any(map(str.isspace, text)):
        raise ValueError("expected smtp://, smtps:// or smtp+starttls:// with a host")
    options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    if not options.keys() <= _OPTIONS:
        raise ValueError("expected no options but connections and rate")
    return Server(
        scheme=parts.scheme,
        host=parts.hostname,
        port=parts.port or DEFAULT_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        connections=_number(options.get("connections", str(CONNECTIONS)), least=1),
        rate=_number(options.get("rate", "0")),
        timeout=timeout,
    )


def parse_urls(text: str, timeout: float = TIMEOUT_SECONDS) -> tuple[Server, ...]:
    """The servers of addresses joined by commas, in the order of preference. Raises ValueError, also for doubles."""
    servers = tuple(parse_url(part.strip(), timeout) for part in text.split(",") if part.strip())
    if len({server.name for server in servers}) < len(servers):
        raise ValueError("a server is named twice")
    return servers


def parse_rates(text: str) -> Mapping[str, int]:
    """Mails a minute by domain (lower case, IDNA) of `gmx.net=100,*=0`. Raises ValueError."""
    rates: dict[str, int] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, equals, number = part.partition("=")
        domain = name.strip().lower()
        if not equals or not domain:
            raise ValueError("expected domain=number")
        rates[domain if domain == ALL_OTHERS else domain.encode("idna").decode("ascii")] = _number(number.strip())
    return MappingProxyType(rates)


def _number(text: str, least: int = 0) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) < least:
        raise ValueError(f"expected a whole number of at least {least}")
    return int(text)
