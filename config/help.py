"""In-product help: one page a screen, found by the key of its menu entry."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from config.admin_screens import page, screen
from config.navigation import MENU, navigation


@screen()
def help_page(request: HttpRequest, topic: str = "index") -> HttpResponse:
    """templates/help/<topic>.html; what is no entry of the menu is not found."""
    links = {link.key: link for group in navigation(request) for link in group.links}
    if topic not in {"index", *(entry.key for _group, entries in MENU for entry in entries)}:
        raise Http404(topic)
    context = {"topics": list(links.values()), "about": links[topic].href if topic in links else ""}
    return page(request, f"help/{topic}.html", context, title=_("Help"), section="")
