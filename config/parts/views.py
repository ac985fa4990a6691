"""System → Parts: every part in all its states, with invented values. The browser tests photograph this page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from config.admin_screens import page, screen
from config.parts import samples
from config.vocabulary import TABLES


@screen("config.view_heartbeat")
def parts(request: HttpRequest) -> HttpResponse:
    """One page, no tables read."""
    chips = [(name, list(words.values())) for name, words in TABLES.items()]
    return page(request, "rollcall/parts_page.html", samples.everything() | {"chips": chips}, title="Parts", section="system")
