"""HTML out of Python: everything is escaped unless it was built here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

VOID = {"input", "meta", "link", "br"}


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | int | None | Iterable["Child"]


def e(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Html:
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
    if isinstance(children, str | int):
        return Html(escape(str(children)))
    return Html("".join(inner(child) for child in children))
