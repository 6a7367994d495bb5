from tortoise import migrations
from tortoise.migrations import operations as ops
from infra.outbox.models import WithoutValue

class Migration(migrations.Migration):
    dependencies = [('left', '0002_checkpoint_heard')]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name='Outbox',
            name=None,
            fields=['published_at'],
        ),
        ops.AddIndex(
            model_name='Outbox',
            index=WithoutValue(fields=['id'], empty='position'),
        ),
    ]
