"""Tables of subscribers: who gets mail now, what each agreed to and when, and who must never be written to again."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.ids import new_id
from infra.mail.posting.models import Posting
from services.newsletter.subscribers.domain import NEWS, PENDING


class Subscriber(Model):
    """A person who asked for the newsletter.

    The row goes when they leave. Empty lists mean everything. An issue goes to those who are active and whose
    `paused_until` is unset or not after the day of sending; with `frequency` news only if it holds something for them.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    address = fields.CharField(max_length=320)
    address_hash = fields.CharField(max_length=64, unique=True)
    status = fields.CharField(max_length=20, default=PENDING)
    language = fields.CharField(max_length=2, default="de")
    districts: fields.JSONField[list[str]] = fields.JSONField()
    topics: fields.JSONField[list[str]] = fields.JSONField()
    frequency = fields.CharField(max_length=10, default=NEWS, db_default=NEWS)
    paused_until = fields.DateField(null=True)
    asked_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    mails = fields.IntField(default=0)
    last_mail_at = fields.DatetimeField(null=True)

    class Meta:
        table = "subscribers"
        indexes = (Index(fields=("status", "asked_at")),)


class Consent(Model):
    """One line of the consent ledger: only ever added, never changed, and kept when the subscriber leaves.

    `way` says how it was done (form, button on the page, one click, import, desk, demo), `form` which form it was; no
    IP address is kept. `text_version` names the wording agreed to (`subscribers.domain.CONSENT_TEXTS`, for alerts
    `alerts.domain`, for imported lists a `ConsentText`), `language` the one it was shown in, `message_id` the mail that
    asked. `about` says which alert it is ("" for the newsletter), `note` what else proves it: the server's reply, an
    imported list's source, who did it at the desk and why.
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
    form = fields.CharField(max_length=60, default="", db_default="")
    note = fields.CharField(max_length=400, default="", db_default="")

    class Meta:
        table = "consents"
        indexes = (Index(fields=("subscriber_id",)), Index(fields=("address_hash",)), Index(fields=("act", "at")))


class ConsentText(Model):
    """A wording that people agreed to elsewhere, word for word, as an imported list brought it."""

    version = fields.CharField(max_length=20, primary_key=True)
    text = fields.TextField()
    kept_at = fields.DatetimeField()

    class Meta:
        table = "consent_texts"


class Suppression(Model):
    """An address that must not be written to, as a keyed hash.

    Survives the deletion of the address itself.
    """

    address_hash = fields.CharField(max_length=64, primary_key=True)
    reason = fields.CharField(max_length=40)
    at = fields.DatetimeField()

    class Meta:
        table = "suppressions"
        indexes = (Index(fields=("reason", "at")),)


class AddressMove(Model):
    """A subscriber's wish to get mail at another address, until that address confirms it: one at a time."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    subscriber_id = fields.UUIDField(unique=True)
    address = fields.CharField(max_length=320)
    asked_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "address_moves"


class AlertAddress(Model):
    """When a mailbox, known by a keyed hash, got mails because somebody typed its address into some form.

    Spellings of one mailbox share a row. `mailed` are the times of the last week in ISO 8601. Whoever lets a form
    cause a mail locks it first. It is named after alerts, with which counting began.
    """

    address_hash = fields.CharField(max_length=64, primary_key=True)
    mailed: fields.JSONField[list[str]] = fields.JSONField(default=list)
    changed_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "alert_addresses"


class ServiceMail(Posting):
    """A mail about the subscription itself.

    `kind` is confirm, already, link (the way to one's own data), move (asks a new address) or moved (tells the old
    one). The last three go to `address`, which is forgotten once they are dealt with. `noted` says that the ledger has
    what came of the mail.
    """

    kind = fields.CharField(max_length=20)
    subscriber_id = fields.UUIDField()
    address = fields.CharField(max_length=320, default="", db_default="")
    language = fields.CharField(max_length=2, default="de", db_default="de")
    noted = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "service_mails"
        indexes = (
            Index(fields=("status", "next_at")),
            Index(fields=("subscriber_id",)),
            Index(fields=("noted", "status")),
        )
