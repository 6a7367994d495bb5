from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from infra.ids import new_id
from json import dumps, loads
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('contacts', '0003_outbox_index_of_new_rows')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AccountAlert',
            fields=[
                ('saved_search', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('account_id', fields.UUIDField()),
                ('version', fields.BigIntField(default=0)),
                ('stops', fields.IntField(default=0)),
                ('stopped_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'account_alerts', 'app': 'contacts', 'pk_attr': 'saved_search', 'table_description': 'A saved search that an account gets mails about. The search itself is known to search only.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='AlertMail',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('status', fields.CharField(default='waiting', max_length=20)),
                ('attempts', fields.IntField(default=0)),
                ('next_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('lease', fields.UUIDField(null=True)),
                ('lease_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('reply_code', fields.IntField(default=0)),
                ('reply', fields.CharField(default='', max_length=500)),
                ('message_id', fields.CharField(max_length=250)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('saved_search', fields.UUIDField()),
                ('due', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'alert_mails', 'app': 'contacts', 'indexes': [Index(fields=['status', 'next_at']), Index(fields=['status', 'changed_at'])], 'pk_attr': 'id', 'table_description': 'A mail about what a saved search found. `due` is what search told.'},
            bases=['Posting'],
        ),
    ]
