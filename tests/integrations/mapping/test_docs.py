"""docs/mapping.md names every step, and its examples are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from integrations.mapping import conditions, expressions, text, transforms
from integrations.mapping.conditions import condition
from integrations.mapping.expressions import source
from integrations.mapping.pages.forms import MOST_ROWS
from integrations.mapping.transforms import TRANSFORMS, Lookup, build

PAGE = Path(__file__).parents[3].joinpath("docs/mapping.md").read_text()
STEPS = re.findall(r"^\| `(\w+)(:[^`]*)?` \| [^|]*(?:\\\|[^|]*)* \| (.*) \|$", PAGE, re.MULTILINE)


def test_every_step_is_described() -> None:
    assert {name for name, _argument, _example in STEPS} == set(TRANSFORMS)


@pytest.mark.parametrize(("name", "argument", "example"), STEPS, ids=[f"{name}{argument}" for name, argument, _ in STEPS])
def test_the_example_of_a_step_is_true(name: str, argument: str, example: str) -> None:
    before, after = example.split(" → ")
    parts = [None if part == "nothing" else part.strip("`") for part in re.split(r", (?=`|nothing)", before)]
    step = build(f"{name}{argument}".replace("\\|", "|"))
    if isinstance(step, Lookup):
        assert step.key == argument.removeprefix(":")
        assert step.stays is None or step.stays(before.strip("`")) == after.strip("`")
        return
    made = step(parts if len(parts) > 1 else parts[0])
    shown = ", ".join(f"`{one}`" for one in made) if isinstance(made, list) else "yes" if made is True else f"`{made}`"
    assert shown == after or (after.endswith("…`") and shown.startswith(after[:-2]))


@pytest.mark.parametrize("path", re.findall(r"^- `([^`]+)` ", PAGE, re.MULTILINE))
def test_every_path_of_the_page_can_be_read(path: str) -> None:
    assert callable(source(path))


def test_every_condition_of_the_page_can_be_read() -> None:
    found = re.findall(r"^- `([^`]+)`$", PAGE, re.MULTILINE)
    assert len(found) == 3
    for one in found:
        assert condition(one) is not None


def test_the_limits_of_the_page_are_those_of_the_code() -> None:
    for number in (f"{text.LARGEST:,}", f"{expressions.GROWTH} times", f"{transforms.MOST_TRANSFORMS}, {MOST_ROWS}"):
        assert number in PAGE
    assert f"{expressions.LONGEST}, {conditions.LONGEST}, {transforms.LONGEST_SPEC}" in PAGE
    assert f"{expressions.HEAVIEST:,}" in PAGE
    for function in conditions.FUNCTIONS:
        assert function in PAGE
