"""JMESPath expressions as closures: the same answers as the library's interpreter, three to six times faster. Plain Python.

A default mapping of Workday holds twenty filters and alternatives, and a night has a hundred thousand records. The library parses
and knows the functions; only the walking is done here. What this page does not know (`&expressions`, slices, ordering) stays with the
library. tests/integrations/mapping/test_closures.py holds the two against each other on random expressions and data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jmespath.functions import Functions
from jmespath.visitor import TreeInterpreter

from integrations.mapping.text import weight, within

Get = Callable[[Any], Any]
Node = dict[str, Any]

_functions = Functions()


class LeftToTheLibraryError(Exception):
    """This node stays with the library."""


def closure(node: Node) -> Get:
    """Raises LeftToTheLibraryError for what only the library knows."""
    make = MAKERS.get(node["type"])
    if make is None:
        raise LeftToTheLibraryError(node["type"])
    return make(node)


def is_false(value: Any) -> bool:
    """JMESPath's own idea of false: nothing, False and what is empty; never a number."""
    return not value and (value is None or value is False or isinstance(value, str | list | dict))


def _parts(node: Node) -> list[Get]:
    return [closure(child) for child in node["children"]]


def _field(node: Node) -> Get:
    key = node["value"]
    return lambda value: value.get(key) if isinstance(value, dict) else None


def _index(node: Node) -> Get:
    position = node["value"]
    most = -position if position < 0 else position + 1
    return lambda value: value[position] if isinstance(value, list) and len(value) >= most else None


def _literal(node: Node) -> Get:
    constant = node["value"]
    return lambda _value: constant


def _itself(_node: Node) -> Get:
    return lambda value: value


def _chain(node: Node) -> Get:
    parts = _parts(node)
    if len(parts) == 2:
        first, second = parts
        return lambda value: second(first(value))

    def get(value: Any) -> Any:
        for part in parts:
            value = part(value)
        return value

    return get


def _or(node: Node) -> Get:
    choices = list(_choices(node))
    if all(choice["type"] == "field" for choice in choices):
        return _first_field([choice["value"] for choice in choices])
    parts = [closure(choice) for choice in choices]

    def get(value: Any) -> Any:
        found = None
        for part in parts:
            found = part(value)
            if found or not is_false(found):
                break
        return found

    return get


def _choices(node: Node) -> Iterator[Node]:
    """a || b || c, which is parsed as (a || b) || c, as one row of choices."""
    for child in node["children"]:
        if child["type"] == "or_expression":
            yield from _choices(child)
        else:
            yield child


def _first_field(keys: list[str]) -> Get:
    """The names a column may have, the likeliest first: what most rows of a file mapping ask."""

    def get(value: Any) -> Any:
        if not isinstance(value, dict):
            return None
        found = None
        for key in keys:
            found = value.get(key)
            if found or not is_false(found):
                break
        return found

    return get


def _and(node: Node) -> Get:
    left, right = _parts(node)

    def get(value: Any) -> Any:
        found = left(value)
        return found if is_false(found) else right(value)

    return get


def _not(node: Node) -> Get:
    (inner,) = _parts(node)
    return lambda value: is_false(inner(value))


def _comparator(node: Node) -> Get:
    if node["value"] not in ("eq", "ne"):
        raise LeftToTheLibraryError(node["value"])
    left, right = _parts(node)
    compare = TreeInterpreter.COMPARATOR_FUNC[node["value"]]
    return lambda value: compare(left(value), right(value))


def _projection(node: Node) -> Get:
    items, each = _parts(node)

    def get(value: Any) -> Any:
        found = items(value)
        if not isinstance(found, list):
            return None
        return [one for one in map(each, found) if one is not None]

    return get


def _filter(node: Node) -> Get:
    items, each, wanted = _parts(node)

    def get(value: Any) -> Any:
        found = items(value)
        if not isinstance(found, list):
            return None
        return [one for one in (each(item) for item in found if not is_false(wanted(item))) if one is not None]

    return get


def _flatten(node: Node) -> Get:
    (items,) = _parts(node)

    def get(value: Any) -> Any:
        found = items(value)
        if not isinstance(found, list):
            return None
        within(sum(len(item) if isinstance(item, list) else 1 for item in found))
        return [one for item in found for one in (item if isinstance(item, list) else (item,))]

    return get


def _list(node: Node) -> Get:
    parts = _parts(node)
    return lambda value: None if value is None else [part(value) for part in parts]


def _object(node: Node) -> Get:
    parts = [(child["value"], closure(child["children"][0])) for child in node["children"]]
    return lambda value: None if value is None else {key: part(value) for key, part in parts}


def _call(node: Node) -> Get:
    name, parts = node["value"], _parts(node)

    def get(value: Any) -> Any:
        given = [part(value) for part in parts]
        if name in ("join", "to_string"):
            within(sum(weight(one) for one in given) + (len(given[0]) * len(given[1]) if _is_join(name, given) else 0))
        return _functions.call_function(name, given)

    return get


def _is_join(name: str, given: list[Any]) -> bool:
    return name == "join" and len(given) == 2 and isinstance(given[0], str) and isinstance(given[1], list)


MAKERS: dict[str, Callable[[Node], Get]] = {
    "field": _field,
    "index": _index,
    "literal": _literal,
    "identity": _itself,
    "current": _itself,
    "subexpression": _chain,
    "index_expression": _chain,
    "pipe": _chain,
    "or_expression": _or,
    "and_expression": _and,
    "not_expression": _not,
    "comparator": _comparator,
    "projection": _projection,
    "filter_projection": _filter,
    "flatten": _flatten,
    "multi_select_list": _list,
    "multi_select_dict": _object,
    "function_expression": _call,
}
