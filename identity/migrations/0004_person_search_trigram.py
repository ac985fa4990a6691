"""An index on parts of names, on PostgreSQL. Where this login may not create the extension nothing is made: search reads the table
and `doctor` says so; afterwards `CREATE EXTENSION pg_trgm` and migrating identity back to 0003 and forward again makes it."""

from django.db import DatabaseError, migrations, transaction

INDEX = "CREATE INDEX IF NOT EXISTS person_search_trigram ON identity_person USING gin (search gin_trgm_ops)"


def make(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(INDEX)
    except DatabaseError:
        return


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS person_search_trigram")


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_primary_choice")]

    operations = [migrations.RunPython(make, remove)]
