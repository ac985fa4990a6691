from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module

import pytest
from django.core.management import get_commands

from config import errors
from config.decisions import Decision
from config.errors import Owner, RollcallError
from config.reference import PAGES, all_permissions, stale_pages
from tests.architecture.source import APPS, ROOT, modules_named, python_files

READS = {"env", "environ"}
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "PATH"}
OPERATING = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def variables_read() -> set[str]:
    """Names of environment variables in calls like env.str("X"), os.environ.get("X") and in os.environ["X"]."""
    found = set()
    for _, tree in python_files("config", "integrations/management", "syncjobs/management"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                holder, first = node.func.value, node.args[0]
            elif isinstance(node, ast.Subscript):
                holder, first = node.value, node.slice
            else:
                continue
            name = holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", "")
            if name in READS and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found - NOT_OURS


def listed_in_example() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", EXAMPLE, flags=re.M))


def used_by_compose() -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text(encoding="utf-8")))


def test_the_variables_of_the_settings_are_found_at_all() -> None:
    assert {"DATABASE_URL", "ROLLCALL_FIELD_KEYS", "WEB_CONCURRENCY", "PORT"} <= variables_read()


def test_the_example_environment_lists_every_variable_and_no_other() -> None:
    wanted = variables_read() | used_by_compose()

    assert listed_in_example() == wanted


def test_the_operating_page_explains_every_variable() -> None:
    explained = set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", OPERATING, flags=re.M))

    assert explained == variables_read()


def own_commands() -> list[str]:
    return sorted(name for name, app in get_commands().items() if app in APPS)


@pytest.mark.parametrize("name", own_commands())
def test_every_command_is_on_the_operating_page_and_says_what_it_does(name: str) -> None:
    assert f"| `manage.py {name}` |" in OPERATING
    module = import_module(f"{get_commands()[name]}.management.commands.{name}")
    assert module.Command.help and module.__doc__, f"{name} needs a help text and a docstring with an example"


def test_pages_written_from_the_code_are_fresh() -> None:
    assert stale_pages() == [], "run: manage.py write_docs"


def test_every_error_says_who_acts_and_what_to_do() -> None:
    for code, error in errors.catalogue().items():
        assert re.fullmatch(r"[a-z_]{3,40}", code)
        assert error.__doc__ and error().sentence.endswith("."), code
        assert error.next_step, code
        assert isinstance(error.owner, Owner), code
        assert code in PAGES["docs/errors.md"]()


def test_error_codes_are_given_once() -> None:
    def walk(cls: type[RollcallError]) -> list[str]:
        return ([cls.code] if "code" in vars(cls) and cls.code else []) + [code for sub in cls.__subclasses__() for code in walk(sub)]

    codes = walk(RollcallError)
    assert len(codes) == len(set(codes))


def all_decisions() -> list[type[Decision]]:
    found = {
        value
        for module in modules_named("decisions")
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Decision) and not inspect.isabstract(value)
    }
    return sorted(found, key=lambda decision: decision.__qualname__)


@pytest.mark.parametrize("decision", all_decisions(), ids=lambda decision: decision.__qualname__)
def test_every_decision_has_a_label_a_known_permission_and_a_docstring(decision: type[Decision]) -> None:
    assert str(decision.label)
    if isinstance(decision.permission, str):  # one that depends on its object is tested with the object (tests/contracts/decision.py)
        assert decision.permission in all_permissions()
    assert decision.object_type
    assert decision.__doc__
    assert isinstance(decision.asks_reason, bool)
