"""The connector's form, and what its entries mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.errors import SettingInvalid, SettingMissing
from config.sentences import Sentence, sentence
from integrations.vendors.base import Setting

SETTINGS = (
    Setting(
        "source",
        "Where the file comes from",
        "choice",
        required=True,
        default="upload",
        choices=(("upload", "Uploaded here"), ("folder", "A folder on this server"), ("sftp", "An SFTP server")),
    ),
    Setting("path", "File", help="Filled in by an upload. For SFTP: one fixed file, instead of the newest of a folder."),
    Setting("folder", "Folder", help="The newest file in it is read. On this server only folders that the operator has opened."),
    Setting("pattern", "File name", default="*.csv", help="Which files of the folder are meant: * stands for anything."),
    Setting(
        "watch",
        "Read a new file at once",
        "boolean",
        default=False,
        help="Looked for once a minute, beside the timetable. Only in a folder on this server.",
    ),
    Setting("host", "SFTP server", help="Its name, without sftp://"),
    Setting("port", "SFTP port", "integer", default=22),
    Setting("username", "SFTP user"),
    Setting("password", "SFTP password", "secret", help="Or what opens the private key, where there is one."),
    Setting("private_key", "SFTP private key", "secret", help="OpenSSH or PEM; Ed25519, ECDSA or RSA."),
    Setting(
        "host_key",
        "SFTP host key",
        help="“ssh-ed25519 AAAA…” or “SHA256:…”, from the server's owner. “Test connection” shows the key it meets.",
    ),
    Setting("id_column", "Column with the id", required=True, help="What stays the same when everything else about a person changes."),
    Setting("required_columns", "Columns that must be there", "list", help="One a line. Without one of them the whole file is refused."),
    Setting("changed_column", "Column with the last change", help="Optional; a date or a moment like 2026-05-20T06:00:00Z."),
    Setting("encoding", "Encoding", default="auto", help="auto, utf-8, utf-16, cp1252, latin-1, …"),
    Setting(
        "delimiter",
        "Delimiter",
        "choice",
        default="auto",
        choices=(("auto", "Find out"), (",", "Comma"), (";", "Semicolon"), ("tab", "Tab"), ("|", "Bar")),
    ),
    Setting("header_row", "Header is in row", "integer", default=1),
    Setting("sheet", "Sheet", help="Name or number, for workbooks; empty is the first one."),
    Setting(
        "settle_seconds", "Seconds of rest", "integer", default=10, help="A file written to more recently than this is still being written."
    ),
    Setting(
        "longest_age_hours", "Oldest file, in hours", "integer", default=0, help="An older file is not read: an extract failed. 0: any age."
    ),
)
NUMBERS = {"port": (1, 65535), "header_row": (1, 1000), "settle_seconds": (0, 3600), "longest_age_hours": (0, 8760)}
NEEDED = {"upload": (), "folder": ("folder", "pattern"), "sftp": ("host", "username")}
TEXTS = ("path", "folder", "pattern", "host", "username", "host_key", "id_column", "changed_column", "encoding", "sheet")


def understood(values: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """The entries as they are used: stripped, numbers as numbers, lists as lists. Raises SettingMissing, SettingInvalid."""
    config = dict(values)
    for key in TEXTS:
        config[key] = str(config[key] or "").strip()
    for key, bounds in NUMBERS.items():
        config[key] = whole_number(key, config[key], bounds)
    config["required_columns"] = lines_of(config["required_columns"])
    for key in NEEDED[config["source"]]:
        if not config[key]:
            raise SettingMissing(label(key), field=key)
    if config["source"] == "sftp" and not config["path"] and not config["folder"]:
        raise SettingMissing(sentence("%(one)s or %(other)s", one=label("folder"), other=label("path")), field="folder")
    if config["source"] == "sftp" and not (secrets.get("password") or secrets.get("private_key")):
        raise SettingMissing(sentence("%(one)s or %(other)s", one=label("password"), other=label("private_key")), field="password")
    return config


def whole_number(key: str, value: Any, bounds: tuple[int, int]) -> int:
    try:
        number = int(default(key) if value in (None, "") else value)
    except (TypeError, ValueError) as error:
        raise SettingInvalid(
            sentence("%(label)s: “%(value)s” is not a whole number", label=label(key), value=str(value)), field=key
        ) from error
    low, high = bounds
    if not low <= number <= high:
        raise SettingInvalid(sentence("%(label)s: must be between %(low)s and %(high)s", label=label(key), low=low, high=high), field=key)
    return number


def lines_of(value: Any) -> list[str]:
    lines = value.splitlines() if isinstance(value, str) else value or []
    return [text for line in lines if (text := str(line).strip())]


def label(key: str) -> Sentence:
    return Sentence(next(item.label for item in SETTINGS if item.key == key))


def default(key: str) -> Any:
    return next(item.default for item in SETTINGS if item.key == key)
