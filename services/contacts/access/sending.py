"""The mails about addresses and passwords, as jobs see them: in a queue of their own, so that none waits long."""

from __future__ import annotations

from infra.mail.posting.rounds import Round
from services.contacts.access.mails import mail_of
from services.contacts.access.models import AccessMail
from services.contacts.context import current
from services.contacts.jobs import SERVICE

access_mails = Round(SERVICE, AccessMail, current, mail_of)
