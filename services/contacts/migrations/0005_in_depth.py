from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from infra.ids import new_id
from json import dumps, loads
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('contacts', '0004_alerts')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AccessMail',
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
                ('form', fields.CharField(max_length=20)),
                ('account_id', fields.UUIDField(null=True)),
                ('address', fields.CharField(max_length=254)),
                ('language', fields.CharField(default='de', max_length=2)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'access_mails', 'app': 'contacts', 'indexes': [Index(fields=['status', 'next_at']), Index(fields=['form', 'changed_at']), Index(fields=['address', 'form', 'created_at'])], 'pk_attr': 'id', 'table_description': 'A mail to one address (folded). `account_id` is null where a form was filled in by nobody in particular.'},
            bases=['Posting'],
        ),
        ops.CreateModel(
            name='MailWindow',
            fields=[
                ('scope', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=300)),
                ('slots', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'mail_windows', 'app': 'contacts', 'pk_attr': 'scope', 'table_description': 'What went to one mail server or domain of recipients in the last minute.'},
            bases=['Window'],
        ),
        ops.CreateModel(
            name='Notice',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('account_id', fields.UUIDField()),
                ('kind', fields.CharField(max_length=40)),
                ('about', fields.CharField(max_length=120)),
                ('version', fields.BigIntField(default=-1)),
                ('times', fields.IntField(default=0)),
                ('path', fields.CharField(default='', max_length=500)),
                ('words', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('daily', fields.BooleanField(default=False)),
                ('due_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('mail_id', fields.UUIDField(null=True)),
                ('mailed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'notices', 'app': 'contacts', 'indexes': [Index(fields=['due_at', 'account_id']), Index(fields=['mail_id']), Index(fields=['kind', 'about']), Index(fields=['changed_at'])], 'pk_attr': 'id', 'table_description': 'What there is to tell one account about one thing. `id` follows from account, kind and thing.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='NoticeChoice',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('account_id', fields.UUIDField()),
                ('kind', fields.CharField(max_length=40)),
                ('rhythm', fields.CharField(max_length=8)),
            ],
            options={'table': 'notice_choices', 'app': 'contacts', 'unique_together': (('account_id', 'kind'),), 'pk_attr': 'id', 'table_description': "How often an account wants to be told of a kind: now, daily or off. Without a row the kind's own rhythm holds."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='NoticeMail',
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
                ('account_id', fields.UUIDField()),
                ('kind', fields.CharField(default='', max_length=40)),
            ],
            options={'table': 'notice_mails', 'app': 'contacts', 'indexes': [Index(fields=['status', 'next_at']), Index(fields=['status', 'changed_at'])], 'pk_attr': 'id', 'table_description': 'A mail with the notices that name it: those of one `kind`, or all that were due for the digest ("").'},
            bases=['Posting'],
        ),
        ops.AddField(
            model_name='Account',
            name='email_confirmed',
            field=fields.BooleanField(default=False, db_default=True),
        ),
        ops.AddField(
            model_name='Account',
            name='email_since',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Account',
            name='mail_trouble',
            field=fields.CharField(default='', db_default='', max_length=12),
        ),
    ]
