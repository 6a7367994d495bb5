"""The tables of search: documents as events told them, and what is needed to understand queries.

The tables are the source of the index: it can be thrown away and made again from them at any time.
"""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.ids import new_id
from infra.inbox.models import CheckpointEntry, DeadLetterEntry, InboxEntry
from infra.outbox.models import OutboxEntry


class Outbox(OutboxEntry):
    """Events that search told."""

    class Meta(OutboxEntry.Meta):
        abstract = False
        table = "outbox"


class Inbox(InboxEntry):
    """Events that search handled."""

    class Meta(InboxEntry.Meta):
        abstract = False
        table = "inbox"


class DeadLetter(DeadLetterEntry):
    """Events that search could not handle."""

    class Meta(DeadLetterEntry.Meta):
        abstract = False
        table = "dead_letters"


class Checkpoint(CheckpointEntry):
    """How far search has read the producers' logs."""

    class Meta(CheckpointEntry.Meta):
        abstract = False
        table = "checkpoints"


class SearchDocument(Model):
    """One document in its newest known version (`data` is `domain.Document`).

    A removed one stays as a tombstone without data, so that an older event arriving late cannot bring it back.
    `sequence` is the number of the last change, rising over the whole table; the index follows it. `public_since` is
    the number of the change by which everybody could find it, kept by later changes for as long as that lasts; none
    while it is hidden, 0 for what was there before anybody counted.
    """

    id = fields.CharField(max_length=64, primary_key=True)
    kind = fields.CharField(max_length=40)
    version = fields.BigIntField()
    sequence = fields.BigIntField()
    removed = fields.BooleanField(default=False)
    data: Any = fields.JSONField(null=True)
    public_since = fields.BigIntField(null=True, db_default=0)

    class Meta:
        table = "search_documents"
        indexes = (Index(fields=("sequence",)), Index(fields=("kind", "removed")), Index(fields=("public_since",)))


CHANGES, KNOWLEDGE, REINDEX, SUSPICIONS, SAVING = "changes", "knowledge", "reindex", "suspicions", "saving"


class Counter(Model):
    """Numbers by name: `changes` holds the last `sequence`, `knowledge` rises when regions or words change.

    Taking a number locks its row until the transaction ends. So numbers become visible in their order, and an indexer
    that reads "everything after n" misses nothing. `reindex` is 1 while everything is told again. Who saves a search
    takes a number of `saving`, so that those held can be counted before.
    """

    name = fields.CharField(max_length=40, primary_key=True)
    value = fields.BigIntField()

    class Meta:
        table = "counters"


class Region(Model):
    """A Land or district, to recognise places in queries and to know what lies in what."""

    slug = fields.CharField(max_length=120, primary_key=True)
    version = fields.BigIntField()
    name = fields.CharField(max_length=200)
    name_full = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=40)
    parent = fields.CharField(max_length=120, default="")
    ags = fields.CharField(max_length=8, default="")
    lat = fields.FloatField(null=True)
    lon = fields.FloatField(null=True)

    class Meta:
        table = "regions"


class Vocabulary(Model):
    """A controlled vocabulary with labels and synonyms, or groups of words to treat alike."""

    slug = fields.CharField(max_length=120, primary_key=True)
    version = fields.BigIntField()
    terms: Any = fields.JSONField()
    synonym_groups: Any = fields.JSONField()

    class Meta:
        table = "vocabularies"


class Demand(Model):
    """How often something was looked for on a day and how often it was not found, with nothing about people.

    `subject` is words, a facet, or any (every search once), `value` the words or slug, `region` the slug of the place
    that was meant ("" for none), `language` that of the reader.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    subject = fields.CharField(max_length=20)
    day = fields.DateField()
    value = fields.CharField(max_length=120)
    region = fields.CharField(max_length=120)
    language = fields.CharField(max_length=2)
    searches = fields.IntField()
    misses = fields.IntField()

    class Meta:
        table = "demand"
        unique_together = (("subject", "day", "value", "region", "language"),)


class SavedSearch(Model):
    """A search that somebody keeps: `criteria` is `schemas.Criteria`, `language` that of its owner.

    `recipient` is "account:{id}", "subscription:{id}" or, until an address is confirmed, "". Nothing else about the
    owner is here. Positions are numbers as in `SearchDocument.public_since`: what came after `looked_up_to` is new to
    the owner, what came after `told_up_to` is to be told. `next_at` says when; a worker that takes a search in hand
    moves it some minutes on, and who finds it moved otherwise meanwhile keeps off. `version` counts what was told,
    `decided_at` is when `frequency` was chosen.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    recipient = fields.CharField(max_length=80, default="")
    name = fields.CharField(max_length=300)
    criteria: Any = fields.JSONField()
    language = fields.CharField(max_length=2)
    frequency = fields.CharField(max_length=10)
    decided_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    looked_at = fields.DatetimeField()
    looked_up_to = fields.BigIntField()
    told_at = fields.DatetimeField()
    told_up_to = fields.BigIntField()
    next_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=0)

    class Meta:
        table = "saved_searches"
        indexes = (Index(fields=("recipient", "created_at")), Index(fields=("next_at",)))
