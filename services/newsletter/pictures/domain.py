"""What a picture must be before it is taken in, and what has to be said of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from infra.errors import FieldError, Invalid, Text
from services.newsletter.texts import Local, is_web_address, one_line_errors

UPLOAD_BYTES = 12_000_000  # a telephone's photo has 2 to 8 MB
MOST_PIXELS = 40_000_000  # decoded 120 MB; telephones take pictures of 12 to 24 million
LONGEST_SIDE = 1600  # twice the 800 px of the widest column, for screens with two dots a pixel
MOST_BYTES = 400_000
HASH_LETTERS = 32
SUFFIX = ".jpg"
_HASH = re.compile(r"[0-9a-f]{32}")
_SVG = re.compile(rb"<\s*(svg|!doctype\s+svg)", re.IGNORECASE)


@dataclass(frozen=True)
class Words:
    """What is said of a picture: `alt` for those who do not see it, who made it, under which licence it may be used."""

    alt: Local = field(default_factory=Local)
    credit: str = ""
    licence: str = ""
    licence_url: str = ""


@dataclass(frozen=True)
class Shown:
    """A picture as pages and mails show it. `path` stands below the site's address and never changes its content."""

    hash: str
    path: str
    width: int
    height: int
    alt: Local
    credit: str
    licence: str
    licence_url: str


def is_hash(text: str) -> bool:
    """Whether `text` looks like the name of a picture."""
    return _HASH.fullmatch(text) is not None


def check_words(words: Words) -> None:
    """Raises Invalid with every field that is missing or breaks a rule."""
    errors = [FieldError(f"alt.{language}", _NO_ALT) for language in ("de", "en") if not getattr(words.alt, language)]
    errors += one_line_errors("alt", words.alt)
    for name in ("credit", "licence"):
        errors += [FieldError(name, error.text) for error in one_line_errors(name, Local(getattr(words, name)))]
    if not words.credit:
        errors.append(FieldError("credit", _NO_CREDIT))
    if words.licence_url and not is_web_address(words.licence_url):
        errors.append(FieldError("licence_url", _NO_ADDRESS))
    if errors:
        raise Invalid(fields=errors)


def refusal(content: bytes) -> Invalid:
    """What to tell somebody whose file is no JPEG, PNG or WebP."""
    if not content:
        return refused(_NO_FILE)
    return refused(_NO_SVG if _SVG.search(content[:2000]) else _NO_FORMAT)


def refused(text: Text) -> Invalid:
    """The file cannot be taken, for this reason."""
    return Invalid(fields=[FieldError("content", text)])


_NO_ALT = Text(
    "Bitte beschreiben Sie das Bild für Menschen, die es nicht sehen.",
    "Please describe the picture for people who do not see it.",
)
_NO_CREDIT = Text(
    "Bitte nennen Sie, wer das Bild gemacht hat oder von wem es stammt.",
    "Please say who made the picture or where it comes from.",
)
_NO_ADDRESS = Text(
    "Bitte geben Sie eine Adresse an, die mit https:// oder http:// beginnt.",
    "Please give an address that begins with https:// or http://.",
)
_NO_FILE = Text("Bitte wählen Sie eine Bilddatei aus.", "Please choose a picture file.")
_NO_SVG = Text(
    "SVG-Dateien können Programme enthalten und werden nicht angenommen. Bitte speichern Sie das Bild als PNG.",
    "SVG files can hold programs and are not taken. Please save the picture as PNG.",
)
_NO_FORMAT = Text(
    "Das ist kein Bild im Format JPEG, PNG oder WebP. Bitte speichern Sie es in einem dieser Formate.",
    "This is not a picture in the format JPEG, PNG or WebP. Please save it in one of these formats.",
)
BROKEN = Text(
    "Diese Bilddatei ist beschädigt oder unvollständig. Bitte laden Sie sie noch einmal hoch.",
    "This picture file is damaged or incomplete. Please upload it once more.",
)
TOO_MANY_PIXELS = Text(
    "Dieses Bild hat mehr als 40 Millionen Bildpunkte. Bitte verkleinern Sie es vorher.",
    "This picture has more than 40 million pixels. Please make it smaller first.",
)
TOO_LARGE = Text(
    "Diese Datei hat mehr als 12 MB. Bitte verkleinern Sie das Bild vorher.",
    "This file has more than 12 MB. Please make the picture smaller first.",
)
