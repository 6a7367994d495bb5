from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('newsletter', '0004_alerts')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Issue',
            name='send_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
