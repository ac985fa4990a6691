from __future__ import annotations

import importlib
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.db.models.fields.related import RelatedField

from tests.architecture.source import APPS, ROOT, imported, modules_named, python_files, tracked

TOP = {
    "manage.py", "config", "integrations", "identity", "syncjobs", "templates", "tests", "requirements.txt", "README.md",
    "Makefile", "pyproject.toml", "Dockerfile", "compose.yaml", "docs",
}  # fmt: skip


def lint_imports(*arguments: str) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([tool, "--no-cache", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.processes
def test_the_import_contracts_hold() -> None:
    result = lint_imports()

    assert result.returncode == 0, result.stdout
    assert "4 kept, 0 broken" in result.stdout


def test_the_contracts_are_the_ones_of_the_layout() -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")

    assert contracts["importlinter:contract:apps"]["layers"].split() == list(reversed(APPS))
    assert "django" in contracts["importlinter:contract:plain"]["forbidden_modules"].split()
    assert contracts["importlinter:contract:vendors"]["ignore_imports"].strip() == "integrations.vendors.** -> integrations.vendors.base"
    assert contracts["importlinter:contract:acyclic"]["ancestors"].split() == list(APPS)


@pytest.mark.processes
def test_a_contract_that_is_broken_is_noticed(tmp_path: Path) -> None:
    upside_down = (ROOT / ".importlinter").read_text().replace("    syncjobs\n    identity\n", "    identity\n    syncjobs\n")
    (tmp_path / "linter").write_text(upside_down)

    result = lint_imports("--config", str(tmp_path / "linter"))

    assert result.returncode != 0
    assert "Imports point down BROKEN" in result.stdout


def test_foreign_keys_point_down() -> None:
    """The linter does not see ForeignKey("identity.Person")."""
    upward = []
    for model in apps.get_models(include_auto_created=True):
        app = model._meta.app_label
        for field in model._meta.get_fields():
            if not isinstance(field, RelatedField) or app not in APPS:
                continue
            target = field.related_model
            if not isinstance(target, type) or not issubclass(target, models.Model):
                continue
            below = target._meta.app_label
            if below in APPS and APPS.index(below) > APPS.index(app):
                upward.append(f"{model._meta.label}.{field.name} → {target._meta.label}")

    assert upward == []


def test_every_table_of_a_theme_is_re_exported_by_its_app() -> None:
    for module in modules_named("models"):
        app = module.__name__.split(".")[0]
        if module.__name__ == f"{app}.models":
            continue
        exported = vars(importlib.import_module(f"{app}.models"))
        own = [name for name, value in vars(module).items() if isinstance(value, type) and issubclass(value, models.Model)]
        missing = [name for name in own if getattr(module, name).__module__ == module.__name__ and name not in exported]
        assert missing == [], f"{app}/models.py does not re-export {missing} of {module.__name__}"


def test_every_screen_of_a_theme_is_found_by_the_admin() -> None:
    for app in APPS:
        themes = {
            name.removesuffix(".py").replace("/", ".")
            for name, _ in python_files(app)
            if name.endswith("/admin.py") and name != f"{app}/admin.py"
        }
        trees = dict(python_files(app))
        seen = set(imported(trees[f"{app}/admin.py"])) if f"{app}/admin.py" in trees else set()
        assert themes <= seen, f"{app}/admin.py does not import {sorted(themes - seen)}"


def test_nobody_imports_a_table_from_the_page_that_only_re_exports_it() -> None:
    """It would close a ring: theme → the app's models → theme."""
    offenders = [
        name
        for name, tree in python_files(*APPS)
        if not name.endswith("/models.py") and {f"{app}.models" for app in APPS} & set(imported(tree))
    ]

    assert offenders == []


def test_the_top_of_the_repository_holds_what_the_layout_names() -> None:
    visible = {name.split("/")[0] for name in tracked() if not name.startswith(".")}

    assert visible <= TOP, sorted(visible - TOP)
