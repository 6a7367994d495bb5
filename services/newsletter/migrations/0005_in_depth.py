from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from infra.ids import new_id
from json import dumps, loads
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('newsletter', '0004_alerts')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AddressMove',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('subscriber_id', fields.UUIDField(unique=True)),
                ('address', fields.CharField(max_length=320)),
                ('asked_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'address_moves', 'app': 'newsletter', 'pk_attr': 'id', 'table_description': "A subscriber's wish to get mail at another address, until that address confirms it: one at a time."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Article',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('slug', fields.CharField(unique=True, max_length=120)),
                ('kind', fields.CharField(max_length=20)),
                ('state', fields.CharField(default='draft', max_length=12)),
                ('version', fields.IntField(default=1)),
                ('content', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('day', fields.CharField(default='', max_length=10)),
                ('people', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('published_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('changed_at', fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={'table': 'articles', 'app': 'newsletter', 'indexes': [Index(fields=['state', 'day', 'id'])], 'pk_attr': 'id', 'table_description': 'One article. `version` rises with every change and is its ETag.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ArticleTopic',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('article_id', fields.UUIDField()),
                ('topic', fields.CharField(max_length=120)),
            ],
            options={'table': 'article_topics', 'app': 'newsletter', 'unique_together': (('topic', 'article_id'),), 'indexes': [Index(fields=['article_id'])], 'pk_attr': 'id', 'table_description': 'One topic of one article.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ConsentText',
            fields=[
                ('version', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=20)),
                ('text', fields.TextField(unique=False)),
                ('kept_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'consent_texts', 'app': 'newsletter', 'pk_attr': 'version', 'table_description': 'A wording that people agreed to elsewhere, word for word, as an imported list brought it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Dispatch',
            fields=[
                ('issue_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('audience', fields.IntField()),
                ('frozen_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'dispatches', 'app': 'newsletter', 'pk_attr': 'issue_id', 'table_description': 'The dispatch of one issue: how many readers it was frozen for, and since when.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='IssueVisits',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=60)),
                ('issue_id', fields.UUIDField(db_index=True)),
                ('visits', fields.IntField(default=1)),
            ],
            options={'table': 'issue_visits', 'app': 'newsletter', 'pk_attr': 'id', 'table_description': 'How often an issue was read on the web on one day by people not signed in. Nothing says by whom.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LinkState',
            fields=[
                ('key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('url', fields.TextField(unique=False)),
                ('state', fields.CharField(max_length=20)),
                ('status', fields.IntField(default=0)),
                ('checked_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'link_states', 'app': 'newsletter', 'pk_attr': 'key', 'table_description': 'What an address answered when it was last asked.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MailWindow',
            fields=[
                ('scope', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=300)),
                ('slots', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'mail_windows', 'app': 'newsletter', 'pk_attr': 'scope', 'table_description': 'What went to one mail server or domain of recipients in the last minute.'},
            bases=['Window'],
        ),
        ops.CreateModel(
            name='Picture',
            fields=[
                ('hash', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('source_hash', fields.CharField(max_length=32)),
                ('width', fields.IntField()),
                ('height', fields.IntField()),
                ('size', fields.IntField()),
                ('alt', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('credit', fields.TextField(unique=False)),
                ('licence', fields.TextField(default='', unique=False)),
                ('licence_url', fields.TextField(default='', unique=False)),
                ('uploaded', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('version', fields.IntField(default=1)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'pictures', 'app': 'newsletter', 'indexes': [Index(fields=['source_hash']), Index(fields=['created_at', 'hash'])], 'pk_attr': 'hash', 'table_description': 'A picture of the library. `hash` names its content, `version` rises with every change of its words.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PictureFile',
            fields=[
                ('hash', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('content', fields.BinaryField()),
            ],
            options={'table': 'picture_files', 'app': 'newsletter', 'pk_attr': 'hash', 'table_description': 'The JPEG itself, at most 400 kB: apart, so that lists do not read it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PictureUse',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('picture', fields.CharField(max_length=32)),
                ('kind', fields.CharField(max_length=20)),
                ('used_by', fields.UUIDField()),
                ('title', fields.TextField(default='', unique=False)),
                ('slug', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'picture_uses', 'app': 'newsletter', 'unique_together': (('picture', 'kind', 'used_by'),), 'indexes': [Index(fields=['kind', 'used_by'])], 'pk_attr': 'id', 'table_description': 'Who shows a picture: `kind` (article, issue), the id of that, and by which name and slug editors know it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Reply',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('sender', fields.CharField(max_length=320)),
                ('sender_name', fields.CharField(default='', max_length=200)),
                ('subject', fields.CharField(default='', max_length=300)),
                ('text', fields.TextField(default='', unique=False)),
                ('shortened', fields.BooleanField(default=False)),
                ('attachments', fields.IntField(default=0)),
                ('hint', fields.CharField(default='', max_length=20)),
                ('about', fields.CharField(default='', max_length=40)),
                ('state', fields.CharField(default='open', max_length=20)),
                ('received_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('done_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('done_by', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'replies', 'app': 'newsletter', 'indexes': [Index(fields=['state', 'received_at'])], 'pk_attr': 'id', 'table_description': 'What a person wrote to an address of ours, for somebody at the desk to read and answer.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ReturnedMail',
            fields=[
                ('digest', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('kind', fields.CharField(max_length=20)),
                ('way', fields.CharField(max_length=10)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('day', fields.CharField(max_length=10)),
                ('service', fields.CharField(default='', max_length=40)),
                ('posting_id', fields.UUIDField(null=True)),
                ('issue_id', fields.UUIDField(null=True)),
                ('address_hash', fields.CharField(default='', max_length=64)),
                ('status', fields.CharField(default='', max_length=20)),
                ('domain', fields.CharField(default='', max_length=255)),
                ('diagnostic', fields.CharField(default='', max_length=300)),
            ],
            options={'table': 'returned_mails', 'app': 'newsletter', 'indexes': [Index(fields=['at']), Index(fields=['kind', 'at']), Index(fields=['address_hash', 'at']), Index(fields=['issue_id', 'kind']), Index(fields=['posting_id'])], 'pk_attr': 'digest', 'table_description': 'Something that came in, taken once: `digest` tells it from all others, however often it is delivered.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='TestMail',
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
                ('issue_id', fields.UUIDField()),
                ('account_id', fields.CharField(max_length=64)),
                ('address', fields.CharField(max_length=254)),
                ('language', fields.CharField(max_length=2)),
                ('districts', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('topics', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'test_mails', 'app': 'newsletter', 'indexes': [Index(fields=['status', 'next_at']), Index(fields=['account_id', 'created_at'])], 'pk_attr': 'id', 'table_description': 'An issue as one kind of reader gets it, on its way to who tries it out. It is forgotten a day after.'},
            bases=['Posting'],
        ),
        ops.AlterModelOptions(
            name='AlertAddress',
            options={'table': 'alert_addresses', 'app': 'newsletter', 'pk_attr': 'address_hash', 'table_description': 'When a mailbox, known by a keyed hash, got mails because somebody typed its address into some form.'},
        ),
        ops.AddField(
            model_name='AlertMail',
            name='noted',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddIndex(
            model_name='AlertMail',
            index=Index(fields=['noted', 'status']),
        ),
        ops.AddField(
            model_name='Consent',
            name='form',
            field=fields.CharField(default='', db_default='', max_length=60),
        ),
        ops.AddField(
            model_name='Consent',
            name='note',
            field=fields.CharField(default='', db_default='', max_length=400),
        ),
        ops.AddIndex(
            model_name='Consent',
            index=Index(fields=['act', 'at']),
        ),
        ops.RemoveIndex(
            model_name='Delivery',
            name=None,
            fields=['status', 'next_at'],
        ),
        ops.RemoveIndex(
            model_name='Delivery',
            name=None,
            fields=['issue_id', 'status'],
        ),
        ops.AddIndex(
            model_name='Delivery',
            index=Index(fields=['issue_id', 'status', 'next_at', 'segment_id']),
        ),
        ops.AddField(
            model_name='Issue',
            name='reminders',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Issue',
            name='send_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AlterModelOptions(
            name='ServiceMail',
            options={'table': 'service_mails', 'app': 'newsletter', 'indexes': [Index(fields=['status', 'next_at']), Index(fields=['subscriber_id']), Index(fields=['noted', 'status'])], 'pk_attr': 'id', 'table_description': 'A mail about the subscription itself.'},
        ),
        ops.AddField(
            model_name='ServiceMail',
            name='address',
            field=fields.CharField(default='', db_default='', max_length=320),
        ),
        ops.AddField(
            model_name='ServiceMail',
            name='language',
            field=fields.CharField(default='de', db_default='de', max_length=2),
        ),
        ops.AddField(
            model_name='ServiceMail',
            name='noted',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddIndex(
            model_name='ServiceMail',
            index=Index(fields=['noted', 'status']),
        ),
        ops.AddField(
            model_name='Subscriber',
            name='frequency',
            field=fields.CharField(default='news', db_default='news', max_length=10),
        ),
        ops.AddField(
            model_name='Subscriber',
            name='paused_until',
            field=fields.DateField(null=True),
        ),
        ops.AddIndex(
            model_name='Suppression',
            index=Index(fields=['reason', 'at']),
        ),
    ]
