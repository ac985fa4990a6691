"""The trail refuses UPDATE and DELETE from here on, and has its first row to lock."""

from django.db import migrations

from config.audit import triggers

GENESIS = "0" * 64


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)
    apps.get_model("config", "AuditHead").objects.using(schema_editor.connection.alias).get_or_create(
        pk=1, defaults={"seq": 0, "hash": GENESIS}
    )


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("config", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
