from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from infra.ids import new_id
from json import dumps, loads
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Checkpoint',
            fields=[
                ('producer', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ('position', fields.BigIntField(default=0)),
                ('updated_at', fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={'table': 'checkpoints', 'app': 'search', 'pk_attr': 'producer', 'table_description': "How far search has read the producers' logs."},
            bases=['CheckpointEntry'],
        ),
        ops.CreateModel(
            name='Counter',
            fields=[
                ('name', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ('value', fields.BigIntField()),
            ],
            options={'table': 'counters', 'app': 'search', 'pk_attr': 'name', 'table_description': 'Numbers by name: `changes` holds the last `sequence`, `knowledge` rises when regions or words change.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='DeadLetter',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('event_id', fields.CharField(max_length=64)),
                ('handler', fields.CharField(max_length=120)),
                ('producer', fields.CharField(max_length=40)),
                ('type', fields.CharField(max_length=120)),
                ('position', fields.BigIntField(null=True)),
                ('envelope', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('error', fields.TextField(unique=False)),
                ('attempts', fields.IntField(default=0)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('resolved_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'dead_letters', 'app': 'search', 'unique_together': (('event_id', 'handler'),), 'indexes': [Index(fields=['producer', 'position'])], 'pk_attr': 'id', 'table_description': 'Events that search could not handle.'},
            bases=['DeadLetterEntry'],
        ),
        ops.CreateModel(
            name='Inbox',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('event_id', fields.CharField(max_length=64)),
                ('handler', fields.CharField(max_length=120)),
                ('producer', fields.CharField(max_length=40)),
                ('type', fields.CharField(max_length=120)),
                ('position', fields.BigIntField(null=True)),
                ('handled_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'inbox', 'app': 'search', 'unique_together': (('event_id', 'handler'),), 'indexes': [Index(fields=['producer', 'position'])], 'pk_attr': 'id', 'table_description': 'Events that search handled.'},
            bases=['InboxEntry'],
        ),
        ops.CreateModel(
            name='Outbox',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('position', fields.BigIntField(null=True, unique=True)),
                ('type', fields.CharField(max_length=120)),
                ('subject', fields.CharField(max_length=200)),
                ('aggregate_version', fields.BigIntField(default=0)),
                ('data', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('traceparent', fields.CharField(default='', max_length=64)),
                ('correlation_id', fields.CharField(default='', max_length=64)),
                ('causation_id', fields.CharField(default='', max_length=64)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('published_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'outbox', 'app': 'search', 'indexes': [Index(fields=['published_at']), Index(fields=['type', 'position']), Index(fields=['correlation_id'])], 'pk_attr': 'id', 'table_description': 'Events that search told.'},
            bases=['OutboxEntry'],
        ),
        ops.CreateModel(
            name='Region',
            fields=[
                ('slug', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=120)),
                ('version', fields.BigIntField()),
                ('name', fields.CharField(max_length=200)),
                ('name_full', fields.CharField(max_length=200)),
                ('kind', fields.CharField(max_length=40)),
                ('parent', fields.CharField(default='', max_length=120)),
                ('ags', fields.CharField(default='', max_length=8)),
                ('lat', fields.FloatField(null=True)),
                ('lon', fields.FloatField(null=True)),
            ],
            options={'table': 'regions', 'app': 'search', 'pk_attr': 'slug', 'table_description': 'A Land or district, to recognise places in queries and to know what lies in what.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SearchDocument',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('kind', fields.CharField(max_length=40)),
                ('version', fields.BigIntField()),
                ('sequence', fields.BigIntField()),
                ('removed', fields.BooleanField(default=False)),
                ('data', fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'search_documents', 'app': 'search', 'indexes': [Index(fields=['sequence']), Index(fields=['kind', 'removed'])], 'pk_attr': 'id', 'table_description': 'One document in its newest known version (`data` is `domain.Document`).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Vocabulary',
            fields=[
                ('slug', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=120)),
                ('version', fields.BigIntField()),
                ('terms', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('synonym_groups', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'vocabularies', 'app': 'search', 'pk_attr': 'slug', 'table_description': 'A controlled vocabulary with labels and synonyms, or groups of words to treat alike.'},
            bases=['Model'],
        ),
    ]
