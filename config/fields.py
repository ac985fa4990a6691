"""Columns and look-ups that the hot paths need quicker than Django brings them.

Measured on 12,500 people: reading a JSON column with the standard library took 10 µs a value, orjson 2; an IN list of 2,000
parameters spent 5 ms in string handling before it was sent, one array parameter none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson
from django.db import models
from django.db.models import CharField, Field, ForeignKey
from django.db.models.lookups import In

PLAIN_WORD = re.compile(r"[a-z][a-z_ ]*")


class JSONField(models.JSONField):
    """A JSON column read by orjson. Same table column, same look-ups."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if not isinstance(value, str | bytes) or getattr(expression, "lookup_name", None):
            return super().from_db_value(value, expression, connection)
        return orjson.loads(value)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs


@Field.register_lookup
class AnyOf(In):
    """`field__any=[…]`: like `in` over plain values, but one array parameter on PostgreSQL, whatever the length."""

    lookup_name = "any"

    def get_prep_lookup(self) -> Any:
        return list(self.rhs)

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        left, params = self.process_lhs(compiler, connection)
        target = self.lhs.output_field.target_field if isinstance(self.lhs.output_field, ForeignKey) else self.lhs.output_field
        kind = str(target.rel_db_type(connection) if target.primary_key else target.db_type(connection))
        return f"{left} = ANY(%s::{kind.split('(')[0]}[])", [*params, array_literal(self.rhs)]


ForeignKey.register_lookup(AnyOf)


@CharField.register_lookup
class OneOf(In):
    """`state__one_of=[…]`: like `in`, for words of the program itself, which then stand in the statement and not beside it.

    SQLite takes an index with a condition only where the statement as written proves the condition, and a parameter proves nothing.
    Measured with 7,000 deliveries waiting: taking the next fifty 12 s with `in`, 2 ms with this. PostgreSQL is sent the values anyway.
    """

    lookup_name = "one_of"

    def get_prep_lookup(self) -> Any:
        words = [str(word) for word in self.rhs]
        if not all(PLAIN_WORD.fullmatch(word) for word in words):
            raise ValueError(f"one_of takes plain words, not {words}")
        return words

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        left, params = self.process_lhs(compiler, connection)
        words = ", ".join(f"'{word}'" for word in self.rhs)
        return f"{left} IN ({words})", list(params)


def array_literal(values: Iterable[int | str | None]) -> str:
    """A PostgreSQL array as text, without the empty values: the driver would quote it item by item."""
    present = [value for value in values if value is not None]
    if not present or isinstance(present[0], int):
        return "{" + ",".join(map(str, present)) + "}"
    quoted = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in present)
    return '{"' + '","'.join(quoted) + '"}'
