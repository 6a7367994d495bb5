"""A mail's HTML as a tree of elements, as far as the checks look at it.

The standard library's parser reads it: what our own templates and the sanitiser write is well-formed, and whatever is
not closed or closed twice is itself a finding (`faults`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})


@dataclass(eq=False)
class Element:
    """One element with its attributes; `children` holds elements and texts in their order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """This element and all below it, in the order of the document."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, *tags: str) -> list[Element]:
        """Every element below with one of these tags."""
        return [element for element in self.walk() if element.tag in tags]

    def text(self) -> str:
        """The words below, white space folded; an image gives its alternative text."""
        return " ".join("".join(self._words()).split())

    def ancestors(self) -> Iterator[Element]:
        """This element, what it stands in, and so on to the root."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent

    def _words(self) -> Iterator[str]:
        if self.tag == "img":
            yield self.attributes.get("alt", "")
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._words()
                if child.tag in ("br", "p", "div", "li", "td"):
                    yield " "


@dataclass(frozen=True)
class Page:
    """A parsed mail: its root, which has no tag, and what is not well-formed in it."""

    root: Element
    faults: list[str]


def parse(html: str) -> Page:
    """Read a mail's HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    left_open = [element.tag for element in reader.here.ancestors() if element.tag]
    return Page(reader.root, reader.faults + [f"<{tag}>" for tag in left_open])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self.here = self.root
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self.here.tag == tag and self.here.parent is not None:
            self.here = self.here.parent
        else:
            self.faults.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)
