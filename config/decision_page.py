"""The page of a Decision: what would happen, the reason, the one button. Every button that changes something leads here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from config.admin_screens import LABELLED, page
from config.carried import AGAIN, NAME
from config.decisions import Decision, Effect
from config.errors import RollcallError
from config.parts.shapes import Button
from config.say import said, told


def decide(
    request: HttpRequest,
    decision: Decision,
    *,
    back: str,
    section: str | None = None,
    context: dict[str, Any] | None = None,
    carries: str = "",
) -> HttpResponse:
    """GET shows the preview; POST carries out and goes `back`, with a message that says what happened or why it did not.

    A decision that a form has filled in comes by POST already: it `carries` the form (config/carried.py), and only the button of the
    preview, which brings that back, carries it out.

    A reader who may not decide sees the preview and why the button is missing (403). A missing reason comes back with the page (400).
    Where nothing is left to decide, the page says so instead of a preview, and a button pressed on an older page does nothing (409).
    """
    over = decision.over()
    refusal = decision.refusal() or said(over)
    error = ""
    is_press = request.method == "POST" and (not carries or NAME in request.POST)
    if is_press and not refusal:
        try:
            decision.execute(request.POST.get("reason", ""))
        except ValidationError as missing:
            error = " ".join(missing.messages)
        except RollcallError as known:
            messages.error(request, told(known))
            return HttpResponseRedirect(back)
        else:
            usual = _("Done: %(what)s") % {"what": f"{decision.label} · {decision.object_label}".strip(" ·")}
            done = str(decision.done) or usual
            messages.success(request, f"{done}. {decision.afterwards}" if decision.afterwards else done)
            return HttpResponseRedirect(back)
    effect = Effect([]) if over else decision.preview()
    buttons = [Button(decision.label, tone="stop" if effect.danger else "go"), Button(_("Leave it") if carries else _("Back"), href=back)]
    if carries:
        buttons.insert(1, Button(_("Back to the form"), value="1", name=AGAIN))
    shown = {
        "decision": decision,
        "effect": effect,
        "is_over": bool(over),
        "refusal": refusal,
        "error": error,
        "buttons": buttons,
        "back": back,
        "carries": carries,
    }
    status = 409 if over else 403 if refusal else 400 if error else 200
    return page(request, "rollcall/decision.html", shown | (context or {}), title=str(decision.label), section=section, status=status)


class DecisionScreen(admin.ModelAdmin):
    """A screen with buttons for human verbs. `decisions`: verb in the address → what makes the Decision of this reader and row."""

    formfield_overrides = LABELLED
    decisions: ClassVar[Mapping[str, Callable[[Any, Any], Decision]]] = {}

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_decide"
        return [path("<path:object_id>/decide/<slug:verb>/", self.admin_site.admin_view(self.decide_view), name=name), *super().get_urls()]

    def decide_view(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None or verb not in self.decisions or not self.has_view_permission(request, row):
            raise Http404
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[quote(row.pk)])
        return decide(request, self.decisions[verb](request.user, row), back=back)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        row = context.get("original")
        context["decision_links"] = self._decision_links(request, row) if row else []
        return super().render_change_form(request, context, *args, **kwargs)

    def _decision_links(self, request: HttpRequest, row: Any) -> list[tuple[Any, str]]:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_decide"
        possible = ((verb, make(request.user, row)) for verb, make in self.decisions.items())
        return [(decision.label, reverse(name, args=[quote(row.pk), verb])) for verb, decision in possible if decision.may()]
