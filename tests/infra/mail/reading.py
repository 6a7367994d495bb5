"""Reads mails as a mail program does, and says what would keep somebody from reading them."""

from __future__ import annotations

import email
import re
from email import policy
from email.message import EmailMessage
from html.parser import HTMLParser

from infra.mail import mailbox
from infra.settings import Settings

BANNED = {"script", "iframe", "object", "embed", "form", "img", "link", "base"}
VOID = {"meta", "br", "hr"}


class Lint(HTMLParser):
    """Walks a mail's HTML: collects headings, links, languages, and whatever should not be there."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.links: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self.language = ""
        self.title = ""
        self.languages: set[str] = set()
        self._open: list[str] = []
        self.feed(page)
        if self._open:
            self.faults.append(f"left open: {self._open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.faults += [f"{tag} {name}" for name in values if name.startswith("on")]
        if tag in BANNED:
            self.faults.append(tag)
        if tag not in VOID:
            self._open.append(tag)
        if tag == "html":
            self.language = values.get("lang", "")
        if "lang" in values:
            self.languages.add(values["lang"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append((values["href"], ""))
        if tag == "table" and values.get("role") != "presentation":
            self.faults.append("table without role")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and (not self._open or self._open.pop() != tag):
            self.faults.append(f"closes {tag}")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title":
            self.title += data
        if "a" in self._open and self.links:
            target, text = self.links[-1]
            self.links[-1] = (target, text + data)

    def problems(self, language: str) -> list[str]:
        """What would keep somebody from reading the mail."""
        found = list(self.faults)
        if self.language != language:
            found.append(f"language {self.language}")
        if self.headings.count(1) != 1 or self.headings[:1] != [1]:
            found.append(f"headings {self.headings}")
        found += [f"jump to h{b}" for a, b in zip(self.headings, self.headings[1:], strict=False) if b > a + 1]
        found += [f"link without words: {target}" for target, text in self.links if not text.strip()]
        found += [f"link {target}" for target, _ in self.links if not target.startswith(("http://", "https://"))]
        if not self.title.strip():
            found.append("no title")
        return found


def messages(settings: Settings) -> list[EmailMessage]:
    """All mails in the local mailbox, oldest first."""
    files = sorted(mailbox(settings).folder.glob("*.eml"))
    return [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def body(message: EmailMessage, kind: str) -> str:
    """The text of the part of this `kind`, plain or html."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")
