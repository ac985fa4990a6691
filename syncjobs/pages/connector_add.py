"""A new connector: which kind of system, its form, what adding it does, and the button."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin_screens import page, screen
from config.carried import Sent, carry, sent
from config.decision_page import decide
from config.parts.shapes import Text
from integrations.connectors.form import ConnectorForm
from integrations.mapping.new_connector import AddConnector
from integrations.vendors import all_vendors, vendor_class
from integrations.vendors.base import Family

FAMILIES: dict[Family, Text] = {
    Family.HRIS: gettext_lazy("tells who works here"),
    Family.FILE: gettext_lazy("tells who works here, from a file"),
    Family.LMS: gettext_lazy("learning system: receives accounts"),
    Family.CRM: gettext_lazy("tells about customers and partners"),
    Family.IDP: gettext_lazy("tells who may sign in"),
}


@screen("integrations.add_connector")
def kinds(request: HttpRequest) -> HttpResponse:
    """Which kind of system is it?"""
    found = [
        (key, _(vendor.label), FAMILIES[vendor.family], "" if vendor.family == Family.FILE else vendor.version)
        for key, vendor in all_vendors().items()
    ]
    return page(request, "integrations/connectors/kinds.html", {"kinds": found}, title=_("Add a connector"), section="connectors")


@screen("integrations.add_connector")
def add(request: HttpRequest, vendor: str) -> HttpResponse:
    """The same form as later, empty."""
    if vendor not in all_vendors():
        raise Http404
    kind, about = vendor_class(vendor), f"add:{vendor}"
    said = sent(request, about) if request.method == "POST" else Sent(request.POST)
    if said is None:
        messages.error(request, _("This preview is too old, or another one. Nothing was changed; please fill in the form again."))
        return HttpResponseRedirect(reverse("connector-add", args=[vendor]))
    form = ConnectorForm(kind, None, said.form if request.method == "POST" else None)
    if form.is_valid() and not said.is_again:
        decision = AddConnector(request.user, vendor, form.new_key(), form.cleaned_data["name"], form.settings(), form.secrets())  # type: ignore[arg-type]
        answer = decide(
            request, decision, back=reverse("connectors"), section="connectors", carries=carry(request, about, said.form, said.seen)
        )
        made = getattr(decision, "made", None)
        return HttpResponseRedirect(reverse("connector", args=[made.pk])) if made is not None else answer
    context = {"form": form, "kind": _(kind.label)}
    return page(
        request,
        "integrations/connectors/add.html",
        context,
        title=_("Add a connector"),
        section="connectors",
        status=400 if form.errors else 200,
    )
