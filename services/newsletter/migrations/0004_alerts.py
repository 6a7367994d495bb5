from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from infra.ids import new_id
from json import dumps, loads
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('newsletter', '0003_outbox_index_of_new_rows')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AlertAddress',
            fields=[
                ('address_hash', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('mailed', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('changed_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'alert_addresses', 'app': 'newsletter', 'pk_attr': 'address_hash', 'table_description': 'When an address, known by its keyed hash, got mails because somebody typed it.'},
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
                ('kind', fields.CharField(max_length=20)),
                ('subscription_id', fields.UUIDField()),
                ('due', fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'alert_mails', 'app': 'newsletter', 'indexes': [Index(fields=['status', 'next_at']), Index(fields=['status', 'changed_at']), Index(fields=['subscription_id'])], 'pk_attr': 'id', 'table_description': 'A mail about an alert.'},
            bases=['Posting'],
        ),
        ops.CreateModel(
            name='AlertSubscription',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('address', fields.CharField(max_length=320)),
                ('address_hash', fields.CharField(max_length=64)),
                ('saved_search', fields.UUIDField()),
                ('frequency', fields.CharField(max_length=20)),
                ('label', fields.CharField(default='', max_length=120)),
                ('path', fields.TextField(unique=False)),
                ('language', fields.CharField(default='de', max_length=2)),
                ('status', fields.CharField(default='pending', max_length=20)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('mailed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('confirmed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('version', fields.BigIntField(default=0)),
            ],
            options={'table': 'alert_subscriptions', 'app': 'newsletter', 'unique_together': (('address_hash', 'saved_search'),), 'indexes': [Index(fields=['status', 'asked_at'])], 'pk_attr': 'id', 'table_description': 'An address that wants mails about a saved search, which search owns.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Consent',
            name='about',
            field=fields.CharField(default='', db_default='', max_length=80),
        ),
    ]
