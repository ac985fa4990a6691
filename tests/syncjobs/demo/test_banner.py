"""What the demo proposes to try first must stand on the pages in the same words."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from syncjobs.demo.staff import LOGINS
from syncjobs.management.commands.demo import TRY_FIRST

QUOTED = sorted({label for line in TRY_FIRST for label in re.findall(r"“(.+?)”", line)})


def pages() -> str:
    """The source of every page, ours and the sandbox's."""
    folders = [("templates", "*.html"), ("syncjobs", "*.py"), ("integrations/sandbox/page", "*.py"), ("config", "navigation.py")]
    return "\n".join(path.read_text() for folder, names in folders for path in (settings.BASE_DIR / folder).rglob(names))


@pytest.mark.parametrize("label", QUOTED)
def test_what_is_quoted_stands_on_a_page(label):
    assert f'"{label}"'.lower() in pages().lower()


def test_the_banner_names_both_addresses_every_login_and_what_to_try():
    out = StringIO()
    call_command("demo", "banner", stdout=out)
    said = out.getvalue()
    for text in (settings.PUBLIC_URL, settings.SANDBOX_URL, *TRY_FIRST, *(login.username for login in LOGINS)):
        assert text in said
