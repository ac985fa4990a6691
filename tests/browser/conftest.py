"""A real browser on a real server: pages per role, with everything the browser complained about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.visitor import Visitor, member_of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker("browser")


@pytest.fixture
def visit(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """visit("L&D admin") is a signed-in visitor; visit("") is nobody; visit("administrator") may do everything."""
    visitors: list[Visitor] = []

    def come(role: str = "administrator", **wishes: Any) -> Visitor:
        visitors.append(Visitor(chromium, live_server.url, member_of(role) if role else None, **wishes))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.leave()
