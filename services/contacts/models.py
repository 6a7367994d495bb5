"""All tables of contacts in one place for the ORM, with the log, the inbox and what belongs to them."""

from __future__ import annotations

from infra.inbox.models import CheckpointEntry, DeadLetterEntry, InboxEntry
from infra.outbox.models import OutboxEntry
from services.contacts.access.models import AccessMail
from services.contacts.accounts.models import Account, Membership, Session
from services.contacts.alerts.models import AccountAlert, AlertMail
from services.contacts.almanac.models import GlossaryTerm, StateProfile
from services.contacts.directory.models import (
    ContactPoint,
    ContactPointFacet,
    Document,
    Event,
    Network,
    Organisation,
    Source,
)
from services.contacts.notices.models import Notice, NoticeChoice, NoticeMail
from services.contacts.offers.models import Offer, OfferFacet
from services.contacts.places.models import Region
from services.contacts.rates import MailWindow
from services.contacts.vocabulary.models import Vocabulary

__all__ = [
    "AccessMail",
    "Account",
    "AccountAlert",
    "AlertMail",
    "Checkpoint",
    "ContactPoint",
    "ContactPointFacet",
    "DeadLetter",
    "Document",
    "Event",
    "GlossaryTerm",
    "Inbox",
    "MailWindow",
    "Membership",
    "Network",
    "Notice",
    "NoticeChoice",
    "NoticeMail",
    "Offer",
    "OfferFacet",
    "Organisation",
    "Outbox",
    "Region",
    "Session",
    "Source",
    "StateProfile",
    "Vocabulary",
]


class Outbox(OutboxEntry):
    """The log of everything contacts has told."""

    class Meta(OutboxEntry.Meta):
        abstract = False
        table = "outbox"


class Inbox(InboxEntry):
    """Events contacts has finished with."""

    class Meta(InboxEntry.Meta):
        abstract = False
        table = "inbox"


class DeadLetter(DeadLetterEntry):
    """Events contacts could not finish."""

    class Meta(DeadLetterEntry.Meta):
        abstract = False
        table = "dead_letters"


class Checkpoint(CheckpointEntry):
    """How far contacts has followed each producer's log."""

    class Meta(CheckpointEntry.Meta):
        abstract = False
        table = "checkpoints"
