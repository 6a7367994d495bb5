"""What contacts needs from its process to send mail: the settings and a mailer, there while it is hosted."""

from __future__ import annotations

from infra.mail.office import Desk
from services.contacts.rates import MailWindow

_desk = Desk("contacts", MailWindow)
current = _desk.current
hosted = _desk.hosted
