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
    `sequence` is the number of the last change, rising over the whole table; the index follows it.
    """

    id = fields.CharField(max_length=64, primary_key=True)
    kind = fields.CharField(max_length=40)
    version = fields.BigIntField()
    sequence = fields.BigIntField()
    removed = fields.BooleanField(default=False)
    data: Any = fields.JSONField(null=True)

    class Meta:
        table = "search_documents"
        indexes = (Index(fields=("sequence",)), Index(fields=("kind", "removed")))


CHANGES, KNOWLEDGE, REINDEX, SUSPICIONS = "changes", "knowledge", "reindex", "suspicions"


class Counter(Model):
    """Numbers by name: `changes` holds the last `sequence`, `knowledge` rises when regions or words change.

    Taking a number locks its row until the transaction ends. So numbers become visible in their order, and an indexer
    that reads "everything after n" misses nothing. `reindex` is 1 while everything is told again.
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

    `subject` is words, topic, stage, target_group, or any (every search once), `value` the words or slug, `region` the
    slug of the place that was meant ("" for none), `language` that of the reader.
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
