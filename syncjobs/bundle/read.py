"""A bundle file, read as YAML 1.2 and checked. Codes stay what was written: NO is not false, 007 is not 7."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from typing import Any

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from config.errors import BundleInvalid, NotSupported
from integrations.vendors import vendor_class
from syncjobs.bundle.schema import SCHEMA

DEEPEST = 20  # a mapping row stands at the sixth level
LARGEST_BYTES = 10 * 1024 * 1024
PLAIN = ("text", "url", "choice", "list")


def read(text: str) -> dict[str, Any]:
    """The bundle as plain values. Raises BundleInvalid naming every place that is wrong (at most ten)."""
    if len(text) > LARGEST_BYTES:
        raise BundleInvalid("the file is larger than 10 MB")
    _refuse_knots(text)
    typed, written = _load(text, "safe"), _load(text, "base")
    if not isinstance(typed, dict) or not isinstance(written, dict):
        raise BundleInvalid("the file does not begin with names such as “rollcall: 1”")
    if "value_maps" in written:
        typed["value_maps"] = _as_written(typed.get("value_maps"), written["value_maps"])
    for connector, words in zip(_items(typed, "connectors"), _items(written, "connectors"), strict=True):
        _keep_words(connector, words)
    for blackout, words in zip(_items(typed, "blackouts"), _items(written, "blackouts"), strict=True):
        if isinstance(blackout, dict):
            blackout.update({key: words[key] for key in ("from", "until") if key in words})  # YAML would make them dates
    _refuse(sorted(Draft202012Validator(SCHEMA).iter_errors(typed), key=lambda error: [str(part) for part in error.absolute_path]))
    _refuse_twice(typed)
    return typed


def _load(text: str, kind: str) -> Any:
    yaml = YAML(typ=kind, pure=True)
    yaml.version = (1, 2)
    try:
        return yaml.load(StringIO(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise BundleInvalid(f"line {line}: {error.problem}") from error


def _refuse_knots(text: str) -> None:
    """Aliases and deep nesting: a few lines of either unfold into more than fits a machine. No bundle of ours has them."""
    depth = 0
    yaml = YAML(typ="safe", pure=True)
    try:
        for event in yaml.parse(StringIO(text)):
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if isinstance(event, AliasEvent) or depth > DEEPEST:
                what = "an alias (*)" if isinstance(event, AliasEvent) else f"more than {DEEPEST} levels"
                raise BundleInvalid(f"line {event.start_mark.line + 1}: {what}; write it out")
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise BundleInvalid(f"line {line}: {error.problem}") from error


def _items(bundle: dict[str, Any], name: str) -> list[Any]:
    found = bundle.get(name)
    return found if isinstance(found, list) else []


def _as_written(typed: Any, written: Any) -> Any:
    """Every scalar of a value map as its text; only `keep_unknown` is a flag."""
    if not isinstance(written, list) or not isinstance(typed, list):
        return typed
    return [
        {**words, **({"keep_unknown": values["keep_unknown"]} if "keep_unknown" in values else {})} if isinstance(words, dict) else words
        for values, words in zip(typed, written, strict=True)
    ]


def _keep_words(connector: Any, words: Any) -> None:
    """Settings that are text keep the text as written: a tenant 0123 or a column NO."""
    if not isinstance(connector, dict) or not isinstance(connector.get("settings"), dict):
        return
    try:
        declared = {item.key: item.kind for item in vendor_class(str(connector.get("vendor"))).settings}
    except NotSupported:
        return
    for key in connector["settings"]:
        if declared.get(key) in PLAIN and connector["settings"][key] is not None:
            connector["settings"][key] = words["settings"][key]


def _refuse(errors: Iterable[Any]) -> None:
    lines = [f"{'.'.join(str(part) for part in error.absolute_path) or 'the file'}: {error.message}" for error in errors]
    if lines:
        raise BundleInvalid("; ".join(lines[:10]), field=lines[0].split(":")[0])


def _refuse_twice(bundle: dict[str, Any]) -> None:
    told_apart_by = {"connectors": ("key",), "value_maps": ("key",), "blackouts": ("name", "connector")}
    for name, parts in told_apart_by.items():
        keys = [" · ".join(item[part] for part in parts if part in item) for item in bundle.get(name, [])]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise BundleInvalid(f"{name}: {', '.join(twice)} occurs twice", field=name)
