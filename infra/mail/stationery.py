"""Mails in the house style, as HTML and as plain text, each from its own template.

Programs cut mails off at about 102 kB: `MAX_HTML_BYTES` is where that comes near.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # templates and styles take 4 MB, and only who sends mail needs them
    from infra.mail.typesetting import Press

MAX_HTML_BYTES = 100_000


@dataclass(frozen=True)
class Rendered:
    """A mail's subject and both its parts."""

    subject: str
    html: str
    text: str


class Stationery:
    """The templates of one package, which may build on the house's own (`infra/mail/templates`)."""

    def __init__(self, package: str) -> None:
        self._package = package

    def render(self, name: str, subject: str, **values: Any) -> Rendered:
        """The templates `name`.html and `name`.txt with `values` and the subject put in."""
        given = {**values, "subject": subject}
        return Rendered(subject, self._press.page(name, given), self._press.text(name, given))

    @cached_property
    def _press(self) -> Press:
        from infra.mail.typesetting import Press

        return Press(*dict.fromkeys((self._package, "infra.mail")))
