"""Tables of subscribers: who gets mail now, what each agreed to and when, and who must never be written to again."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.ids import new_id
from infra.mail.posting.models import Posting
from services.newsletter.subscribers.domain import PENDING


class Subscriber(Model):
    """A person who asked for the newsletter.

    The row goes when they leave. Empty lists mean everything.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    address = fields.CharField(max_length=320)
    address_hash = fields.CharField(max_length=64, unique=True)
    status = fields.CharField(max_length=20, default=PENDING)
    language = fields.CharField(max_length=2, default="de")
    districts: fields.JSONField[list[str]] = fields.JSONField()
    topics: fields.JSONField[list[str]] = fields.JSONField()
    asked_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    mails = fields.IntField(default=0)
    last_mail_at = fields.DatetimeField(null=True)

    class Meta:
        table = "subscribers"
        indexes = (Index(fields=("status", "asked_at")),)


class Consent(Model):
    """One line of the consent ledger: only ever added, never changed, and kept when the subscriber leaves.

    `way` says how it was done (form, button on the page, one click, demo); no IP address is kept.
    `text_version` names the wording agreed to (`subscribers.domain.CONSENT_TEXTS`, for alerts `alerts.domain`),
    `message_id` the mail that asked; `about` which alert it is ("" for the newsletter).
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    subscriber_id = fields.UUIDField()
    address_hash = fields.CharField(max_length=64)
    act = fields.CharField(max_length=20)
    at = fields.DatetimeField()
    way = fields.CharField(max_length=40)
    text_version = fields.CharField(max_length=20, default="")
    language = fields.CharField(max_length=2, default="de")
    message_id = fields.CharField(max_length=250, default="")
    about = fields.CharField(max_length=80, default="", db_default="")  # also for rows of a version before

    class Meta:
        table = "consents"
        indexes = (Index(fields=("subscriber_id",)), Index(fields=("address_hash",)))


class Suppression(Model):
    """An address that must not be written to, as a keyed hash.

    Survives the deletion of the address itself.
    """

    address_hash = fields.CharField(max_length=64, primary_key=True)
    reason = fields.CharField(max_length=40)
    at = fields.DatetimeField()

    class Meta:
        table = "suppressions"


class ServiceMail(Posting):
    """A mail about the subscription itself: `kind` is confirm or already."""

    kind = fields.CharField(max_length=20)
    subscriber_id = fields.UUIDField()

    class Meta:
        table = "service_mails"
        indexes = (Index(fields=("status", "next_at")), Index(fields=("subscriber_id",)))
