"""What changes a connector by a form: settings, limits, a secret. The form is checked, shown as a decision, and then carried out.

And the connection test, whose answer is shown once and kept in the trail.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from config import clock
from config.admin_screens import page, screen
from config.carried import Sent, carry, sent
from config.decision_page import decide
from config.decisions import Decision
from config.roles.masking import sight_of
from integrations.connectors.decisions import RotateCredential, SaveConnector, TestConnection, as_seen
from integrations.connectors.form import ConnectorForm, LimitsForm, SecretForm, vendor_of
from integrations.connectors.models import Connector
from syncjobs.guards.change_limits import ChangeLimits
from syncjobs.guards.limits import Limit
from syncjobs.pages.connector import health_of, kept, policy_form, seen_connector, show
from syncjobs.plans.pilot import reached


@screen("integrations.change_connector")
def save_settings(request: HttpRequest, number: int) -> HttpResponse:
    """The settings form, sent. Comes back with what is wrong, else shows what it would change."""
    found = seen_connector(request, number)
    tab, about = _tab(found, "settings"), f"settings:{found.pk}"
    said = sent(request, about) if request.method == "POST" else None
    if said is None:
        return _back(request, tab)
    form = ConnectorForm(vendor_of(found), found, said.form)
    if not form.is_valid() or said.is_again:
        return show(request, found, "settings", {"form": form, "kept": kept(found)}, status=400 if form.errors else 200)
    changes = {"name": form.cleaned_data["name"], "settings": form.settings()}
    user: Any = request.user
    decision = SaveConnector(user, found, changes, form.secrets(), seen=said.seen, people=lambda: reached(found).count())
    return _decided(request, decision, said, about, tab, decision.is_empty)


@screen("integrations.change_connector")
def save_limits(request: HttpRequest, number: int) -> HttpResponse:
    """Guard limits, pilot group and policy, sent together."""
    found = seen_connector(request, number)
    tab, about = _tab(found, "limits"), f"limits:{found.pk}"
    said = sent(request, about) if request.method == "POST" else None
    if said is None:
        return _back(request, tab)
    limits, policy = LimitsForm(found, asdict(Limit()), said.form), policy_form(found, said.form)
    is_right = limits.is_valid() & policy.is_valid()  # both say what is wrong with them
    if not is_right or said.is_again:
        return show(request, found, "limits", {"limits": limits, "policy": policy}, status=200 if is_right else 400)
    changes = {"guard": limits.guard(), "pilot": policy.pilot(), "policy": policy.policy()}
    decision = ChangeLimits(request.user, found, changes, seen=said.seen)  # type: ignore[arg-type]
    return _decided(request, decision, said, about, tab, decision.is_empty)


@screen("integrations.rotate_credential")
def rotate(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Type a new secret in the place of the old one."""
    found = seen_connector(request, number)
    setting = next((one for one in vendor_of(found).settings if one.kind == "secret" and one.key == name), None)
    if setting is None:
        raise Http404
    about = f"secret:{found.pk}:{name}"
    said = sent(request, about) if request.method == "POST" else Sent(request.POST)
    if said is None:
        return _back(request, _tab(found, "credentials"))
    form = SecretForm(said.form if request.method == "POST" and not said.is_again else None)
    if form.is_valid():
        decision = RotateCredential(request.user, found, name, form.cleaned_data["value"])  # type: ignore[arg-type]
        return _decided(request, decision, said, about, _tab(found, "credentials"))
    context = {"connector": found, "setting": setting, "label": _(setting.label), "form": form}
    status = 400 if form.errors else 200
    return page(request, "integrations/connectors/rotate.html", context, title=_("Replace a secret"), section="connectors", status=status)


@screen("integrations.test_connector")
def test(request: HttpRequest, number: int) -> HttpResponse:
    """Ask the other side now and show every step. Only after a press; a look at the address says what that would do."""
    found = seen_connector(request, number)
    decision = TestConnection(request.user, found)  # type: ignore[arg-type]
    if request.method != "POST":
        return decide(request, decision, back=reverse("connector", args=[found.pk]), section="connectors")
    began = clock.monotonic()
    decision.execute(request.POST.get("reason", ""))
    health, sight = decision.asked, sight_of(request.user)
    steps = [
        {
            "step": one,
            "next_step": _(one.error.next_step) if one.error and one.error.next_step else "",
            "sentence": _(one.error.sentence) if one.error else "",
            "detail": sight.answer(one.detail),
        }
        for one in health.steps
    ]
    found.refresh_from_db()
    context = {"health": health, "steps": steps, "seconds": clock.monotonic() - began, "failed": sum(not one.ok for one in health.steps)}
    return show(request, found, "health", health_of(request, found) | context)


def _tab(found: Connector, tab: str) -> str:
    return reverse("connector-tab", args=[found.pk, tab])


def _back(request: HttpRequest, tab: str) -> HttpResponse:
    """A look at the address of a form, or a preview that is too old to be pressed."""
    if request.method == "POST":
        messages.error(request, _("This preview is too old, or another one. Nothing was changed; please fill in the form again."))
    return HttpResponseRedirect(tab)


def _decided(request: HttpRequest, decision: Decision, said: Sent, about: str, tab: str, is_empty: bool = False) -> HttpResponse:
    if is_empty:
        messages.info(request, _("Nothing differs from what is stored."))
        return HttpResponseRedirect(tab)
    seen = said.seen or as_seen(decision.connector)  # type: ignore[attr-defined]
    return decide(request, decision, back=tab, section="connectors", carries=carry(request, about, said.form, seen))
