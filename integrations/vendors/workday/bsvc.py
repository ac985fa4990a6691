"""Names and small values of Workday's XML, namespace `urn:com.workday/bsvc`. Source: docs/vendors/workday.md §4 and §5."""

from __future__ import annotations

import sys

from lxml import etree

WD = "urn:com.workday/bsvc"

Element = etree._Element


class Tags:
    """`T.Worker_Data` is the qualified name of that element or attribute, made once and kept."""

    def __getattr__(self, name: str) -> str:
        qualified = sys.intern(f"{{{WD}}}{name}")
        setattr(self, name, qualified)
        return qualified


T = Tags()


def reference_ids(reference: Element | None) -> dict[str, str]:
    """A reference names the same thing by several id types: `{"WID": "3aa5…", "Employee_ID": "21001"}`."""
    if reference is None:
        return {}
    return {child.get(T.type) or "": (child.text or "").strip() for child in reference.iterchildren(T.ID)}


def day(text: str | None) -> str | None:
    """`2024-03-04-08:00` is the fourth of March wherever it is read: ten characters, never converted to UTC."""
    return text.strip()[:10] if text else None


def true(text: str | None) -> bool:
    return text is not None and text.strip() in ("1", "true")
