"""The sandbox behind any WSGI server. Faults that hang up cannot be played there and answer 503."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from integrations.sandbox.exchange import Headers, Request, Response

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def as_wsgi(answer: Callable[[Request], Response]) -> WsgiApp:
    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        response = answer(_request(environ))
        if response.drop:
            response = Response.text("The connection would be cut here.", status=503)
        headers = list(response.headers.items())
        if isinstance(response.body, bytes):
            headers.append(("Content-Length", str(len(response.body))))
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", headers)
        return [response.body] if isinstance(response.body, bytes) else response.body

    return app


def _request(environ: dict[str, Any]) -> Request:
    headers = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
    headers["Content-Type"] = environ.get("CONTENT_TYPE", "")
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace")  # bytes in Latin-1 clothes (PEP 3333)
    query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    base_url = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST') or environ['SERVER_NAME']}"
    client = environ.get("REMOTE_ADDR", "")
    return Request(environ["REQUEST_METHOD"], path or "/", query, Headers(headers), body, base_url, client)
