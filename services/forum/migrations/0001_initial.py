from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from infra.ids import new_id
from json import dumps, loads
from tortoise.fields.base import OnDelete
from uuid import uuid4
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
            options={'table': 'checkpoints', 'app': 'forum', 'pk_attr': 'producer', 'table_description': "How far the forum is in each producer's log."},
            bases=['CheckpointEntry'],
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
            options={'table': 'dead_letters', 'app': 'forum', 'unique_together': (('event_id', 'handler'),), 'indexes': [Index(fields=['producer', 'position'])], 'pk_attr': 'id', 'table_description': 'Events the forum could not finish.'},
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
            options={'table': 'inbox', 'app': 'forum', 'unique_together': (('event_id', 'handler'),), 'indexes': [Index(fields=['producer', 'position'])], 'pk_attr': 'id', 'table_description': 'Events the forum has finished with.'},
            bases=['InboxEntry'],
        ),
        ops.CreateModel(
            name='Member',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=200)),
                ('active', fields.BooleanField(default=True)),
                ('version', fields.BigIntField(default=0)),
                ('joined_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'members', 'app': 'forum', 'pk_attr': 'id', 'table_description': "A person as the forum knows them: the account's id and public name."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Membership',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('member', fields.ForeignKeyField('forum.Member', source_field='member_id', db_constraint=True, to_field='id', related_name='memberships', on_delete=OnDelete.CASCADE)),
                ('network', fields.CharField(max_length=200)),
            ],
            options={'table': 'memberships', 'app': 'forum', 'unique_together': (('member', 'network'),), 'indexes': [Index(fields=['network'])], 'pk_attr': 'id', 'table_description': "A person belongs to a network (slug), whether or not the network's space is known yet."},
            bases=['Model'],
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
            options={'table': 'outbox', 'app': 'forum', 'indexes': [Index(fields=['published_at']), Index(fields=['type', 'position']), Index(fields=['correlation_id'])], 'pk_attr': 'id', 'table_description': "The forum's log of events."},
            bases=['OutboxEntry'],
        ),
        ops.CreateModel(
            name='Space',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('slug', fields.CharField(unique=True, max_length=200)),
                ('network', fields.CharField(unique=True, max_length=200)),
                ('name', fields.CharField(max_length=300)),
                ('description', fields.TextField(default='', unique=False)),
                ('region', fields.CharField(default='', max_length=200)),
                ('access', fields.CharField(default='open', max_length=20)),
                ('offer_topics', fields.BooleanField(default=True)),
                ('version', fields.BigIntField(default=1)),
                ('network_version', fields.BigIntField(default=0)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'spaces', 'app': 'forum', 'indexes': [Index(fields=['name', 'id'])], 'pk_attr': 'id', 'table_description': "A network's place in the forum. `access` is open, transparent or closed."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Topic',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('space', fields.ForeignKeyField('forum.Space', source_field='space_id', db_constraint=True, to_field='id', related_name='topics', on_delete=OnDelete.RESTRICT)),
                ('slug', fields.CharField(unique=True, max_length=200)),
                ('title', fields.CharField(max_length=300)),
                ('author', fields.ForeignKeyField('forum.Member', source_field='author_id', null=True, db_constraint=True, to_field='id', related_name='topics', on_delete=OnDelete.RESTRICT)),
                ('last_author', fields.ForeignKeyField('forum.Member', source_field='last_author_id', null=True, db_constraint=True, to_field='id', related_name='last_posted', on_delete=OnDelete.RESTRICT)),
                ('offer', fields.CharField(default='', max_length=200)),
                ('subjects', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('pinned', fields.BooleanField(default=False)),
                ('locked', fields.BooleanField(default=False)),
                ('locked_by_offer', fields.BooleanField(default=False)),
                ('last_number', fields.IntField(default=0)),
                ('posts', fields.IntField(default=0)),
                ('version', fields.BigIntField(default=1)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('last_post_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('deleted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'topics', 'app': 'forum', 'indexes': [Index(fields=['space_id', 'pinned', 'last_post_at', 'id']), Index(fields=['last_post_at', 'id']), Index(fields=['offer'])], 'pk_attr': 'id', 'table_description': 'A conversation. `last_number` was given to its newest post, `posts` counts those not deleted.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='OfferTopic',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('version', fields.BigIntField(default=0)),
                ('topic', fields.ForeignKeyField('forum.Topic', source_field='topic_id', null=True, db_constraint=True, to_field='id', related_name='offers', on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'offer_topics', 'app': 'forum', 'pk_attr': 'id', 'table_description': 'What the forum last heard of an offer (`version`, also of one without a network) and the topic it has.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Post',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('topic', fields.ForeignKeyField('forum.Topic', source_field='topic_id', db_constraint=True, to_field='id', related_name='all_posts', on_delete=OnDelete.RESTRICT)),
                ('number', fields.IntField()),
                ('author', fields.ForeignKeyField('forum.Member', source_field='author_id', null=True, db_constraint=True, to_field='id', related_name='posts', on_delete=OnDelete.RESTRICT)),
                ('reply_to', fields.ForeignKeyField('forum.Post', source_field='reply_to_id', null=True, db_constraint=True, to_field='id', related_name='replies', on_delete=OnDelete.RESTRICT)),
                ('body', fields.TextField(unique=False)),
                ('html', fields.TextField(unique=False)),
                ('version', fields.BigIntField(default=1)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('edited_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('deleted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('deleted_by', fields.UUIDField(null=True)),
            ],
            options={'table': 'posts', 'app': 'forum', 'unique_together': (('topic', 'number'),), 'pk_attr': 'id', 'table_description': 'One contribution: Markdown as written and HTML as shown. A deleted post keeps its row and number.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PostRevision',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('post', fields.ForeignKeyField('forum.Post', source_field='post_id', db_constraint=True, to_field='id', related_name='revisions', on_delete=OnDelete.CASCADE)),
                ('version', fields.BigIntField()),
                ('body', fields.TextField(unique=False)),
                ('editor', fields.ForeignKeyField('forum.Member', source_field='editor_id', null=True, db_constraint=True, to_field='id', related_name='revisions', on_delete=OnDelete.RESTRICT)),
                ('replaced_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'post_revisions', 'app': 'forum', 'unique_together': (('post', 'version'),), 'pk_attr': 'id', 'table_description': 'The text a post had in `version`, kept when `editor` (null: Lotse) replaced it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='TopicRead',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('member', fields.ForeignKeyField('forum.Member', source_field='member_id', db_constraint=True, to_field='id', related_name='reads', on_delete=OnDelete.CASCADE)),
                ('topic', fields.ForeignKeyField('forum.Topic', source_field='topic_id', db_constraint=True, to_field='id', related_name='reads', on_delete=OnDelete.CASCADE)),
                ('number', fields.IntField(default=0)),
            ],
            options={'table': 'topic_reads', 'app': 'forum', 'unique_together': (('member', 'topic'),), 'pk_attr': 'id', 'table_description': 'How far a member has read a topic. `number` only ever rises.'},
            bases=['Model'],
        ),
    ]
