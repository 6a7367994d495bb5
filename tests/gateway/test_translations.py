"""Every text of the pages exists in English: extracted from the sources and looked up in the catalogues."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import gateway
from gateway import i18n

ROOT = Path(gateway.__file__).parent
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
Message = str | tuple[str, ...]


def used_messages() -> dict[Message, str]:
    """Every message of the gateway's sources with the first file that uses it."""
    found: dict[Message, str] = {}
    options = {"templates/**.html": {"extensions": "jinja2.ext.do", "silent": "false"}}
    for path, _line, message, _comments, _context in extract_from_dir(ROOT, METHODS, options):
        found.setdefault(message, path)
    return found


def english() -> dict[Message, Message]:
    """All English messages by their German source."""
    known: dict[Any, Any] = {}
    for path in sorted((i18n.LOCALES / "en").glob("*.po")):
        with path.open("rb") as source:
            catalog: Catalog = read_po(source, locale="en")
        known.update({message.id: message.string for message in catalog if message.id})
    return known


def test_every_message_is_translated() -> None:
    known = english()
    missing = {message: path for message, path in used_messages().items() if not _filled(known.get(message, ""))}
    assert not missing


def test_no_translation_is_left_over() -> None:
    assert not set(english()) - set(used_messages())


def test_translations_keep_the_placeholders() -> None:
    wrong = [message for message, text in english().items() if _placeholders(message) != _placeholders(text)]
    assert not wrong


def test_german_is_the_source() -> None:
    assert i18n.translations("de").gettext("Suche") == "Suche"
    assert i18n.translations("en").gettext("Suche") == "Search"


def _filled(text: Message) -> bool:
    return bool(text) and (isinstance(text, str) or all(text))


def _placeholders(message: Message) -> set[str]:
    texts = [message] if isinstance(message, str) else message
    return {found for text in texts for found in re.findall(r"%\(\w+\)[sd]", text)}
