"""Tables of accounts, their networks and their sessions."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.ids import new_id


class Account(Model):
    """A person who can sign in. `email` is kept folded to lower case and never leaves contacts by event or log.

    `email_confirmed`: its holder has shown that mail arrives there, `email_since` when that was the last time; accounts
    of before that was asked count as confirmed. `mail_trouble` is why no mail goes there any more ("": it does).
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    email = fields.CharField(max_length=254, unique=True)
    name = fields.CharField(max_length=100)
    password_hash = fields.CharField(max_length=200)
    roles: fields.Field[list[str]] = fields.JSONField(default=list)
    language = fields.CharField(max_length=2, default="de")
    active = fields.BooleanField(default=True)
    email_confirmed = fields.BooleanField(default=False, db_default=True)
    email_since = fields.DatetimeField(null=True)
    mail_trouble = fields.CharField(max_length=12, default="", db_default="")
    version = fields.BigIntField(default=1)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    memberships: fields.ReverseRelation[Membership]

    class Meta:
        table = "accounts"


class Membership(Model):
    """An account belongs to a network (slug), and as its coordinator also looks after its entries."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "contacts.Account", related_name="memberships", on_delete=fields.OnDelete.CASCADE
    )
    account_id: UUID
    network = fields.CharField(max_length=120)

    class Meta:
        table = "account_networks"
        unique_together = (("account", "network"),)
        indexes = (Index(fields=("network",)),)


class Session(Model):
    """A signed-in browser or program. Only the SHA-256 of its token is stored."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "contacts.Account", related_name="sessions", on_delete=fields.OnDelete.CASCADE
    )
    token_hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "sessions"
