"""How Moodle says no: a class name, a code and a sentence, all with HTTP 200. Source: docs/vendors/moodle.md §6."""

from __future__ import annotations

# Moved into a namespace with 4.5; the others kept their bare names.
NAMESPACED_IN_4_5 = {"moodle_exception", "invalid_parameter_exception", "coding_exception", "required_capability_exception"}


class MoodleFailure(Exception):
    """`debuginfo` says what really happened and is only told while the site is debugging."""

    def __init__(self, errorcode: str, message: str, kind: str = "moodle_exception", debuginfo: str = "") -> None:
        super().__init__(message)
        self.errorcode, self.message, self.kind, self.debuginfo = errorcode, message, kind, debuginfo

    def class_name(self, release: str) -> str:
        modern = tuple(int(part) for part in release.split(".")[:2]) >= (4, 5)
        return f"core\\exception\\{self.kind}" if modern and self.kind in NAMESPACED_IN_4_5 else self.kind


def invalid_parameter(debuginfo: str) -> MoodleFailure:
    """Every failed check of a value; which one it was is in the debug text only."""
    return MoodleFailure("invalidparameter", "Invalid parameter value detected", "invalid_parameter_exception", debuginfo)


def access(debuginfo: str) -> MoodleFailure:
    return MoodleFailure("accessexception", "Access control exception", "webservice_access_exception", debuginfo)


def no_permission(capability: str) -> MoodleFailure:
    message = f"Sorry, but you do not currently have permissions to do that ({capability})."
    return MoodleFailure("nopermissions", message, "required_capability_exception")


def missing_record(table: str) -> MoodleFailure:
    message = f"Can't find data record in database table {table}."
    return MoodleFailure("invalidrecord", message, "dml_missing_record_exception")


def write_failed(debuginfo: str) -> MoodleFailure:
    return MoodleFailure("dmlwriteexception", "Error writing to database", "dml_write_exception", debuginfo)


def coding_error(hint: str) -> MoodleFailure:
    return MoodleFailure("codingerror", f"Coding error detected, it must be fixed by a programmer: {hint}", "coding_exception")
