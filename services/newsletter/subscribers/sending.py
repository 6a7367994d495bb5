"""The mails about subscriptions, as jobs see them; the ledger says that the server took them.

The addresses that some of them went to are forgotten then.
"""

from __future__ import annotations

from functools import partial

from infra.mail.posting.rounds import Round
from services.newsletter.context import current
from services.newsletter.jobs import SERVICE
from services.newsletter.subscribers.mails import service_mail
from services.newsletter.subscribers.models import ServiceMail
from services.newsletter.subscribers.proving import note_taken

service_mails = Round(
    SERVICE, ServiceMail, current, service_mail, partial(note_taken, ServiceMail, "subscriber_id", address="")
)
