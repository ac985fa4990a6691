"""Photographs every screen of the installation at hand (after `make demo`), wide and narrow, light and dark.

python -m tests.browser.screenshots [name …]        into .screenshots/
python -m tests.browser.screenshots --readme        the one picture of the README, into docs/screenshots/
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread; the database is only read before it starts
django.setup()

from django.conf import settings  # noqa: E402  needs a set-up Django
from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: E402
from django.test.testcases import LiveServerThread  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from config.navigation import first_address  # noqa: E402
from config.roles.models import User  # noqa: E402
from tests.browser.screens import SCREENS, Screen  # noqa: E402
from tests.browser.visitor import LAUNCH, NARROW, WIDE, Visitor, member_of  # noqa: E402
from tests.conftest import chromium_path  # noqa: E402

README_SCREEN = "overview"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("names", nargs="*")
    asked.add_argument("--readme", action="store_true")
    options = asked.parse_args()
    if settings.PRODUCTION:
        asked.error("this signs in as an invented administrator: only in a demo")
    wanted = {README_SCREEN} if options.readme else set(options.names)
    screens = [screen for screen in SCREENS if not wanted or screen.name in wanted]
    folder = settings.BASE_DIR / ("docs/screenshots" if options.readme else ".screenshots")
    variants = [(WIDE, "light")] if options.readme else [(width, theme) for width in (WIDE, NARROW) for theme in ("light", "dark")]
    settings.ALLOWED_HOSTS.append("localhost")
    known = set(User.objects.values_list("pk", flat=True))
    server = LiveServerThread("localhost", StaticFilesHandler)
    server.start()
    server.is_ready.wait()
    try:
        photograph(f"http://localhost:{server.port}", screens, variants, folder)
    finally:
        server.terminate()
        User.objects.exclude(pk__in=known).delete()  # who was invented for the pictures is no staff of the demo


def photograph(url: str, screens: list[Screen], variants: list[tuple[int, str]], folder: Path) -> None:
    """One PNG a screen and variant. A screen whose page or data does not exist is named and left out."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=LAUNCH)
        for width, theme in variants:
            for screen in screens:
                args = screen.args()
                path = first_address(screen.url_names, *args) if args is not None else ""
                if not path:
                    sys.stderr.write(f"{screen.name}: nothing to show\n")
                    continue
                visitor = Visitor(browser, url, member_of(screen.role), width=width, theme=theme)
                visitor.open(path).screenshot(path=folder / f"{screen.name}-{width}-{theme}.png", full_page=True)
                visitor.leave()
        browser.close()


if __name__ == "__main__":
    main()
