"""Texts in both languages, and the rules that one line and one address keep wherever the newsletter prints them."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from babel.dates import format_date

from infra.characters import DIRECTION, FORBIDDEN
from infra.errors import FieldError, Text

OTHER = {"de": "en", "en": "de"}
LOCALES = {"de": "de_DE", "en": "en_GB"}
_LINE_BREAKING = ("Cc", "Zl", "Zp")  # control characters, line and paragraph separators
_ENCODED_WORD = "=?"


@dataclass(frozen=True)
class Local:
    """A text in both languages."""

    de: str = ""
    en: str = ""

    def get(self, language: str) -> str:
        """The text in `language`, the other language where it is missing."""
        return (self.en or self.de) if language == "en" else (self.de or self.en)

    def spoken(self, language: str) -> str:
        """The language that `get` answers in, which is the other one where a translation is missing."""
        return language if getattr(self, language) or not self.get(language) else OTHER[language]


def one_line_errors(where: str, text: Local) -> list[FieldError]:
    """What is wrong with a title: it goes into a header of the mail, so it is one line without control characters.

    Nor may it hold an encoded word (RFC 2047), in which mail programs would find a line break, or turn around how it
    is read.
    """
    errors = []
    for language, line in (("de", text.de), ("en", text.en)):
        if any(unicodedata.category(character) in _LINE_BREAKING for character in line):
            message = Text("Bitte bleiben Sie in einer Zeile.", "Please keep to one line.")
            errors.append(FieldError(f"{where}.{language}", message))
        elif DIRECTION.search(line):
            errors.append(FieldError(f"{where}.{language}", FORBIDDEN))
        elif _ENCODED_WORD in line:
            message = Text("Bitte ohne die Zeichenfolge „=?“.", "Please leave out the characters “=?”.")
            errors.append(FieldError(f"{where}.{language}", message))
    return errors


def is_web_address(link: str) -> bool:
    """Whether `link` is an http(s) address with a host and without spaces or control characters."""
    if not link.isprintable() or any(character.isspace() for character in link):
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def day_in_words(text: str, language: str) -> str:
    """An ISO day as a person writes it; a month, a year and what else is no day as it stands."""
    with suppress(ValueError):  # "2026-11" and "2026" are known no better than that
        return format_date(date.fromisoformat(text[:10]), format="long", locale=LOCALES[language])
    return text
