from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from infra.ids import new_id
from json import dumps, loads
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('search', '0004_demand')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SavedSearch',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('recipient', fields.CharField(default='', max_length=80)),
                ('name', fields.CharField(max_length=300)),
                ('criteria', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('language', fields.CharField(max_length=2)),
                ('frequency', fields.CharField(max_length=10)),
                ('decided_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('looked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('looked_up_to', fields.BigIntField()),
                ('told_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('told_up_to', fields.BigIntField()),
                ('next_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('version', fields.IntField(default=0)),
            ],
            options={'table': 'saved_searches', 'app': 'search', 'indexes': [Index(fields=['recipient', 'created_at']), Index(fields=['next_at'])], 'pk_attr': 'id', 'table_description': 'A search that somebody keeps: `criteria` is `schemas.Criteria`, `language` that of its owner.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='SearchDocument',
            name='public_since',
            field=fields.BigIntField(null=True, db_default=0),
        ),
        ops.AddIndex(
            model_name='SearchDocument',
            index=Index(fields=['public_since']),
        ),
    ]
