"""Where everything lies: the database and its size, its migrations, the disk."""

from __future__ import annotations

import shutil

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.health.diagnosis import LOW_DISK_BYTES
from config.system.lines import Line


def storage() -> list[Line]:
    return [database(), migrations(), disk()]


def database() -> Line:
    size = filesizeformat(database_bytes())
    if connection.vendor == "sqlite":
        is_alone = not settings.PRODUCTION
        note = _("one file, one writer at a time")
        next_step = "" if is_alone else _("IT: set DATABASE_URL to PostgreSQL; SQLite serves one machine.")
        return Line(_("Database"), f"SQLite, {size}", "" if is_alone else "warn", note, next_step)
    return Line(_("Database"), f"{connection.display_name}, {size}")


def database_bytes() -> int:
    """What the database takes on its disk. One query, of the catalogue, whatever its size."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return int(cursor.fetchone()[0])


def migrations() -> Line:
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not pending:
        return Line(_("Migrations"), _("all applied"))
    says = ngettext("%(n)s is pending", "%(n)s are pending", pending) % {"n": pending}
    return Line(_("Migrations"), says, "bad", next_step=_("IT: run “manage.py migrate”, then restart web, worker and beat."))


def disk() -> Line:
    """The volume of the data folder: uploads and the file broker lie there, and an SQLite database."""
    usage = shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.exists() else settings.BASE_DIR)
    says, of = _("%(size)s free") % {"size": filesizeformat(usage.free)}, _("of %(size)s") % {"size": filesizeformat(usage.total)}
    if usage.free >= LOW_DISK_BYTES:
        return Line(_("Disk"), says, note=of)
    next_step = _("IT: make room. Uploads and the file broker lie there, and an SQLite database.")
    return Line(_("Disk"), says, "bad" if usage.free < LOW_DISK_BYTES // 10 else "warn", of, next_step)
