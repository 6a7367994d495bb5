"""Writes Atom feeds (RFC 4287): plain texts in, UTF-8 XML out, whatever characters the texts hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, tostring

MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
# What XML 1.0 cannot hold even escaped: most control characters, single surrogates, and two more.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry. `address` is absolute and may change over time, `id` never does; `updated` has a time zone."""

    id: UUID
    title: str
    address: str
    updated: datetime
    summary: str = ""
    author: str = ""
    categories: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A feed. `address` is its own, `page` that of the page which shows the same to people; both are absolute."""

    id: UUID
    title: str
    subtitle: str
    language: str
    address: str
    page: str
    author: str
    updated: datetime
    entries: Sequence[Entry]


def write(feed: Feed) -> bytes:
    """The feed as an XML document."""
    root = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": feed.language})
    _text(root, "id", feed.id.urn)
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", _moment(feed.updated))
    _author(root, feed.author)
    SubElement(root, "link", {"rel": "self", "type": MEDIA_TYPE, "href": feed.address})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": feed.page, "hreflang": feed.language})
    _text(root, "generator", "Lotse")
    for entry in feed.entries:
        _write_entry(SubElement(root, "entry"), entry)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _write_entry(element: Element, entry: Entry) -> None:
    _text(element, "id", entry.id.urn)
    _text(element, "title", entry.title)
    _text(element, "updated", _moment(entry.updated))
    SubElement(element, "link", {"rel": "alternate", "type": "text/html", "href": entry.address})
    if entry.author:
        _author(element, entry.author)
    for category in entry.categories:
        SubElement(element, "category", {"term": _clean(category)})
    if entry.summary:
        _text(element, "summary", entry.summary)


def _author(parent: Element, name: str) -> None:
    _text(SubElement(parent, "author"), "name", name)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _moment(value: datetime) -> str:
    return value.isoformat(timespec="seconds")
