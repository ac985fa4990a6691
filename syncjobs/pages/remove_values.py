"""Remove what Rollcall set in a field of a learning system that no row fills any more: whom it would concern, and the button."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from config.admin_screens import screen
from config.decision_page import decide
from config.roles.masking import Sight, sight_of
from integrations.connectors.models import Connector
from integrations.mapping.versions import no_longer_filled
from syncjobs.plans.asked import set_by_others, set_by_us
from syncjobs.plans.decisions import RemoveValues
from syncjobs.plans.fields import OPEN_FIELDS

MOST_EXAMPLES = 5


@screen("integrations.view_mappingversion")
def remove_values(request: HttpRequest, key: str, stream: str, field: str) -> HttpResponse:
    """404 for a field that a row fills: what rows fill is changed by rows. Shows, and is about, nobody whom the reader does not see."""
    user: Any = request.user
    target = get_object_or_404(Connector, key=key, is_target=True)
    if field not in no_longer_filled(target, stream):
        raise Http404(field)
    decision, back = RemoveValues(user, target, field), reverse("mapping-edit", args=[key, stream])
    sight = sight_of(user)
    ours, others = (
        rows(target, field, decision.people).select_related("person").order_by("person_id") for rows in (set_by_us, set_by_others)
    )
    context = {
        "examples": [_example(one, field, sight) for one in ours[:MOST_EXAMPLES]],
        "staying": [_example(one, field, sight) for one in others[:MOST_EXAMPLES]],
    }
    answer = decide(request, decision, back=back, section="mappings", context=context)
    if decision.started:
        answer["Location"] = reverse("run", args=[decision.started[0].pk])
    elif isinstance(answer, TemplateResponse):
        answer.template_name = "syncjobs/remove_values.html"
    return answer


def _example(account: Any, field: str, sight: Sight) -> dict[str, Any]:
    value = account.held if field in OPEN_FIELDS else sight.value(account.held)
    return {"person": account.person_id, "name": sight.name(account.person.display_name) or account.person.public_id, "value": value}
