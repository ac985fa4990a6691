"""The page of the sandbox."""

from __future__ import annotations

from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.sandbox import Sandbox


def answer(sandbox: Sandbox, request: Request) -> Response:
    return Response.text("The sandbox of Meridian Works.")
