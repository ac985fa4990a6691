"""In-product help: one page a screen, found by the key of its menu entry."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.translation import gettext as _

from config.admin_screens import page, screen


@screen()
def help_page(request: HttpRequest, topic: str = "index") -> HttpResponse:
    """templates/help/<topic>.html; an unknown topic is not found."""
    try:
        get_template(f"help/{topic}.html")
    except TemplateDoesNotExist as missing:
        raise Http404(topic) from missing
    return page(request, f"help/{topic}.html", {"topic": topic}, title=_("Help"), section="")
