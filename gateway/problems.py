"""What a service refused, in a form pages can show: status, text, and each field's messages."""

from __future__ import annotations

from dataclasses import dataclass

from infra.errors import LotseError, Text
from infra.web.client import Answer
from infra.web.problems import MEDIA_TYPE

# The statuses that mean "mend your input and try again": the form is shown once more with these messages.
CORRECTABLE = frozenset({400, 401, 409, 412, 413, 422, 428, 429})
_BROKEN = Text(
    "Dieser Teil von Lotse hat einen Fehler gemeldet. Bitte versuchen Sie es in einigen Minuten noch einmal.",
    "This part of Lotse reported a fault. Please try again in a few minutes.",
)


@dataclass(frozen=True)
class FieldMessage:
    """One message at one field; `field` is a dotted path as the service names it."""

    field: str
    message: str


class Refused(Exception):
    """A service answered with an error. `title` and the messages are in the reader's language."""

    def __init__(self, status: int, code: str, title: str, fields: tuple[FieldMessage, ...] = ()) -> None:
        self.status = status
        self.code = code
        self.title = title
        self.fields = fields
        super().__init__(title)

    @property
    def correctable(self) -> bool:
        """Whether the person can mend the input (else the page as a whole has failed)."""
        return self.status in CORRECTABLE

    @property
    def down(self) -> bool:
        """Whether the part itself is broken or away."""
        return self.status >= 500


def refused(answer: Answer, language: str) -> Refused:
    """The error in a service's answer."""
    if not answer.headers.get("content-type", "").startswith(MEDIA_TYPE):
        return Refused(answer.status, "broken", _BROKEN.get(language))
    body = answer.json()
    fields = tuple(FieldMessage(item["field"], item["message"]) for item in body.get("fields", ()))
    return Refused(answer.status, body.get("code", "error"), body.get("title", _BROKEN.get(language)), fields)


def from_error(error: LotseError, language: str) -> Refused:
    """The same for an error raised on this side (an unreachable service, a rate limit)."""
    fields = tuple(FieldMessage(item.field, item.text.get(language)) for item in error.fields)
    return Refused(error.status, error.code, error.text.get(language), fields)
