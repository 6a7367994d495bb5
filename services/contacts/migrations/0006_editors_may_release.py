"""Who composed issues could release them too; the right to release is one of its own now, and nobody loses it."""

from tortoise import migrations
from tortoise.migrations import operations as ops

EDITOR, PUBLISHER = "editor", "publisher"


async def give_editors_the_right(apps, schema_editor):
    """Add the role to every account that edits; running it again changes nothing."""
    account = apps.apps["contacts"]["Account"]
    for row in await account.all().using_db(schema_editor.client).only("id", "roles"):
        if EDITOR in row.roles and PUBLISHER not in row.roles:
            roles = sorted({*row.roles, PUBLISHER})
            await account.filter(id=row.id).using_db(schema_editor.client).update(roles=roles)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0005_in_depth")]

    initial = False

    operations = [ops.RunPython(give_editors_the_right, ops.RunPython.noop)]
