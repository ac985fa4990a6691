"""A real browser on a real server: pages per role, with everything the browser complained about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.visitor import LAUNCH, Visitor, member_of
from tests.conftest import chromium_path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the session. Playwright keeps an event loop in this thread; Django would refuse the database beside it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=LAUNCH)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


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
