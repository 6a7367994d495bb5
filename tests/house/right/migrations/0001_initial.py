import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from infra.ids import new_id


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Checkpoint",
            fields=[
                ("producer", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("position", fields.BigIntField(default=0)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "checkpoints",
                "app": "right",
                "pk_attr": "producer",
                "table_description": "How far others' logs are dealt with.",
            },
            bases=["CheckpointEntry"],
        ),
        ops.CreateModel(
            name="DeadLetter",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("event_id", fields.CharField(max_length=64)),
                ("handler", fields.CharField(max_length=120)),
                ("producer", fields.CharField(max_length=40)),
                ("type", fields.CharField(max_length=120)),
                ("position", fields.BigIntField(null=True)),
                ("envelope", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("error", fields.TextField(unique=False)),
                ("attempts", fields.IntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("resolved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "dead_letters",
                "app": "right",
                "unique_together": (("event_id", "handler"),),
                "indexes": [Index(fields=["producer", "position"])],
                "pk_attr": "id",
                "table_description": "What could not be handled.",
            },
            bases=["DeadLetterEntry"],
        ),
        ops.CreateModel(
            name="Inbox",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("event_id", fields.CharField(max_length=64)),
                ("handler", fields.CharField(max_length=120)),
                ("producer", fields.CharField(max_length=40)),
                ("type", fields.CharField(max_length=120)),
                ("position", fields.BigIntField(null=True)),
                ("handled_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "inbox",
                "app": "right",
                "unique_together": (("event_id", "handler"),),
                "indexes": [Index(fields=["producer", "position"])],
                "pk_attr": "id",
                "table_description": "What was handled.",
            },
            bases=["InboxEntry"],
        ),
        ops.CreateModel(
            name="Outbox",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("position", fields.BigIntField(null=True, unique=True)),
                ("type", fields.CharField(max_length=120)),
                ("subject", fields.CharField(max_length=200)),
                ("aggregate_version", fields.BigIntField(default=0)),
                ("data", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("traceparent", fields.CharField(default="", max_length=64)),
                ("correlation_id", fields.CharField(default="", max_length=64)),
                ("causation_id", fields.CharField(default="", max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("published_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "outbox",
                "app": "right",
                "indexes": [
                    Index(fields=["published_at"]),
                    Index(fields=["type", "position"]),
                    Index(fields=["correlation_id"]),
                ],
                "pk_attr": "id",
                "table_description": "The log.",
            },
            bases=["OutboxEntry"],
        ),
        ops.CreateModel(
            name="Thing",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=40)),
                ("done", fields.BooleanField(default=False)),
            ],
            options={
                "table": "things",
                "app": "right",
                "pk_attr": "id",
                "table_description": "A thing made or heard of, and whether its job was run.",
            },
            bases=["Model"],
        ),
    ]
