"""Who may steer the sandbox: people on this machine (or a trusted network), from its own pages or from a script."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from integrations.sandbox.exchange import Request, Response

LOOPBACK = ("127.0.0.0/8", "::1/128")
LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}


def refusal(request: Request, trusted: tuple[str, ...] = ()) -> Response | None:
    """A 403 for callers from elsewhere, for other sites' pages, and for names that merely point here; else None."""
    if not _is_trusted(request.client, (*LOOPBACK, *trusted)):
        return Response.text("The sandbox is steered from its own machine only.", status=403)
    if not trusted and _host(request) not in LOCAL_NAMES:
        return Response.text("The sandbox answers to the name localhost only.", status=403)
    if request.method not in ("GET", "HEAD") and _is_foreign(request):
        return Response.text("Another site may not steer the sandbox.", status=403)
    return None


def _is_trusted(client: str, networks: tuple[str, ...]) -> bool:
    try:
        address = ip_address(client)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in ip_network(network) for network in networks)


def _host(request: Request) -> str:
    return urlsplit(request.base_url).hostname or ""


def _is_foreign(request: Request) -> bool:
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return True
    origin = request.headers.get("origin")
    return origin is not None and origin != request.base_url
