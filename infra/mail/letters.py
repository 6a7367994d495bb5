"""A mail with one thing to say and one button, for what a person has asked for or must know about what is theirs."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from infra.errors import Text
from infra.mail.message import Mail
from infra.mail.office import Office
from infra.mail.stationery import Stationery

_paper = Stationery("infra.mail")
SENDER = Text("Lotse", "Lotse")
_WORDS = {
    "if_stuck": Text(
        "Wenn der Knopf nicht geht, öffnen Sie diese Adresse:", "If the button does not work, open this address:"
    ),
    "imprint": Text("Impressum", "Legal notice"),
}


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What one mail says: paragraphs before and after a button that leads to `url`."""

    language: str
    subject: str
    before: list[str]
    button: str
    url: str
    after: list[str]


def letter_mail(office: Office, letter: Letter, *, recipient: str, message_id: str) -> Mail:
    """The mail; it is not to be answered by programs (RFC 3834) and belongs to no list."""
    language = letter.language
    content = {**asdict(letter), "imprint": office.settings.imprint}
    words = {key: text.get(language) for key, text in _WORDS.items()}
    rendered = _paper.render("notice", letter.subject, mail=content, words=words)
    return Mail(
        sender=office.settings.mail_from,
        sender_name=SENDER.get(language),
        recipient=recipient,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=message_id,
        language=language,
        headers={"Auto-Submitted": "auto-generated"},
    )
