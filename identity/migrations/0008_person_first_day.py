"""An index on the first day, on PostgreSQL: the date stands in the values, and *First days* looked through everybody for it.

Not on SQLite, whose planner knows an expression of JSON only by its very words, never with a parameter in it.
"""

from django.db import migrations

MADE = """CREATE INDEX IF NOT EXISTS person_first_day ON identity_person (("values" ->> 'hire_on'))"""


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(MADE)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS person_first_day")


class Migration(migrations.Migration):
    dependencies = [("identity", "0007_sentence_lengths")]

    operations = [migrations.RunPython(make, remove)]
