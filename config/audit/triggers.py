"""The database itself refuses to change or remove an entry, whoever asks. Installed by migration 0002.

A superuser of the database can still take the triggers away; `doctor` says when they are missing, and the chain shows what was done.
Django rebuilds a table on SQLite to alter it, which loses its triggers: a migration that touches AuditEntry must install them again.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

MESSAGE = "the audit trail is append-only"

SQLITE_INSTALL = [
    f"""CREATE TRIGGER IF NOT EXISTS rollcall_audit_no_{verb.lower()} BEFORE {verb} ON config_auditentry
        BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"""
    for verb in ("UPDATE", "DELETE")
]
SQLITE_REMOVE = [f"DROP TRIGGER IF EXISTS rollcall_audit_no_{verb}" for verb in ("update", "delete")]
SQLITE_COUNT = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'rollcall_audit_no_%%'"

POSTGRES_INSTALL = [
    f"""CREATE OR REPLACE FUNCTION rollcall_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$""",
    "DROP TRIGGER IF EXISTS rollcall_audit_no_change ON config_auditentry",
    """CREATE TRIGGER rollcall_audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON config_auditentry
       FOR EACH STATEMENT EXECUTE FUNCTION rollcall_audit_refuse()""",
]
POSTGRES_REMOVE = [
    "DROP TRIGGER IF EXISTS rollcall_audit_no_change ON config_auditentry",
    "DROP FUNCTION IF EXISTS rollcall_audit_refuse()",
]
POSTGRES_COUNT = "SELECT 2 * count(*) FROM pg_trigger WHERE tgname = 'rollcall_audit_no_change' AND tgenabled <> 'D'"


def install(connection: BaseDatabaseWrapper) -> None:
    _run(connection, POSTGRES_INSTALL if connection.vendor == "postgresql" else SQLITE_INSTALL)


def remove(connection: BaseDatabaseWrapper) -> None:
    _run(connection, POSTGRES_REMOVE if connection.vendor == "postgresql" else SQLITE_REMOVE)


def are_installed(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(POSTGRES_COUNT if connection.vendor == "postgresql" else SQLITE_COUNT)
        return bool(cursor.fetchone()[0] == 2)


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
