"""Whether everybody can read a mail: the rules of WCAG 2.2 (levels A and AA) that a program can decide.

Each rule names its success criterion. They hold for a mail as it is sent, with its styles inside the elements.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator

from infra.errors import Text
from services.newsletter.checks.contrast import faint_texts, has_dark_form, styles_of
from services.newsletter.checks.domain import Finding
from services.newsletter.checks.tree import Page, parse

LONGEST_QUOTE = 60
LEAST_PX = 12.0
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ACTIVE = frozenset({"script", "iframe", "object", "embed", "form", "input", "button", "base", "video", "audio"})
# Words that say nothing about where a link leads (WCAG technique F84).
_EMPTY_WORDS = frozenset(
    {"hier", "klick", "klicken sie hier", "mehr", "weiter", "link", "weiterlesen", "mehr erfahren", "details"}
    | {"here", "click here", "more", "read more", "continue", "learn more", "this"}
)
_SCHEMES = ("http://", "https://", "mailto:", "tel:")
_PIXELS = re.compile(r"([\d.]+)px")
Rule = Callable[[Page, str], Iterator[Text]]


def check(html: str, language: str) -> list[Finding]:
    """What keeps somebody from reading the mail `html`, which is written in `language` ("de" or "en")."""
    page = parse(html)
    errors = [text for rule in _RULES for text in rule(page, language)]
    hints = [text for rule in _HINTS for text in rule(page, language)]
    return [
        *(Finding("accessibility", "error", language, text) for text in errors),
        *(Finding("accessibility", "warning", language, text) for text in hints),
    ]


def _well_formed(page: Page, _language: str) -> Iterator[Text]:
    for fault in page.faults:
        yield Text(f"Der Aufbau der E-Mail ist fehlerhaft bei {fault}.", f"The mail is malformed at {fault}.")


def _says_language(page: Page, language: str) -> Iterator[Text]:
    """3.1.1: the language is said, also inside, since some programs drop the outermost element."""
    for element in page.root.all("html"):
        if element.attributes.get("lang") != language or element.attributes.get("dir") not in ("ltr", "rtl"):
            yield Text("Sprache oder Schreibrichtung fehlt.", "Language or direction is missing.")
    inner = [element for body in page.root.all("body") for element in body.walk()]
    if not any(element.attributes.get("lang") == language for element in inner):
        yield Text(
            "Die Sprache steht nur am äußersten Element, das manche Mailprogramme weglassen.",
            "The language stands only at the outermost element, which some mail programs drop.",
        )


def _has_title(page: Page, _language: str) -> Iterator[Text]:
    """2.4.2."""
    if not any(title.text() for title in page.root.all("title")):
        yield Text("Die E-Mail hat keinen Titel.", "The mail has no title.")


def _headings_in_order(page: Page, _language: str) -> Iterator[Text]:
    """1.3.1 and 2.4.6: one heading of the first level, none skipped, none empty."""
    headings = page.root.all(*_HEADINGS)
    levels = [int(heading.tag[1]) for heading in headings]
    if levels.count(1) != 1 or levels[:1] != [1]:
        yield Text(
            "Die E-Mail braucht genau eine Hauptüberschrift, und zwar zuerst.",
            "The mail needs exactly one main heading, and it comes first.",
        )
    for before, heading in zip(levels, headings[1:], strict=False):
        if int(heading.tag[1]) > before + 1:
            words = _quote(heading.text())
            yield Text(f"Vor der Überschrift „{words}“ fehlt eine Ebene.", f"A level is missing before “{words}”.")
    if not all(heading.text() for heading in headings):
        yield Text("Eine Überschrift ist leer.", "A heading is empty.")


def _images_in_words(page: Page, _language: str) -> Iterator[Text]:
    """1.1.1: each image has an alternative text, which is empty only for mere ornament."""
    for image in page.root.all("img"):
        if "alt" not in image.attributes:
            source = image.attributes.get("src", "")
            yield Text(f"Dem Bild {source} fehlt der Alternativtext.", f"The image {source} has no alternative text.")


def _links_in_words(page: Page, _language: str) -> Iterator[Text]:
    """2.4.4: the words of a link say where it leads."""
    for link in page.root.all("a"):
        words, target = link.text(), link.attributes.get("href", "")
        if not words:
            yield Text(f"Der Link {target} hat keinen Text.", f"The link {target} has no text.")
        elif words.casefold().strip(" .…>»") in _EMPTY_WORDS:
            yield Text(
                f"Der Linktext „{words}“ sagt nicht, wohin er führt.",
                f"The link text “{words}” does not say where it leads.",
            )
        if not target.startswith(_SCHEMES):
            yield Text(f"„{target}“ ist keine Adresse.", f"“{target}” is not an address.")


def _links_marked(page: Page, _language: str) -> Iterator[Text]:
    """1.4.1: a link is told from text by more than its colour: it is underlined, or a button."""
    for link in page.root.all("a"):
        styles = styles_of(link)
        if "none" in styles.get("text-decoration", "") and "background-color" not in styles:
            words = _quote(link.text())
            yield Text(f"Der Link „{words}“ ist nicht unterstrichen.", f"The link “{words}” is not underlined.")


def _tables_said(page: Page, _language: str) -> Iterator[Text]:
    """1.3.1: a table either is one, with headings, or says that it only arranges."""
    for table in page.root.all("table"):
        if table.attributes.get("role") not in ("presentation", "none") and not table.all("th"):
            yield Text(
                "Eine Tabelle ohne Kopfzellen ist nicht als Gestaltung gekennzeichnet.",
                "A table without header cells is not marked as layout.",
            )


def _contrast(page: Page, _language: str) -> Iterator[Text]:
    """1.4.3: text can be told from its background, in the light form and in the dark one."""
    for faint in {(f.scheme, f.color, f.background): f for f in faint_texts(page.root)}.values():
        words, found = _quote(faint.text), f"{faint.ratio:.1f}"
        scheme = {"light": "hellen", "dark": "dunklen"}[faint.scheme]
        yield Text(
            f"„{words}“ ist in der {scheme} Form schwer zu lesen: Kontrast {found.replace('.', ',')}:1.",
            f"“{words}” is hard to read in the {faint.scheme} form: contrast {found}:1.",
        )


def _can_grow(page: Page, _language: str) -> Iterator[Text]:
    """1.4.4: text can be enlarged, and is not tiny from the start."""
    for meta in page.root.all("meta"):
        content = meta.attributes.get("content", "").replace(" ", "")
        if meta.attributes.get("name") == "viewport" and ("user-scalable=no" in content or "maximum-scale" in content):
            yield Text("Vergrößern ist gesperrt.", "Zooming is blocked.")
    sizes = (_PIXELS.fullmatch(styles_of(element).get("font-size", "")) for element in page.root.walk())
    if any(size and float(size[1]) < LEAST_PX for size in sizes):
        yield Text("Ein Text ist sehr klein.", "Some text is very small.")


def _nothing_acts(page: Page, _language: str) -> Iterator[Text]:
    """Mail programs drop what acts by itself, so nobody may depend on it."""
    for element in page.root.walk():
        if element.tag in _ACTIVE or any(name.startswith("on") for name in element.attributes):
            yield Text(f"<{element.tag}> gehört nicht in eine E-Mail.", f"<{element.tag}> has no place in a mail.")


def _entries_in_lists(page: Page, _language: str) -> Iterator[Text]:
    """1.3.1."""
    if any(entry.parent is None or entry.parent.tag not in ("ul", "ol") for entry in page.root.all("li")):
        yield Text("Ein Listenpunkt steht in keiner Liste.", "A list item stands in no list.")


def _images_measured(page: Page, _language: str) -> Iterator[Text]:
    """Text that jumps when an image arrives loses its reader."""
    if not all({"width", "height"} <= image.attributes.keys() for image in page.root.all("img")):
        yield Text("Ein Bild hat keine Maße.", "An image has no measures.")


def _same_words_same_place(page: Page, _language: str) -> Iterator[Text]:
    """2.4.4: who hears a list of the links cannot tell two with the same words apart."""
    targets: dict[str, set[str]] = defaultdict(set)
    for link in page.root.all("a"):
        targets[link.text()].add(link.attributes.get("href", ""))
    for words in (_quote(words) for words, found in targets.items() if words and len(found) > 1):
        yield Text(
            f"Derselbe Linktext „{words}“ führt an verschiedene Stellen.",
            f"The same link text “{words}” leads to different places.",
        )


def _dark_form(page: Page, _language: str) -> Iterator[Text]:
    if not has_dark_form(page.root):
        yield Text("Die dunkle Form fehlt.", "There is no dark form.")


def _quote(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


_RULES: tuple[Rule, ...] = (
    _well_formed,
    _says_language,
    _has_title,
    _headings_in_order,
    _images_in_words,
    _links_in_words,
    _links_marked,
    _tables_said,
    _contrast,
    _can_grow,
    _nothing_acts,
    _entries_in_lists,
)
_HINTS: tuple[Rule, ...] = (_images_measured, _same_words_same_place, _dark_form)
