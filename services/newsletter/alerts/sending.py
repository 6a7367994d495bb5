"""The mails about alerts, as the jobs of the newsletter see them."""

from __future__ import annotations

from functools import partial

from infra.mail.posting.rounds import Round
from services.newsletter.alerts.mails import mail_of
from services.newsletter.alerts.models import AlertMail
from services.newsletter.context import current
from services.newsletter.jobs import SERVICE
from services.newsletter.subscribers.proving import note_taken

alert_mails = Round(SERVICE, AlertMail, current, mail_of, partial(note_taken, AlertMail, "subscription_id"))
