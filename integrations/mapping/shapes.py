"""What a stream's mapping may fill: attributes of a worker, of a unit, or the fields of a learning system."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from integrations.canonical import BY_KEY, UNIT_ATTRIBUTES, Attribute, Kind
from integrations.vendors import vendor_class

UNITS = {unit.key: Attribute(unit.key, unit.label, personal=False, max_length=300) for unit in UNIT_ATTRIBUTES}
NEEDED = {Kind.WORKER: ("given_name", "family_name"), Kind.UNIT: ("name",)}  # without these nothing can be done with a record


@dataclass(frozen=True)
class Shape:
    """`is_open`: fields we have no word for may be filled too. `is_out`: from our attributes into a target's fields."""

    attributes: dict[str, Attribute]
    needed: tuple[str, ...] = ()
    is_open: bool = False
    is_out: bool = False


WORKER = Shape(BY_KEY, NEEDED[Kind.WORKER])
UNIT = Shape(UNITS, NEEDED[Kind.UNIT])
LEARNER = Shape(BY_KEY, is_open=True)
OUTWARDS = Shape({}, is_open=True, is_out=True)
BY_KIND = {Kind.WORKER: WORKER, Kind.UNIT: UNIT, Kind.LEARNER: LEARNER}


@lru_cache(maxsize=500)
def shape_of(vendor: str, stream: str) -> Shape:
    """By what the vendor declares under that name: a target it writes, or a stream it reads. Raises NotSupported.

    A learning system that is read and written under one name has one mapping, outwards: what is read back is kept in its own words.
    """
    declared = vendor_class(vendor)
    if any(target.name == stream for target in declared.targets):
        return OUTWARDS
    return BY_KIND[Kind(declared.stream(stream).kind)]
