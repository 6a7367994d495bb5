from tortoise import migrations
from tortoise.migrations import operations as ops
from infra.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('search', '0003_outbox_index_of_new_rows')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Demand',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('subject', fields.CharField(max_length=20)),
                ('day', fields.DateField()),
                ('value', fields.CharField(max_length=120)),
                ('region', fields.CharField(max_length=120)),
                ('language', fields.CharField(max_length=2)),
                ('searches', fields.IntField()),
                ('misses', fields.IntField()),
            ],
            options={'table': 'demand', 'app': 'search', 'unique_together': (('subject', 'day', 'value', 'region', 'language'),), 'pk_attr': 'id', 'table_description': 'How often something was looked for on a day and how often it was not found, with nothing about people.'},
            bases=['Model'],
        ),
    ]
