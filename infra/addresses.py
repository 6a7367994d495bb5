"""Addresses that differ from service to service: one with `{service}` in it, or pairs such as `contacts=…,forum=…`.

Each service has a database, a broker user and a web address of its own. A process of one service needs to know only
its own; a plain address speaks for the one service that such a process hosts.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

MARK = "{service}"
_PAIRS = re.compile(r"\s*[a-z_]+=")
_BETWEEN = re.compile(r",\s*(?=[a-z_]+=)")


def address_of(text: str, service: str) -> str:
    """The address that a setting names for `service`; "" when it names none."""
    if _PAIRS.match(text):
        return _pairs(text).get(service, "")
    return text.replace(MARK, service)


def differs(text: str) -> bool:
    """Whether a setting may name another address for each service, by mark or by pairs."""
    return MARK in text or _PAIRS.match(text) is not None


def well_formed(text: str, schemes: Collection[str], *, with_path: bool = False) -> bool:
    """Whether every address in a setting has one of `schemes`, a host, and (`with_path`) something after it."""
    listed = list(_pairs(text).values()) if _PAIRS.match(text) else [text]
    return all(_is_address(address, schemes, with_path) for address in listed)


def _pairs(text: str) -> dict[str, str]:
    parted = (item.partition("=") for item in _BETWEEN.split(text))
    return {name.strip(): address.strip().rstrip(",") for name, _, address in parted}


def _is_address(text: str, schemes: Collection[str], with_path: bool) -> bool:
    try:
        parts = urlsplit(text.replace(MARK, "service"))
        host, _port = parts.hostname, parts.port  # raises for a password that is not percent-encoded, as for ports
    except ValueError:
        return False
    spaced = re.search(r"\s", text) is not None
    return parts.scheme in schemes and bool(host) and not spaced and (not with_path or len(parts.path) > 1)
