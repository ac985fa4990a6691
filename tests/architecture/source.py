"""The source tree as the architecture tests see it."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("config", "integrations", "identity", "syncjobs")  # lowest first


@lru_cache
def tracked() -> tuple[str, ...]:
    """Files under version control; the working copy may hold anything else. All files where there is no git."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return tuple(name for name in listed.stdout.split("\n") if name and (ROOT / name).exists())
    return tuple(str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts)


tracked()  # asked here, while tests are collected: none of them has to start a process for it


def python_files(*below: str) -> Iterator[tuple[str, ast.Module]]:
    """Tracked Python files below these folders, parsed."""
    for name in tracked():
        if name.endswith(".py") and name.startswith(tuple(f"{folder}/" for folder in below)):
            yield name, _parsed(name)


@cache
def _parsed(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    """Every module named in an import, wherever it stands; `from a.b import c` names a.b and a.b.c."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules_named(leaf: str) -> Iterator[ModuleType]:
    """Every module of ours with that last name, imported: decisions, models, admin."""
    for app in APPS:
        package = importlib.import_module(app)
        for found in pkgutil.walk_packages(package.__path__, f"{app}."):
            if found.name.rpartition(".")[2] == leaf:
                yield importlib.import_module(found.name)
