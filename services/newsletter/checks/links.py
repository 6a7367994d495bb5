"""The links that editors wrote into an issue, and what is known of whether they lead anywhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from infra.markup import to_html
from services.newsletter.checks.tree import parse
from services.newsletter.issues.domain import IMPRINT, Content

# Set aside for examples: nobody's address is there (RFC 2606, RFC 6761).
_EXAMPLE_HOST = re.compile(r"(?:.*\.)?(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)")


@dataclass(frozen=True)
class Link:
    """An address elsewhere, and the section it stands in."""

    url: str
    place: str


def links_of(content: Content) -> list[Link]:
    """Each http(s) address that stands in an issue by hand, once for each section."""
    found = (Link(url, section.kind) for section in content.sections for url in _urls(content, section.kind))
    return list(dict.fromkeys(found))


def outward(content: Content, base_url: str) -> list[Link]:
    """The links that have to be asked: elsewhere, and not only for examples."""
    return [link for link in links_of(content) if not link.url.startswith(base_url + "/") and not is_example(link.url)]


def is_example(url: str) -> bool:
    """Whether an address lies where nobody is: such links cannot be alive, and need not be asked."""
    return bool(_EXAMPLE_HOST.fullmatch((urlsplit(url).hostname or "").lower()))


def key_of(url: str) -> str:
    """Under what an address is known, however long it is."""
    return hashlib.sha256(url.encode()).hexdigest()


def _urls(content: Content, kind: str) -> Iterator[str]:
    for section in content.sections:
        if section.kind != kind or kind == IMPRINT:
            continue
        texts = [section.text, *(item.text for item in section.items)]
        yield from (item.link for item in section.items if item.link)
        for words in (words for text in texts for words in (text.de, text.en) if words):
            targets = (link.attributes.get("href", "") for link in parse(to_html(words)).root.all("a"))
            yield from (target for target in targets if target.startswith(("http://", "https://")))
