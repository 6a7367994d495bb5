"""A page as a test reads it: its headings, links, loaded resources and forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

LOADING = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("video", "src"),
    ("audio", "src"),
    ("object", "data"),
    ("form", "action"),
}
LOADING_RELS = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "preconnect", "dns-prefetch"}


@dataclass
class Parsed(HTMLParser):
    """What stands in a page."""

    language: str = ""
    title: str = ""
    levels: list[int] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    alternates: dict[str, str] = field(default_factory=dict)
    inline: list[str] = field(default_factory=list)
    _in_title: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says."""
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = values.get("lang", "")
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.levels.append(int(tag[1]))
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if "id" in values:
            self.ids.append(values["id"])
        self._in_title = tag == "title" and not self.title
        self._note_loading(tag, values)
        self.inline += [name for name in values if name.startswith("on") or name == "style"]

    def _note_loading(self, tag: str, values: dict[str, str]) -> None:
        self.loaded += [values[name] for kind, name in LOADING if kind == tag and name in values]
        if tag == "link":
            rel = values.get("rel", "")
            if rel in LOADING_RELS:
                self.loaded.append(values["href"])
            if rel == "alternate" and "hreflang" in values:
                self.alternates[values["hreflang"]] = values["href"]
        if tag in ("style", "script") and "src" not in values:
            self.inline.append(tag)

    def handle_data(self, data: str) -> None:
        """Take the words of the title."""
        if self._in_title:
            self.title = data
            self._in_title = False


def parse(text: str) -> Parsed:
    """The page in `text`."""
    page = Parsed()
    page.feed(text)
    return page
