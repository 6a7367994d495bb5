"""The mails about alerts, as the jobs of contacts see them."""

from __future__ import annotations

from infra.mail.posting.rounds import Round
from services.contacts.alerts.mails import mail_of
from services.contacts.alerts.models import AlertMail
from services.contacts.context import current
from services.contacts.jobs import SERVICE

alert_mails = Round(SERVICE, AlertMail, current, mail_of)
