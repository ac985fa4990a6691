"""In-product help: one page a screen, found by the key of its menu entry."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin_screens import page, screen
from config.navigation import MENU, Text, navigation

# What each page is for, in one sentence: above its own help and beside its link.
LEADS: dict[str, Text] = {
    "overview": gettext_lazy("What needs you today, the most harmful first, and whether everything else ran."),
    "decisions": gettext_lazy("What only a person can decide: whether two records are the same human being, and plans that a guard holds."),
    "runs": gettext_lazy("Every synchronisation: what was read, what would change, what was written, and what became of every record."),
    "people": gettext_lazy("Everybody Rollcall knows: what is true of them now, where each value comes from, and why."),
    "deliveries": gettext_lazy("Every write to a learning system, with every try and its answer."),
    "connectors": gettext_lazy("The outside systems: where people come from and where accounts are kept."),
    "mappings": gettext_lazy("How a field of a source becomes a value of a person: from which field, changed how, when empty what."),
    "value-maps": gettext_lazy("Tables that turn codes into names: “MUC-3” into “Munich”."),
    "schedules": gettext_lazy("When each source is read, in which zone, and when nothing should start."),
    "audit": gettext_lazy("Everything that changed: who, what, before, after, and because of what. Nothing in it can be altered."),
    "staff": gettext_lazy("Who signs in here, and what each role may see and do."),
    "system": gettext_lazy("Whether the installation itself is well: processes, queues, storage, versions."),
    "sandbox": gettext_lazy("An invented company and its systems, to try everything on. It opens as a page of its own."),
}


@screen()
def help_page(request: HttpRequest, topic: str = "index") -> HttpResponse:
    """templates/help/<topic>.html; what is no entry of the menu is not found."""
    links = {link.key: link for group in navigation(request) for link in group.links}
    if topic not in {"index", *(entry.key for _group, entries in MENU for entry in entries)}:
        raise Http404(topic)
    topics = [(link, LEADS.get(link.key, "")) for link in links.values()]
    context = {"topics": topics, "lead": LEADS.get(topic, ""), "about": links[topic].href if topic in links else ""}
    return page(request, f"help/{topic}.html", context, title=_("Help"), section="")
