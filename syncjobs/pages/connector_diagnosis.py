"""What support needs to know of a connector: to read, to copy, or as a file."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from config.admin_screens import page, screen
from integrations.connectors.models import Connector
from syncjobs.explain.diagnosis import diagnosis
from syncjobs.pages.connector import seen_connector


@screen("integrations.test_connector")
def diagnosis_page(request: HttpRequest, number: int) -> HttpResponse:
    found = seen_connector(request, number)
    context = {"connector": found, "text": _text(found)}
    return page(request, "integrations/connectors/diagnosis.html", context, title=_("Diagnosis for support"), section="connectors")


@screen("integrations.test_connector")
def diagnosis_file(request: HttpRequest, number: int) -> HttpResponse:
    found = seen_connector(request, number)
    answer = HttpResponse(_text(found), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="rollcall-diagnosis-{found.key}.json"'
    return answer


def _text(found: Connector) -> str:
    return json.dumps(diagnosis(found), indent=1, ensure_ascii=False)
