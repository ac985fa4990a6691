"""The documentation is a test: links lead somewhere, every package has its page, decisions have one shape, examples work."""

from __future__ import annotations

import re
from typing import Any

import pytest

from integrations.vendors import base
from syncjobs.bundle.read import read
from tests.architecture.source import APPS, ROOT, tracked

DOCUMENTS = [name for name in tracked() if name.endswith(".md")]
DECISIONS = sorted(name for name in DOCUMENTS if name.startswith("docs/decisions/"))
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
IN_CODE = re.compile(r"`((?:config|integrations|identity|syncjobs|tests|docs|templates)/[\w./-]+)`")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def block(name: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", text(name), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_and_every_path_leads_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    local = [link for link in LINK.findall(text(name)) if "://" not in link]
    assert [link for link in local if not (folder / link).exists()] == []
    assert [path for path in IN_CODE.findall(text(name)) if "test_example" not in path and not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "tests/README.md", *(f"{app}/README.md" for app in APPS)])
def test_every_part_of_the_house_has_its_page(name: str) -> None:
    assert name in DOCUMENTS
    assert text(name).startswith("# ")
    assert len(text(name).splitlines()) <= 150


@pytest.mark.parametrize("app", APPS)
def test_the_page_of_a_package_names_every_room_of_it(app: str) -> None:
    rooms = {name.split("/")[1] for name in tracked() if name.startswith(f"{app}/") and name.count("/") > 1 and name.endswith(".py")}
    unnamed = {room for room in rooms - {"migrations", "management", "templatetags"} if f"`{room}" not in text(f"{app}/README.md")}
    assert unnamed == set()


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_says_what_why_and_at_what_price_on_one_screen(name: str) -> None:
    page = text(name)
    number = name.rsplit("/", 1)[1][:4]
    assert page.startswith(f"# {number} ")
    assert re.search(r"^Why: ", page, re.MULTILINE)
    assert re.search(r"^Given up: ", page, re.MULTILINE)
    assert len(page.splitlines()) <= 16


def test_decisions_are_numbered_without_gaps() -> None:
    assert [name.rsplit("/", 1)[1][:4] for name in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]


def test_the_example_of_a_bundle_can_be_read() -> None:
    bundle = read(block("docs/bundle.md", "yaml"))
    assert bundle["value_maps"][0]["rows"][1] == {"code": "NO", "name": "Norway"}
    assert bundle["connectors"][0]["vendor"] == "csv_file"


def test_the_example_of_a_vendor_is_one() -> None:
    names: dict[str, Any] = {**vars(base)}
    exec(block("docs/adding-a-vendor.md", "python"), names)
    example = names["Example"]
    assert example.checked({"base_url": "https://hr.example.com"}, {"token": "x"}) == {"base_url": "https://hr.example.com"}
    assert example.stream("people").delta
