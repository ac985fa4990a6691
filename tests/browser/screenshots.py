"""Photographs every screen of a demo of its own (stage.py), wide and narrow, light and dark.

python -m tests.browser.screenshots [name …]        into .screenshots/
python -m tests.browser.screenshots --language de   in German, into .screenshots/de/
python -m tests.browser.screenshots --again         of the data that the last time left behind
python -m tests.browser.screenshots --readme        the one picture of the README, into docs/screenshots/
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import django

from tests.browser import stage

stage.choose_surroundings(anew="--again" not in sys.argv)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread
django.setup()

from django.conf import settings  # noqa: E402  needs a set-up Django
from playwright.sync_api import sync_playwright  # noqa: E402

from config.navigation import first_address  # noqa: E402
from config.roles.models import User  # noqa: E402
from syncjobs.demo.staff import LOGINS  # noqa: E402
from tests.browser.screens import SANDBOX_PAGES, SCREENS, Screen  # noqa: E402
from tests.browser.visitor import LAUNCH, NARROW, WIDE, Visitor  # noqa: E402
from tests.conftest import chromium_path  # noqa: E402

README_SCREEN = "overview"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("names", nargs="*")
    asked.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en")
    asked.add_argument("--again", action="store_true")
    asked.add_argument("--readme", action="store_true")
    options = asked.parse_args()
    wanted = {README_SCREEN} if options.readme else set(options.names)
    folder = settings.BASE_DIR / ("docs/screenshots" if options.readme else ".screenshots")
    if options.language != "en":
        folder /= options.language
    variants = [(WIDE, "light")] if options.readme else [(width, theme) for width in (WIDE, NARROW) for theme in ("light", "dark")]
    with stage.demo() as url:
        if not options.again:
            stage.a_day()
        missing = photograph(url, wanted, variants, folder, "de-DE" if options.language == "de" else "en-GB")
    if missing:
        sys.exit(f"nothing to show: {', '.join(missing)}")


def photograph(url: str, wanted: set[str], variants: list[tuple[int, str]], folder: Path, locale: str) -> list[str]:
    """One PNG a screen and variant. Returns the screens whose page or data does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    screens = [screen for screen in SCREENS if not wanted or screen.name in wanted]
    missing = [screen.name for screen in screens if not _path(screen)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=LAUNCH)
        for width, theme in variants:
            for screen in screens:
                if path := _path(screen):
                    visitor = Visitor(browser, url, _reader(screen.role), width=width, theme=theme, locale=locale)
                    _photograph(visitor, path, folder / f"{screen.name}-{width}-{theme}.png")
            for name, path in SANDBOX_PAGES.items():
                if not wanted or name in wanted:
                    visitor = Visitor(browser, settings.SANDBOX_URL, None, width=width, theme=theme, locale=locale)
                    _photograph(visitor, path, folder / f"{name}-{width}-{theme}.png")
        browser.close()
    return missing


def _photograph(visitor: Visitor, path: str, file: Path) -> None:
    """The whole page in a window as tall as it is, so that what sticks to the window's edge stands where the page ends."""
    page = visitor.open(path)
    width = page.viewport_size["width"] if page.viewport_size else WIDE
    page.set_viewport_size({"width": width, "height": max(844, page.evaluate("document.documentElement.scrollHeight"))})
    page.screenshot(path=file, full_page=True)
    visitor.leave()


def _reader(role: str) -> User:
    """Whoever has this role in the demo; “administrator” may do everything."""
    return User.objects.get(username=next(one.username for one in LOGINS if one.role.lower() == role.lower()))


def _path(screen: Screen) -> str:
    args = screen.args()
    return first_address(screen.url_names, *args) if args is not None else ""


if __name__ == "__main__":
    main()
