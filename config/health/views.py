"""What probes ask: /healthz (is the process there?) and /readyz (does everything it needs work?)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.health.parts import CHECKS, NEEDED_TO_SERVE, Part, examine


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers. Touches no database, broker, cache or file."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part works, else 503; the JSON names each part.

    `?exclude=broker&exclude=cache` leaves parts out: a load balancer should, because pages work without them.
    """
    exclude = request.GET.getlist("exclude")
    if unknown := sorted(set(exclude) - set(CHECKS)):
        return JsonResponse({"status": "unknown part", "unknown": unknown, "parts": sorted(CHECKS)}, status=400)
    parts = examine(exclude)
    body = {"status": status_of(parts), "parts": {part.name: part.says for part in parts}}
    return JsonResponse(body, status=200 if all(part.works for part in parts) else 503)


def status_of(parts: list[Part]) -> str:
    """ready; degraded: pages and work go on, slower; down: they do not."""
    broken = {part.name for part in parts if not part.works}
    if not broken:
        return "ready"
    return "down" if broken & NEEDED_TO_SERVE else "degraded"
