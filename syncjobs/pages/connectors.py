"""All connectors: the state of each in a word, its last success, its next run and its open troubles."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from config import clock
from config.admin_screens import page, screen
from config.errors import by_code
from config.roles.scopes import scoped_for
from integrations.connectors.models import Connector
from integrations.vendors import vendor_class
from syncjobs.pages.connector_rows import ConnectorRow, connector_rows

TROUBLED = ("action needed", "down", "late")


@screen("integrations.view_connector")
def connectors(request: HttpRequest) -> HttpResponse:
    seen = set(scoped_for(request.user, Connector.objects.all()).values_list("pk", flat=True))
    rows = [row for row in connector_rows(clock.now(), {}) if row.connector.pk in seen]
    context: dict[str, Any] = {
        "sources": [_line(row) for row in rows if not row.connector.is_target],
        "targets": [_line(row) for row in rows if row.connector.is_target],
        "troubled": [row for row in rows if row.state in TROUBLED],
        "all": len(rows),
        "may_add": request.user.has_perm("integrations.add_connector"),
        "may_test": request.user.has_perm("integrations.test_connector"),
    }
    return page(request, "integrations/connectors/list.html", context, title=_("Connectors"), section="connectors")


def _line(row: ConnectorRow) -> dict[str, Any]:
    trouble = _(by_code(row.issues[-1].code)().sentence) if row.issues else ""
    return {"row": row, "kind": _(vendor_class(row.connector.vendor).label), "trouble": trouble}
