"""Whether what the editors wrote is complete: in both languages, without placeholders, with a legal notice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.errors import Text
from infra.settings import Settings
from services.newsletter.checks.domain import Finding, error, warning
from services.newsletter.checks.links import is_example, links_of
from services.newsletter.issues.content import gaps, has_news, kept
from services.newsletter.issues.domain import COLLECTING, IMPRINT, Content, Section
from services.newsletter.rendering.wording import SECTIONS
from services.newsletter.texts import Local

_PLACEHOLDER = re.compile(r"lorem ipsum|\bTODO\b|\bTBD\b|\bXXX+\b|\bfixme\b", re.IGNORECASE)
_MARKS = re.compile(r"\{\{[^}]*\}\}|\[\[[^]]*\]\]")  # of some template, or meant as they stand
_IN_WORDS = {"de": ("deutsche", "German"), "en": ("englische", "English")}
_LABELS = SECTIONS | {"title": Text("Titel", "Title"), "focus": Text("Schwerpunkt", "Focus")}


def check(content: Content, settings: Settings) -> list[Finding]:
    """What is missing or left over in an issue."""
    found = [*_translations(content), *_collected_translations(content), *_placeholders(content)]
    found += [*_example_links(content, settings.demo), *_imprint(settings)]
    if not has_news(content, {entry.id for entry in kept(content)}):
        found.append(
            warning(
                "empty",
                "",
                "Die Ausgabe enthält noch nichts: weder einen Beitrag noch ein gesammeltes Angebot.",
                "The issue holds nothing yet: neither an item nor a collected offer.",
            )
        )
    return found


def _translations(content: Content) -> Iterator[Finding]:
    """Readers choose a language, so what the editors write is there in both."""
    for place, language in gaps(content):
        label, (german, english) = _LABELS[place], _IN_WORDS[language]
        yield error(
            "translation",
            place,
            f"{label.de}: Die {german} Fassung fehlt.",
            f"{label.en}: the {english} version is missing.",
        )


def _collected_translations(content: Content) -> Iterator[Finding]:
    """What the networks published without English words stands in German in English mails, and is marked as such."""
    entries = kept(content)
    for section in content.sections:
        kinds = COLLECTING.get(section.kind, ())
        mine = [entry for entry in entries if entry.kind in kinds]
        untranslated = sum(not entry.title_en for entry in mine)
        if untranslated:
            label = SECTIONS[section.kind]
            yield warning(
                "translation",
                section.kind,
                f"{label.de}: {untranslated} von {len(mine)} gesammelten Einträgen gibt es nur auf Deutsch.",
                f"{label.en}: {untranslated} of {len(mine)} collected entries are in German only.",
            )


def _placeholders(content: Content) -> Iterator[Finding]:
    texts = [("title", content.title), ("focus", content.focus)]
    texts += [(section.kind, text) for section in content.sections for text in _texts(section)]
    for place, text in texts:
        for make, pattern in ((error, _PLACEHOLDER), (warning, _MARKS)):
            for left in sorted({found[0] for words in (text.de, text.en) for found in pattern.finditer(words)}):
                yield make("placeholder", place, f"Hier steht noch „{left}“.", f"“{left}” is still there.")


def _example_links(content: Content, demo: bool) -> Iterator[Finding]:
    found = warning if demo else error
    for link in links_of(content):
        if is_example(link.url):
            yield found(
                "placeholder",
                link.place,
                f"{link.url} ist eine Beispieladresse (RFC 2606).",
                f"{link.url} is an address for examples (RFC 2606).",
            )


def _imprint(settings: Settings) -> Iterator[Finding]:
    """§ 5 DDG asks for the provider's name and address in each issue."""
    if settings.imprint_is_template or not any(settings.imprint):
        yield error(
            "installation",
            IMPRINT,
            "Das Impressum ist noch die Vorlage (§ 5 DDG). Wer Lotse betreibt: LOTSE_IMPRINT.",
            "The legal notice is still the template (§ 5 DDG). Those who run Lotse: LOTSE_IMPRINT.",
        )


def _texts(section: Section) -> list[Local]:
    """What stands in a section by hand."""
    return [section.title, section.text, *(text for item in section.items for text in (item.title, item.text))]
