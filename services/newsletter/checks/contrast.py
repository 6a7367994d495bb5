"""Whether text can be told from what it stands on, in the light and the dark form of a mail (WCAG 2.2, 1.4.3).

Light colours come from the styles inside the elements; dark ones from the rules of the head's dark `@media` block,
whose selectors are elements and classes, one inside the other. Both are our own style sheet as it was inlined, so that
no more of CSS is understood here than it uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.newsletter.checks.tree import Element

# WCAG 2.2, 1.4.3: large is 18 pt (24 px), or 14 pt (18.66 px) in bold.
LEAST_CONTRAST, LEAST_FOR_LARGE = 4.5, 3.0
LARGE_PX, LARGE_BOLD_PX = 24.0, 18.66
_DEFAULT_PX = 16.0
_BOLD_TAGS = frozenset({"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"})
_DARK = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)\s*\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")
_COMPOUND = re.compile(r"(?P<tag>[a-z][a-z0-9]*)?(?P<classes>(?:\.[\w-]+)*)")
_NAMED = {"white": "#ffffff", "black": "#000000"}
Styles = dict[str, str]
Rule = tuple[list[str], Styles]


@dataclass(frozen=True)
class Faint:
    """A text that can hardly be read: its colours and how many to one they differ."""

    text: str
    scheme: str
    color: str
    background: str
    ratio: float


def faint_texts(root: Element) -> Iterator[Faint]:
    """Every text below `root` whose contrast is too low, in the light form and in the dark one."""
    dark = _dark_rules(root)
    for element in root.walk():
        words = " ".join("".join(child for child in element.children if isinstance(child, str)).split())
        if not words or any(outer.tag in ("head", "style", "title") for outer in element.ancestors()):
            continue
        for scheme, rules in (("light", ()), ("dark", tuple(dark))):
            color = _inherited(element, "color", rules) or "#000000"
            background = _background(element, rules)
            found = ratio(color, background)
            if found < (LEAST_FOR_LARGE if _is_large(element) else LEAST_CONTRAST):
                yield Faint(words, scheme, color, background, found)


def has_dark_form(root: Element) -> bool:
    """Whether the mail says how it looks in the dark."""
    return bool(_dark_rules(root))


def ratio(color: str, background: str) -> float:
    """How many to one two colours ("#rrggbb") differ in brightness, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    brighter, darker = sorted((_luminance(color), _luminance(background)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def styles_of(element: Element, rules: tuple[Rule, ...] = ()) -> Styles:
    """The declarations inside an element, overruled by those of `rules` that fit it."""
    styles = _declarations(element.attributes.get("style", ""))
    for selectors, declared in rules:
        if any(_fits(element, selector.split()) for selector in selectors):
            styles.update(declared)
    return styles


def _luminance(color: str) -> float:
    """Relative luminance of an sRGB colour, from 0 to 1 (WCAG 2.2)."""
    shares = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _inherited(element: Element, name: str, rules: tuple[Rule, ...]) -> str:
    for outer in element.ancestors():
        found = _colour(styles_of(outer, rules).get(name, ""))
        if found:
            return found
    return ""


def _background(element: Element, rules: tuple[Rule, ...]) -> str:
    """The nearest background behind an element; white where nothing says otherwise."""
    return _inherited(element, "background-color", rules) or "#ffffff"


def _is_large(element: Element) -> bool:
    size = _DEFAULT_PX
    for outer in element.ancestors():
        given = styles_of(outer).get("font-size", "")
        if given.endswith("px"):
            size = float(given.removesuffix("px"))
            break
    bold = any(
        outer.tag in _BOLD_TAGS or styles_of(outer).get("font-weight") == "bold" for outer in element.ancestors()
    )
    return size >= (LARGE_BOLD_PX if bold else LARGE_PX)


def _colour(text: str) -> str:
    """A colour as "#rrggbb"; "" for none, or for one that is not written as a colour of our style sheet is."""
    value = _NAMED.get(text, text)
    if not _HEX.fullmatch(value):
        return ""
    return value if len(value) == 7 else "#" + "".join(digit * 2 for digit in value[1:])


def _dark_rules(root: Element) -> list[Rule]:
    sheet = "".join(style.text() for style in root.all("style"))
    return [
        ([selector.strip() for selector in selectors.split(",")], _declarations(body))
        for block in _DARK.findall(sheet)
        for selectors, body in _RULE.findall(block)
    ]


def _declarations(text: str) -> Styles:
    """ "color: #fff !important; margin: 0" as names and values, all in lower case."""
    pairs = (part.partition(":") for part in text.split(";") if ":" in part)
    return {name.strip().lower(): value.replace("!important", "").strip().lower() for name, _, value in pairs}


def _fits(element: Element, compounds: list[str]) -> bool:
    """Whether a selector of elements and classes, from the outermost to the one meant, fits an element."""
    if not _is(element, compounds[-1]):
        return False
    outer = element.parent
    for compound in reversed(compounds[:-1]):
        while outer is not None and not _is(outer, compound):
            outer = outer.parent
        if outer is None:
            return False
        outer = outer.parent
    return True


def _is(element: Element, compound: str) -> bool:
    found = _COMPOUND.fullmatch(compound)
    if found is None or found["tag"] not in (None, element.tag):
        return False
    return set(found["classes"].split(".")) - {""} <= set(element.attributes.get("class", "").split())
