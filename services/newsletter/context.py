"""What the newsletter needs from its process: the settings and a way to hand over mail, there while it is hosted."""

from __future__ import annotations

from infra.mail import office
from infra.settings import Settings
from services.newsletter.rates import MailWindow

_desk = office.Desk("newsletter", MailWindow)
current = _desk.current
hosted = _desk.hosted


def key_for(settings: Settings, purpose: str) -> bytes:
    """A key for one purpose of the newsletter, without a hosted one."""
    return office.key_for(settings, "newsletter", purpose)
