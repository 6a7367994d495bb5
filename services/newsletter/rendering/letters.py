"""What goes into a mail, in one language and ready to be set: the input of rendering."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tokens:
    """A recipient's own tokens, which end the addresses of the pages to change preferences and to leave."""

    preferences: str
    unsubscribe: str


def marks(secret: str) -> Tokens:
    """What stands in a rendering shared by many where each recipient's tokens go.

    `secret` is made after the content was frozen, so that nothing written in an issue can ask for a token.
    """
    return Tokens(f"@@preferences-{secret}@@", f"@@unsubscribe-{secret}@@")


@dataclass(frozen=True)
class Picture:
    """A picture at a full address, with the measures at which it is shown (pixels)."""

    url: str
    width: int
    height: int
    alt: str
    credit: str = ""


@dataclass(frozen=True)
class Item:
    """One item. `html` is sanitised, `text` plain; `detail` is its place, date and network in one line.

    `language` is the one it is written in.
    """

    title: str
    language: str
    html: str = ""
    text: str = ""
    url: str = ""
    detail: str = ""
    picture: Picture | None = None


@dataclass(frozen=True)
class Section:
    """One section with content; its text is written in `language`, its title in `title_language`.

    `more` says how many entries the mail had no room for; `anchor` is where the page of the issue shows them.
    """

    title: str
    title_language: str
    language: str
    html: str = ""
    text: str = ""
    items: list[Item] = field(default_factory=list)
    more: int = 0
    anchor: str = ""


@dataclass(frozen=True)
class Letter:
    """An issue for one group of recipients. `name` is that of the newsletter with its quarter."""

    language: str
    name: str
    title: str
    focus: str
    sections: list[Section]
    archive_url: str
    preferences_url: str
    unsubscribe_url: str
    imprint: list[str]
