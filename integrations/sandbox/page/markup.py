"""HTML out of Python: everything is escaped unless it was built here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django.utils.functional import Promise

VOID = {"input", "meta", "link", "br"}


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | int | None | Promise | Iterable["Child"]  # a Promise is a text that is said in the reader's language


def e(name: str, /, *children: Child, **attributes: str | int | bool | Promise | None) -> Html:
    """An element. Attributes: `class_` → class, `aria_label` → aria-label; True is bare, False and None are left out."""
    words = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        words.append(attribute if value is True else f'{attribute}="{escape(str(value))}"')
    start = f"<{' '.join(words)}>"
    return Html(start if name in VOID else f"{start}{inner(children)}</{name}>")


def inner(children: Child) -> Html:
    """Children one after the other; None and empty ones are nothing."""
    if children is None:
        return Html("")
    if isinstance(children, Html):
        return children
    if isinstance(children, str | int | Promise):
        return Html(escape(str(children)))
    return Html("".join(inner(child) for child in children))
