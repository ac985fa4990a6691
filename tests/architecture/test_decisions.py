"""Every human act keeps the contract of human acts: its test binds it."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import ROOT, tracked
from tests.architecture.test_catalogues import all_decisions

BOUND = {
    node.func.id
    for name in tracked()
    if name.startswith("tests/") and name.endswith(".py")
    for tree in [ast.parse((ROOT / name).read_text(encoding="utf-8"))]
    for case in ast.walk(tree)
    if isinstance(case, ast.ClassDef) and any(isinstance(base, ast.Name) and base.id == "DecisionContract" for base in case.bases)
    for node in ast.walk(case)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
}


@pytest.mark.parametrize("name", [decision.__name__ for decision in all_decisions()])
def test_every_decision_is_bound_to_the_contract(name: str) -> None:
    assert name in BOUND, f"bind {name} in a test: class Test{name}(DecisionContract)"
