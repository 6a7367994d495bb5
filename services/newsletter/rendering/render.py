"""Sets issues as mails, on the house's stationery."""

from __future__ import annotations

from infra.mail.stationery import Rendered, Stationery
from services.newsletter.rendering.letters import Letter
from services.newsletter.rendering.wording import FRAME

_paper = Stationery("services.newsletter")


def letter(content: Letter) -> Rendered:
    """An issue as a mail."""
    words = {key: text.get(content.language) for key, text in FRAME.items()}
    return _paper.render("letter", f"{content.name}: {content.title}", mail=content, words=words)
