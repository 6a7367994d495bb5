"""All tables of the newsletter, for Tortoise: its own plumbing and those of the sub-packages."""

from __future__ import annotations

from infra.inbox.models import CheckpointEntry, DeadLetterEntry, InboxEntry
from infra.outbox.models import OutboxEntry
from services.newsletter.alerts.models import AlertMail, AlertSubscription
from services.newsletter.articles.models import Article, ArticleTopic
from services.newsletter.bounces.models import Reply, ReturnedMail
from services.newsletter.checks.models import LinkState
from services.newsletter.deliveries.models import Delivery, Dispatch, Segment
from services.newsletter.directory.models import Collected, Network, Region, Vocabulary
from services.newsletter.issues.models import Issue, IssueVisits
from services.newsletter.pictures.models import Picture, PictureFile, PictureUse
from services.newsletter.rates import MailWindow
from services.newsletter.release.models import TestMail
from services.newsletter.subscribers.models import (
    AddressMove,
    AlertAddress,
    Consent,
    ConsentText,
    ServiceMail,
    Subscriber,
    Suppression,
)

__all__ = [
    "AddressMove",
    "AlertAddress",
    "AlertMail",
    "AlertSubscription",
    "Article",
    "ArticleTopic",
    "Checkpoint",
    "Collected",
    "Consent",
    "ConsentText",
    "DeadLetter",
    "Delivery",
    "Dispatch",
    "Inbox",
    "Issue",
    "IssueVisits",
    "LinkState",
    "MailWindow",
    "Network",
    "Outbox",
    "Picture",
    "PictureFile",
    "PictureUse",
    "Region",
    "Reply",
    "ReturnedMail",
    "Segment",
    "ServiceMail",
    "Subscriber",
    "Suppression",
    "TestMail",
    "Vocabulary",
]


class Outbox(OutboxEntry):
    """What the newsletter has told."""

    class Meta(OutboxEntry.Meta):
        abstract = False
        table = "outbox"


class Inbox(InboxEntry):
    """What it has dealt with."""

    class Meta(InboxEntry.Meta):
        abstract = False
        table = "inbox"


class DeadLetter(DeadLetterEntry):
    """What it could not deal with."""

    class Meta(DeadLetterEntry.Meta):
        abstract = False
        table = "dead_letters"


class Checkpoint(CheckpointEntry):
    """Up to where it has heard each producer."""

    class Meta(CheckpointEntry.Meta):
        abstract = False
        table = "checkpoints"
