"""Form fields as PHP reads them: bracketed names become nested arrays, and what is too much is dropped without a word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from integrations.sandbox.exchange import Request

_BRACKETS = re.compile(r"\[([^\]]*)\]")
MAX_NESTING = 64  # max_input_nesting_level

Params = dict[str, Any]  # values are text or nested dicts of the same; a list is a dict with keys "0", "1" …


def variables(request: Request, max_input_vars: int) -> Params:
    """GET and POST variables together, POST wins at the first level. A JSON body is not looked at."""
    merged = nested(request.query[:max_input_vars])
    if request.method == "POST":
        merged.update(nested(request.form()[:max_input_vars]))
    return merged


def nested(pairs: Iterable[tuple[str, str]]) -> Params:
    """("users[0][email]", "a@b") → {"users": {"0": {"email": "a@b"}}}; "values[]" takes the next free number."""
    root: Params = {}
    for name, value in pairs:
        _put(root, name, value)
    return root


def _put(root: Params, name: str, value: str) -> None:
    head, bracket, rest = name.partition("[")
    first = head.strip().replace(".", "_").replace(" ", "_")
    keys = _BRACKETS.findall(bracket + rest) if bracket and "]" in rest else []
    if not first or len(keys) > MAX_NESTING:
        return
    here, key = root, first
    for following in keys:
        inner = here.get(key)
        if not isinstance(inner, dict):  # a scalar in the way is replaced, as PHP does
            inner = here[key] = {}
        here, key = inner, following or _next(inner)
    here[key] = value


def _next(array: Params) -> str:
    return str(max((int(key) + 1 for key in array if key.isascii() and key.isdigit()), default=0))
