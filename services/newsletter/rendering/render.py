"""Sets letters and notices, on the house's stationery."""

from __future__ import annotations

from infra.mail.stationery import Rendered, Stationery
from services.newsletter.rendering.letters import Letter, Notice
from services.newsletter.rendering.wording import FRAME

_paper = Stationery("services.newsletter")


def letter(content: Letter) -> Rendered:
    """An issue as a mail."""
    return _render("letter", f"{content.name}: {content.title}", content)


def notice(content: Notice) -> Rendered:
    """A mail about a subscription itself."""
    return _render("notice", content.subject, content)


def _render(name: str, subject: str, content: Letter | Notice) -> Rendered:
    words = {key: text.get(content.language) for key, text in FRAME.items()}
    return _paper.render(name, subject, mail=content, words=words)
