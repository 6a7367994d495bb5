"""The mails about a subscription itself, newsletter or alert: one button, no advertising, nothing that tracks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from infra.errors import Text
from infra.mail import Mail
from infra.mail.letters import Letter, letter_mail
from services.newsletter.context import current


def notice(words: Mapping[str, Text], url: str, language: str, **values: str) -> Letter:
    """What `words` (subject, before, button, after) say in `language`, with `values`; the button leads to `url`."""
    said = {name: text.get(language).format(**values) for name, text in words.items()}
    return Letter(
        language=language,
        subject=said["subject"],
        before=said["before"].split("\n\n"),
        button=said["button"],
        url=url,
        after=said["after"].split("\n\n"),
    )


def notice_mail(content: Letter, *, recipient: str, sender_name: Text, message_id: str) -> Mail:
    """The mail, in the name of the newsletter or of the search."""
    mail = letter_mail(current(), content, recipient=recipient, message_id=message_id)
    return replace(mail, sender_name=sender_name.get(content.language))
