"""What contacts needs from its process to send mail: the settings and a mailer, there while it is hosted."""

from __future__ import annotations

from infra.mail.office import Desk

_desk = Desk("contacts")
current = _desk.current
hosted = _desk.hosted
