"""German and English: catalogues, dates and the language of an address.

German is the language of the sources; `gateway/locales/en/*.po` translate every message. They are compiled in
memory at start, so that no built file can be older than its source. `tests/gateway/test_translations.py` says
that none is missing.
"""

from __future__ import annotations

import gettext
import io
import re
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, get_timezone
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES = ("de", "en")
LOCALES = Path(__file__).parent / "locales"
TIMEZONE = "Europe/Berlin"
_REMEMBERED = 2_000  # the same days and languages stand on page after page; to put one in words takes some 30 µs
_MONTH = re.compile(r"\d{4}-\d{2}")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The messages of `language`; German ones are the source strings themselves."""
    found = gettext.NullTranslations()
    for path in sorted((LOCALES / language).glob("*.po")):
        compiled = io.BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=language))
        compiled.seek(0)
        part = gettext.GNUTranslations(compiled)
        part.add_fallback(found)
        found = part
    return found


def prefix(language: str) -> str:
    """What stands before a path in this language: "" or "/en"."""
    return "" if language == "de" else f"/{language}"


def split(path: str) -> tuple[str, str]:
    """The language of an address and its path without that and a closing slash: "/en/suche/" is ("en", "/suche").

    The path begins with one slash only: a link to "//elsewhere.example" would lead away from this site.
    """
    language = "en" if path == "/en" or path.startswith("/en/") else "de"
    return language, "/" + path[len(prefix(language)) :].strip("/")


@lru_cache(_REMEMBERED)
def show_date(value: str, language: str) -> str:
    """An ISO date or "2026-Q4" as a person writes it, as exact as it is; a year or anything else as it stands."""
    locale = "de_DE" if language == "de" else "en_GB"
    if _DAY.match(value):
        return format_date(date.fromisoformat(value[:10]), "long", locale=locale)
    if _MONTH.fullmatch(value):
        return format_date(date.fromisoformat(value + "-01"), "MMMM y", locale=locale)
    if quarter := _QUARTER.fullmatch(value):
        year, number = quarter.groups()
        return format_date(date(int(year), int(number) * 3, 1), "QQQQ y", locale=locale)
    return value


def show_time(value: str, language: str) -> str:
    """An ISO time stamp (UTC) as day and hour in Germany; "" for "" or None."""
    if not value:
        return ""
    locale = "de_DE" if language == "de" else "en_GB"
    moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    pattern = "d. MMMM y, HH:mm" if language == "de" else "d MMMM y, HH:mm"
    return format_datetime(moment, pattern, tzinfo=get_timezone(TIMEZONE), locale=locale)


def show_moment(value: str, language: str) -> str:
    """An ISO time stamp (UTC) as day and time in Germany, to the millisecond: for what machines did."""
    moment = datetime.fromisoformat(value)
    pattern = "d. MMMM y, HH:mm:ss,SSS" if language == "de" else "d MMMM y, HH:mm:ss.SSS"
    locale = "de_DE" if language == "de" else "en_GB"
    return format_datetime(moment, pattern, tzinfo=get_timezone(TIMEZONE), locale=locale)


@lru_cache(_REMEMBERED)
def language_name(code: str, language: str) -> str:
    """What the language `code` ("uk") is called in `language`; the code itself when unknown."""
    try:
        return Locale.parse(code).get_display_name(language) or code
    except (UnknownLocaleError, ValueError):
        return code


def show_number(value: float, language: str) -> str:
    """A number with the decimal mark of the language."""
    return format_decimal(value, locale=language)
