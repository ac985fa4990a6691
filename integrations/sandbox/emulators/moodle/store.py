"""Moodle's tables, as far as people need them, in SQLite: in memory, or in a file that outlives the process."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Widths of mdl_user; a longer value is a database error there, and here (CHECK).
WIDTHS = {
    "username": 100,
    "idnumber": 255,
    "firstname": 100,
    "lastname": 100,
    "email": 100,
    "phone1": 20,
    "phone2": 20,
    "institution": 255,
    "department": 255,
    "address": 255,
    "city": 120,
    "country": 2,
    "lang": 30,
    "timezone": 100,
    "auth": 20,
    "middlename": 255,
    "alternatename": 255,
}
TEXTS = (*WIDTHS, "description", "theme", "calendartype", "firstnamephonetic", "lastnamephonetic")

_COLUMNS = ",\n  ".join(
    f"{name} TEXT NOT NULL DEFAULT ''" + (f" CHECK (length({name}) <= {WIDTHS[name]})" if name in WIDTHS else "") for name in TEXTS
)
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS user (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  {_COLUMNS},
  suspended INTEGER NOT NULL DEFAULT 0, confirmed INTEGER NOT NULL DEFAULT 1, deleted INTEGER NOT NULL DEFAULT 0,
  siteadmin INTEGER NOT NULL DEFAULT 0, mailformat INTEGER NOT NULL DEFAULT 1, maildisplay INTEGER NOT NULL DEFAULT 2,
  firstaccess INTEGER NOT NULL DEFAULT 0, lastaccess INTEGER NOT NULL DEFAULT 0,
  timecreated INTEGER NOT NULL DEFAULT 0, timemodified INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS user_username ON user (username);
CREATE INDEX IF NOT EXISTS user_username_any_case ON user (username COLLATE NOCASE);
CREATE INDEX IF NOT EXISTS user_idnumber ON user (idnumber);
CREATE INDEX IF NOT EXISTS user_idnumber_any_case ON user (idnumber COLLATE NOCASE);
CREATE INDEX IF NOT EXISTS user_email ON user (email COLLATE NOCASE);
CREATE TABLE IF NOT EXISTS user_info_data (userid INTEGER NOT NULL, shortname TEXT NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (userid, shortname));
CREATE TABLE IF NOT EXISTS cohort (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, idnumber TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '', descriptionformat INTEGER NOT NULL DEFAULT 1, visible INTEGER NOT NULL DEFAULT 1,
  contextid INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS cohort_members (cohortid INTEGER NOT NULL, userid INTEGER NOT NULL, PRIMARY KEY (cohortid, userid));
CREATE TABLE IF NOT EXISTS role_assignments (roleid INTEGER NOT NULL, userid INTEGER NOT NULL, contextlevel TEXT NOT NULL,
  instanceid INTEGER NOT NULL, PRIMARY KEY (roleid, userid, contextlevel, instanceid));
"""
# DROP, not DELETE: ids begin again, as after a fresh installation.
EMPTYING = "".join(f"DROP TABLE IF EXISTS {table};" for table in ("user", "user_info_data", "cohort", "cohort_members", "role_assignments"))

Row = dict[str, Any]


class Store:
    """One connection behind one lock: calls are answered one after the other, each in a transaction."""

    def __init__(self, path: Path | None) -> None:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._db.row_factory = lambda cursor, row: {column[0]: value for column, value in zip(cursor.description, row, strict=True)}
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")  # survives the end of the process at any instant; that is enough here
        self._lock = threading.RLock()
        self._depth = 0
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside or nothing; nested ones roll back on their own."""
        with self._lock:
            name = f"level{self._depth}"
            self._db.execute(f"SAVEPOINT {name}")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._db.execute(f"ROLLBACK TO {name}")
                raise
            finally:
                self._depth -= 1
                self._db.execute(f"RELEASE {name}")

    def rows(self, sql: str, *values: Any) -> list[Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> Row | None:
        with self._lock:
            return self._db.execute(sql, values).fetchone()

    def run(self, sql: str, *values: Any) -> int:
        """Rows touched. Raises sqlite3.IntegrityError."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def insert(self, table: str, values: Row) -> int:
        """The new id. Raises sqlite3.IntegrityError."""
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        with self._lock:
            return self._db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values())).lastrowid or 0  # noqa: S608

    def empty(self) -> None:
        with self._lock:
            self._db.executescript(EMPTYING + SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()
