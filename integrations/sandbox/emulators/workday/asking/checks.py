"""Is this request what the schema allows? Every violation with the path of the element, in the vendor's words where they are known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from lxml import etree

from integrations.sandbox.emulators.workday.asking.faults import WD, Violation
from integrations.sandbox.emulators.workday.asking.schema import OBJECTS, PRIMITIVES, TYPES, ComplexType, Part

DATE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+)?(Z|[+-]\d\d:\d\d)?")
BOOLEANS = {"1": True, "true": True, "0": False, "false": False}


def violations(request: etree._Element, strict_order: bool) -> list[Violation]:
    """Everything wrong with a body element whose type bears its name. Children out of order count only with `strict_order`."""
    name = etree.QName(request).localname
    return list(_complex(request, TYPES[name], f"/wd:{name}[1]", strict_order))


def _complex(element: etree._Element, type_: ComplexType, path: str, strict: bool) -> Iterator[Violation]:
    yield from _attributes(element, {part.name: part for part in type_.attributes}, path)
    counts: dict[str, int] = {}
    reached = 0
    for child in element:
        name = etree.QName(child).localname
        counts[name] = counts.get(name, 0) + 1
        here = f"{path}/wd:{name}[{counts[name]}]"
        at = type_.place(name) if etree.QName(child).namespace == WD else -1
        if at < 0:
            yield Violation(f"Element '{name}' is not allowed here.", here)
            continue
        if strict and at < reached:
            yield Violation(f"Element '{name}' is out of order: '{type_.children[reached].name}' came before it.", here)
        reached = max(reached, at)
        if counts[name] > 1 and not type_.children[at].many:
            yield Violation(f"Element '{name}' may appear only once.", here)
        yield from _child(child, type_.children[at], here, strict)
    for part in type_.children:
        if part.least and part.name not in counts:
            yield Violation(f"Element '{part.name}' is required.", path)


def _child(element: etree._Element, part: Part, path: str, strict: bool) -> Iterator[Violation]:
    if part.type.startswith("->"):
        yield from _reference(element, part.type[2:], path)
    elif part.type in PRIMITIVES:
        yield from _attributes(element, {}, path)
        if len(element) or not _reads(part.type, element.text or ""):
            yield Violation(f"'{element.text or ''}' is not a valid value for '{part.name}'.", path)
    else:
        yield from _complex(element, TYPES[part.type], path, strict)


def _reference(element: etree._Element, target: str, path: str) -> Iterator[Violation]:
    yield from _attributes(element, {"Descriptor": Part("Descriptor", "string")}, path)
    ids = [child for child in element if child.tag == f"{{{WD}}}ID"]
    if len(ids) != len(element):
        yield Violation("A reference holds ID elements only.", path)
    if not ids:
        yield Violation("A reference needs an ID.", path)
    for number, child in enumerate(ids, 1):
        here = f"{path}/wd:ID[{number}]"
        yield from _attributes(child, {"type": Part("type", "string"), "parent_id": Part("", ""), "parent_type": Part("", "")}, here)
        kind = child.get(f"{{{WD}}}type")
        if kind is None:
            yield Violation("The attribute 'type' is required.", here)
        elif kind not in OBJECTS[target]:
            yield Violation(f"Invalid ID type.  '{kind}' is not a valid ID type for {target.replace('_', ' ')}.", here)


def _attributes(element: etree._Element, known: dict[str, Part], path: str) -> Iterator[Violation]:
    for name, raw in element.items():
        named, value = etree.QName(str(name)), str(raw)
        if named.namespace == "http://www.w3.org/2001/XMLSchema-instance":
            continue
        if named.namespace != WD or named.localname not in known:
            yield Violation(f"Attribute '{named.localname}' is not allowed here.", f"{path}/@{named.localname}")
        elif not _reads(known[named.localname].type, value):
            yield Violation(f"'{value}' is not a valid value for '{named.localname}'.", f"{path}/@wd:{named.localname}")


def _reads(type_: str, text: str) -> bool:
    text = text.strip()
    try:
        if type_ == "boolean":
            return text in BOOLEANS
        if type_ == "decimal":
            return Decimal(text).is_finite()
        if type_ == "date":  # a moment is taken too: a well-known client sends one as As_Of_Effective_Date
            return bool(as_date(text))
        if type_ == "dateTime":
            return bool(as_moment(text))
    except (ValueError, InvalidOperation):
        return False
    return True


def as_date(text: str) -> date:
    """The calendar day as written, whatever time or offset follows. Raises ValueError."""
    if not DATE.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is not a date")
    return date.fromisoformat(text.strip()[:10])


def as_moment(text: str) -> datetime:
    """A dateTime with its offset; without one it is read on the server's clock by the caller. Raises ValueError."""
    if "T" not in text:
        raise ValueError(f"{text!r} has no time")
    return datetime.fromisoformat(text.strip())
