"""Pages of the documentation (and texts for translators) that are written from the code: `manage.py write_docs`.

Tests compare them, so none can be stale.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from config import errors
from config.errors import Owner, RollcallError
from config.roles.catalogue import APPS, ROLES, SPECIAL
from config.roles.sync_roles import granted

WHO = {
    Owner.WE: "Rollcall, by itself",
    Owner.IT: "IT",
    Owner.LND: "L&D",
    Owner.SOURCE: "the owner of the source data",
}


def errors_page() -> str:
    """docs/errors.md: every error with who acts and what to do next."""
    found = errors.catalogue().values()
    lines = [
        "# Errors: what happened, who acts, what to do",
        "",
        "Written by `manage.py write_docs` from `config/errors.py`. Screens, mails, log lines and the API use the same words;",
        "the code in the first column never changes.",
    ]
    for owner, who in WHO.items():
        rows = [_error_row(error) for error in found if error.owner == owner]
        lines += ["", f"## Who acts: {who}", "", "| Code | What happened | Tried again by itself | Next step |", "|---|---|---|---|", *rows]
    return "\n".join(lines) + "\n"


def _error_row(error: type[RollcallError]) -> str:
    return f"| `{error.code}` | {error().sentence} | {'yes' if error.retry else 'no'} | {error.next_step} |"


def permissions_page() -> str:
    """docs/permissions.md: role × permission, and what the special permissions mean."""
    lines = [
        "# Roles and permissions",
        "",
        "Written by `manage.py write_docs` from `config/roles/catalogue.py`. Every `migrate` sets the roles' groups back to this table;",
        "for another cut add a group of your own. What is not in a table is for superusers alone, who may do everything.",
        "",
        *(f"- **{role.name}**: {role.purpose}" for role in ROLES),
    ]
    known = all_permissions()
    may = {role.name: granted(role, known) for role in ROLES}
    for app in APPS:
        lines += ["", f"## {apps.get_app_config(app).verbose_name}", "", f"| Permission | {' | '.join(may)} |", "|---|" + "---|" * len(may)]
        held = sorted(name for name in set().union(*may.values()) if name.startswith(f"{app}."))
        lines += [_permission_row(name, may) for name in held]
    lines += ["", "## What the special permissions allow", "", "| Permission | Allows |", "|---|---|"]
    lines += [f"| `{name}` | {sentence} |" for name, (_, sentence) in SPECIAL.items()]
    return "\n".join(lines) + "\n"


def _permission_row(name: str, may: dict[str, set[str]]) -> str:
    return f"| `{name}` | " + " | ".join("yes" if name in allowed else "" for allowed in may.values()) + " |"


def all_permissions() -> set[str]:
    """Every "app.codename" of our packages, without asking the database."""
    return set(SPECIAL) | set(_model_permissions())


def _model_permissions() -> Iterator[str]:
    for app in APPS:
        for model in apps.get_app_config(app).get_models(include_auto_created=False):
            options = model._meta
            yield from (f"{app}.{verb}_{options.model_name}" for verb in options.default_permissions)
            yield from (f"{app}.{codename}" for codename, _ in options.permissions)


def bundle_schema() -> str:
    """docs/bundle.schema.json, for editors of bundle files. Named in a string, because this package imports no upper one."""
    return json.dumps(import_string("syncjobs.bundle.schema.SCHEMA"), indent=2) + "\n"


def translatable() -> str:
    """config/translatable.py: texts that stand in plain Python and are translated where a page shows them."""
    sentences = set(_kept_sentences())
    texts = sorted(set(_texts_of_errors()) | set(_texts_of_vendors()) | {one for one, many in sentences if not many})
    lines = [
        '"""Texts that stand in plain Python and are translated where they are shown: errors, attributes, fields of connectors, and every',
        "sentence that is kept (config/sentences.py).",
        "",
        "Written by manage.py write_docs, so that makemessages finds them. By MESSAGES config/say.py knows a sentence of ours.",
        '"""',
        "",
        "# ruff: noqa: E501",
        "# fmt: off",
        "from __future__ import annotations",
        "",
        "MESSAGES: set[str] = set()",
        "",
        "",
        "def gettext_noop(message: str) -> None:",
        "    MESSAGES.add(message)",
        "",
        "",
        "def ngettext_lazy(one: str, _many: str) -> None:",
        "    MESSAGES.add(one)",
        "",
        "",
        *(f"gettext_noop({_quoted(text)})" for text in texts if text),
        *(f"ngettext_lazy({_quoted(one)}, {_quoted(many)})" for one, many in sorted(sentences) if many),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


PACKAGES = ("config", "integrations", "identity", "syncjobs")
KEEPS = {"sentence", "named"}  # of config/sentences.py: what they are called with is kept, and said in the reader's language


def _kept_sentences() -> Iterator[tuple[str, str]]:
    """(message, message for many or empty) of every call. Raises ValueError where one is not written out: nobody could translate it."""
    here = Path(__file__).parent.parent
    for path in sorted(path for package in PACKAGES for path in (here / package).rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        ours = {one.name for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "config.sentences" for one in node.names}
        for node in nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEEPS & ours:
                yield _messages(node, path.relative_to(here))


def _messages(call: ast.Call, path: Path) -> tuple[str, str]:
    written = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    is_named = getattr(call.func, "id", "") == "named"
    if not written or (not is_named and len(written) != len(call.args)):
        raise ValueError(f"{path}:{call.lineno}: a sentence that is kept must be written out where it is made")
    return written[0], "" if is_named or len(written) < 2 else written[1]


def _texts_of_errors() -> Iterator[str]:
    for error in errors.catalogue().values():
        yield from (error().sentence, error.next_step)


def _texts_of_vendors() -> Iterator[str]:
    for attribute in (*import_string("integrations.canonical.ATTRIBUTES"), *import_string("integrations.canonical.UNIT_ATTRIBUTES")):
        yield attribute.label
    for vendor in import_string("integrations.vendors.all_vendors")().values():
        yield from (one.label for one in (*vendor.streams, *vendor.targets))
        for setting in vendor.settings:
            yield from (setting.label, setting.help, *(label for _key, label in setting.choices))


PAGES: dict[str, Callable[[], str]] = {
    "config/translatable.py": translatable,
    "docs/errors.md": errors_page,
    "docs/permissions.md": permissions_page,
    "docs/bundle.schema.json": bundle_schema,
}


def stale_pages() -> list[str]:
    """The pages that no longer say what the code says."""
    return [name for name, write in PAGES.items() if _read(name) != write()]


def write_pages() -> list[str]:
    """Write the stale pages; their names come back."""
    stale = stale_pages()
    for name in stale:
        (settings.BASE_DIR / name).write_text(PAGES[name](), encoding="utf-8")
    return stale


def _read(name: str) -> str:
    path = settings.BASE_DIR / name
    return path.read_text(encoding="utf-8") if path.exists() else ""
