"""What a value of a bundle may look like. A form takes the raw value and gives the one to store, or says why not.

Unknown is written as "", [] or null; all three are taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from services.contacts.dates import first_day

MAX_ITEMS = 200
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_TERM = re.compile(r"[A-Za-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/\S*)?", re.ASCII)


class Unfit(Exception):
    """A value that cannot be taken; the message says what is expected."""


@dataclass(frozen=True)
class Slugs:
    """All slugs there are once the bundle is in: of entries by kind, of terms by list."""

    entries: Mapping[str, Collection[str]]
    terms: Mapping[str, Collection[str]]


Form = Callable[[Any, Slugs], Any]


def text(limit: int, *, required: bool = False) -> Form:
    """Words, at most `limit` characters."""

    def read(value: Any, _known: Slugs) -> str:
        found = _string(value)
        if required and not found.strip():
            raise Unfit("darf nicht leer sein")
        if len(found) > limit:
            raise Unfit(f"ist länger als {limit} Zeichen")
        if "\x00" in found:
            raise Unfit("enthält ein unerlaubtes Steuerzeichen")
        return found

    return read


def texts(limit: int) -> Form:
    """A list of words."""
    single = text(limit, required=True)
    return lambda value, known: [single(item, known) for item in _list(value)]


def slug(value: Any, _known: Slugs) -> str:
    """The id of an entry: lower-case ASCII words joined by hyphens."""
    found = _string(value)
    if not _SLUG.fullmatch(found) or len(found) > 120:
        raise Unfit("muss aus Kleinbuchstaben, Ziffern und Bindestrichen bestehen, höchstens 120 Zeichen")
    return found


def term_slug(value: Any, _known: Slugs) -> str:
    """The slug of a term; unlike those of entries it may begin in capitals (A1, B2)."""
    found = _string(value)
    if not _TERM.fullmatch(found) or len(found) > 40:
        raise Unfit("muss aus Buchstaben, Ziffern und Bindestrichen bestehen, höchstens 40 Zeichen")
    return found


def day(value: Any, _known: Slugs) -> str:
    """A date as exact as known."""
    found = _string(value)
    if found and first_day(found) is None:
        raise Unfit(f"„{found[:40]}“ ist kein Datum (erwartet: 2020, 2020-02 oder 2020-02-28)")
    return found


def web_address(value: Any, known: Slugs) -> str:
    """A web address; one printed without a scheme gets it."""
    found = str(text(490)(value, known))
    if _HOST.fullmatch(found):
        return f"https://{found}"
    if found and not found.startswith(("http://", "https://")):
        raise Unfit("ist keine Web-Adresse (erwartet: https://…)")
    return found


def reference(*kinds: str) -> Form:
    """The slug of one entry of `kinds`, or nothing."""

    def read(value: Any, known: Slugs) -> str:
        found = _string(value)
        if found and not any(found in known.entries.get(kind, ()) for kind in kinds):
            raise Unfit(f"verweist auf „{found[:80]}“, das es nicht gibt ({' oder '.join(kinds)})")
        return found

    return read


def references(*kinds: str) -> Form:
    """The slugs of entries of `kinds`."""
    single = reference(*kinds)
    return lambda value, known: [single(item, known) for item in _list(value)]


def term(name: str, *, required: bool = False) -> Form:
    """A slug of the controlled vocabulary `name`."""

    def read(value: Any, known: Slugs) -> str:
        found = _string(value)
        if (found or required) and found not in known.terms.get(name, ()):
            raise Unfit(f"„{found[:80]}“ steht nicht in der Liste {name}")
        return found

    return read


def terms(name: str) -> Form:
    """Slugs of the controlled vocabulary `name`."""
    single = term(name, required=True)
    return lambda value, known: [single(item, known) for item in _list(value)]


def degrees(limit: float) -> Form:
    """A geographic coordinate between -limit and limit."""

    def read(value: Any, _known: Slugs) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise Unfit("ist keine Zahl")
        if abs(value) > limit:
            raise Unfit(f"liegt nicht zwischen -{limit:g} und {limit:g}")
        return float(value)

    return read


def record(fields: Mapping[str, Form]) -> Form:
    """An object with exactly these fields."""

    def read(value: Any, known: Slugs) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Unfit("ist kein Objekt")
        unknown = sorted(set(value) - set(fields))
        if unknown:
            raise Unfit(f"enthält unbekannte Felder: {', '.join(unknown)[:200]}")
        found: dict[str, Any] = {}
        for name, form in fields.items():
            try:
                found[name] = form(value.get(name), known)
            except Unfit as problem:
                raise Unfit(f"{name}: {problem}") from problem
        return found

    return read


def records(fields: Mapping[str, Form]) -> Form:
    """A list of objects with exactly these fields."""
    single = record(fields)
    return lambda value, known: [single(item, known) for item in _list(value)]


def whole(value: Any, _known: Slugs) -> int:
    """A whole number from 0."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise Unfit("ist keine ganze Zahl ab 0")
    return value


def _string(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unfit("ist kein Text")
    return value


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unfit("ist keine Liste")
    if len(value) > MAX_ITEMS:
        raise Unfit(f"hat mehr als {MAX_ITEMS} Einträge")
    return value
