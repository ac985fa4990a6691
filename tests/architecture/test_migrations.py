from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader

from tests.architecture.source import APPS, ROOT, imported, python_files


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None, ignore_no_migrations=True)


@pytest.mark.parametrize("app", APPS)
def test_migrations_are_a_line_with_one_end(app: str, loader: MigrationLoader) -> None:
    assert len(loader.graph.leaf_nodes(app)) <= 1


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    out = StringIO()

    call_command("makemigrations", "--check", "--dry-run", stdout=out)

    assert "No changes detected" in out.getvalue()


def test_every_migration_can_be_taken_back_or_says_why_not(loader: MigrationLoader) -> None:
    for (app, name), migration in loader.disk_migrations.items():
        if app not in APPS:
            continue
        for operation in migration.operations:
            if isinstance(operation, migrations.RunPython | migrations.RunSQL):
                assert operation.reversible, f"{app}.{name} has no way back: give it one, or an explicit noop with the reason"


def test_no_migration_imports_live_tables() -> None:
    for name, tree in python_files(*APPS):
        if "/migrations/" in name:
            live = [module for module in imported(tree) if module.split(".")[0] in APPS and "models" in module.split(".")]
            assert live == [], f"{name} imports {live}: use apps.get_model"


MIGRATE = """
import sys, django
django.setup()
from django.core.management import call_command
for target in sys.argv[1:]:
    call_command("migrate", *target.split(), verbosity=0)
"""


def migrate(database: Path, *targets: str) -> None:
    """In one process of its own: "" is everything to its end, "identity zero" takes a package back to nothing."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "ROLLCALL_DATA_DIR": str(database.parent),
        "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", MIGRATE, *targets], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr


def triggers(database: Path) -> int:
    with sqlite3.connect(database) as opened:
        return int(
            opened.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'rollcall_audit%'").fetchone()[0]
        )


@pytest.mark.processes
def test_from_nothing_to_the_end_and_back_and_forth_again(tmp_path: Path) -> None:
    database = tmp_path / "fresh.sqlite3"

    migrate(database, "")
    assert triggers(database) == 2, "a migration lost the triggers of the audit trail: Django rebuilds tables on SQLite"
    migrate(database, *(f"{app} zero" for app in reversed(APPS)))
    assert triggers(database) == 0
    migrate(database, "")
    assert triggers(database) == 2


@pytest.mark.django_db
def test_every_table_of_ours_exists_in_the_migrated_database() -> None:
    tables = set(connection.introspection.table_names())

    for model in apps.get_models():
        if model._meta.app_label in APPS:
            assert model._meta.db_table in tables
