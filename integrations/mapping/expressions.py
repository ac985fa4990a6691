"""Where a value comes from: a field, a path, or a JMESPath expression over the payload. Plain Python.

Bounded without a clock: an expression may multiply its input at most GROWTH times (counted when it is compiled),
and what may multiply is only tried on records of reasonable weight. JMESPath itself has no loops.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from config.errors import MappingInvalid, ValueInvalid
from config.sentences import sentence
from integrations.mapping.closures import LeftToTheLibraryError, closure
from integrations.mapping.text import weight, within

Getter = Callable[[Any], Any]

LONGEST = 500  # characters, as the column
GROWTH = 64  # times; joining a dozen fields counts forty-eight
HEAVIEST = 200_000  # characters and items of a record that is given to an expression which can grow; an ordinary one has 5,000
# A field name as people write it: letters of any script, digits, spaces and hyphens inside; or anything in double quotes.
SEGMENT = r'(?:"[^"\\]+"|[^\W]+(?:[ \-]+[^\W]+)*)'
PLAIN_PATH = re.compile(rf"{SEGMENT}(?:\.{SEGMENT})*")


def source(path: str) -> Getter:
    """A function payload → raw value; None where the path leads nowhere. Raises MappingInvalid for what cannot be read.

    The function raises ValueInvalid when the data does not suit the expression, ValueTooLarge when its input is huge.
    """
    text = path.strip()
    if not text:
        raise MappingInvalid(sentence("the row says nothing about where its value is taken from"))
    if len(text) > LONGEST:
        raise MappingInvalid(sentence("the path is longer than %(longest)s characters", longest=LONGEST))
    if PLAIN_PATH.fullmatch(text):
        return _walk([part.strip('"') for part in re.findall(SEGMENT, text)])
    return _expression(text)


def roots(path: str) -> set[str]:
    """The top-level fields of the payload that the path may touch: what must not be dropped before translating."""
    text = path.strip()
    if PLAIN_PATH.fullmatch(text):
        return {re.findall(SEGMENT, text)[0].strip('"')}
    return _first_fields(_parsed(text).parsed)


def _walk(keys: list[str]) -> Getter:
    if len(keys) == 1:
        return _field(keys[0])
    *way, last = keys

    def get(payload: Any) -> Any:
        for key in way:
            payload = payload.get(key) if isinstance(payload, dict) else None
        return payload.get(last) if isinstance(payload, dict) else None

    return get


def _field(key: str) -> Getter:
    def get(payload: Any) -> Any:
        return payload.get(key)

    return get


def _parsed(text: str) -> Any:
    try:
        return jmespath.compile(text)
    except (JMESPathError, ValueError, RecursionError) as error:
        reason = str(error).split("\n")[0][:120]
        raise MappingInvalid(
            sentence(
                "“%(text)s” is not a path: %(reason)s. A field name with dots or brackets goes in double quotes",
                text=text[:80],
                reason=reason,
            )
        ) from error


def _expression(text: str) -> Getter:
    compiled = _parsed(text)
    grows = _growth(compiled.parsed)
    if grows > GROWTH:
        raise MappingInvalid(
            sentence(
                "“%(text)s” could make a value %(growth)s times larger than the record: use fewer lists", text=text[:80], growth=GROWTH
            )
        )
    search = _searcher(compiled, grows)

    def get(payload: Any) -> Any:
        try:
            return search(payload)
        except (JMESPathError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise ValueInvalid(
                sentence("“%(text)s” does not suit this record: %(error)s", text=text[:80], error=str(error)[:120])
            ) from error

    return get


def _searcher(compiled: Any, grows: int) -> Getter:
    """As closures, which watch their own size; else by the library, on records of reasonable weight."""
    try:
        return closure(compiled.parsed)
    except LeftToTheLibraryError:
        pass

    def search(payload: Any) -> Any:
        if grows > 1:
            within(weight(payload, HEAVIEST), HEAVIEST)
        return compiled.search(payload)

    return search


def _growth(node: dict[str, Any]) -> int:
    """How many times larger than its input the answer can be, at most. Raises MappingInvalid for what has no bound."""
    factor = 1
    children = [child for child in node.get("children", []) if isinstance(child, dict)]
    if node["type"] in ("multi_select_list", "multi_select_dict"):
        factor = max(1, len(children))
    elif node["type"] == "function_expression":
        if node["value"] not in Functions.FUNCTION_TABLE:
            raise MappingInvalid(
                sentence(
                    "there is no function %(node)s(); there are %(function_table)s",
                    node=node["value"],
                    function_table=sorted(Functions.FUNCTION_TABLE),
                )
            )
        if node["value"] == "join" and children and children[0]["type"] != "literal":
            raise MappingInvalid(sentence("the first part of join() must be written out, for instance join(', ', names)"))
        factor = 4 if node["value"] in ("to_string", "join") else max(1, len(children))  # quotes and backslashes double
    if node["type"] in ("or_expression", "and_expression"):  # one of the two is the answer
        return max(map(_growth, children))
    for child in children:
        factor *= _growth(child)
        if factor > GROWTH:
            return factor
    return factor


def _first_fields(node: dict[str, Any]) -> set[str]:
    """Fields asked of the payload itself: on the right of a dot or a pipe the payload is no longer what is asked."""
    if node["type"] == "field":
        return {node["value"]}
    if node["type"] == "current" or (node["type"] == "value_projection" and node["children"][0]["type"] == "identity"):
        raise MappingInvalid(sentence("the path must begin with the name of a field: only fields that are named are kept"))
    children = [child for child in node.get("children", []) if isinstance(child, dict)]
    if node["type"] in ("subexpression", "index_expression", "pipe", "projection", "filter_projection", "value_projection", "flatten"):
        children = children[:1]
    return set().union(*(_first_fields(child) for child in children)) if children else set()
