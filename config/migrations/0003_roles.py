"""The groups of the roles. What each may do is set after every migrate (config/roles/sync_roles.py)."""

from django.db import migrations

NAMES = ("L&D admin", "Integration engineer", "Auditor", "Partner manager", "Approver")


def create(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for name in NAMES:
        groups.get_or_create(name=name)


def remove(apps, schema_editor):
    apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias).filter(name__in=NAMES).delete()


class Migration(migrations.Migration):
    dependencies = [("config", "0002_audit_append_only"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(create, remove)]
