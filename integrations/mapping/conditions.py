"""When a row applies: a short comparison such as `row.status == "Active" and value != ""`. Plain Python.

simpleeval works it out, over two names only: `value` (what the source says, before any transform) and `row` (the fields of the
record). Before that the shape is checked: comparisons, and/or/not, lists, five functions; no arithmetic, no methods.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from simpleeval import EvalWithCompoundTypes, InvalidExpression

from config.errors import MappingInvalid, ValueInvalid
from config.sentences import sentence
from integrations.mapping.text import is_empty, weight, within

Condition = Callable[[Any, Any], bool]

LONGEST = 300  # characters, as the column
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "lower": lambda text: str.lower(text),
    "startswith": lambda text, start: str.startswith(text, start),
    "endswith": lambda text, end: str.endswith(text, end),
    "empty": is_empty,
}
ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt,
    ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.Name, ast.Load, ast.Constant, ast.List, ast.Tuple, ast.Call,
)  # fmt: skip
TROUBLE = (InvalidExpression, TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)


class _Fields(ast.NodeTransformer):
    """`row.address.city` and `row["address"]["city"]` become one name, so that nothing but field access is left of them."""

    def __init__(self) -> None:
        self.paths: dict[str, tuple[str, ...]] = {}

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self._field(node, node.attr)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if not isinstance(node.slice, ast.Constant) or not isinstance(node.slice.value, str):
            raise MappingInvalid(sentence('a field is named in quotes: row["Cost centre"]'))
        return self._field(node, node.slice.value)

    def _field(self, node: ast.Attribute | ast.Subscript, last: str) -> ast.AST:
        keys, inner = [last], node.value
        while isinstance(inner, ast.Attribute | ast.Subscript):
            if isinstance(inner, ast.Attribute):
                keys.append(inner.attr)
            elif isinstance(inner.slice, ast.Constant) and isinstance(inner.slice.value, str):
                keys.append(inner.slice.value)
            else:
                raise MappingInvalid(sentence('a field is named in quotes: row["Cost centre"]'))
            inner = inner.value
        if not isinstance(inner, ast.Name) or inner.id != "row":
            raise MappingInvalid(sentence("only the fields of the record can be reached: row.name"))
        name = f"row.{'.'.join(reversed(keys))}"
        self.paths[name] = tuple(reversed(keys))
        return ast.copy_location(ast.Name(id=name, ctx=ast.Load()), node)


class _Names:
    """What the names of one condition stand for, for one record. A field that is not there is None."""

    __slots__ = ("paths", "payload", "value")

    def __init__(self, paths: dict[str, tuple[str, ...]], value: Any, payload: Any) -> None:
        self.paths, self.value, self.payload = paths, value, payload

    def __getitem__(self, name: str) -> Any:
        found = self.value
        if name != "value":
            found = self.payload
            for key in self.paths[name]:
                found = found.get(key) if isinstance(found, dict) else None
        if not isinstance(found, str | int | float | None):
            within(weight(found))
        return found


def condition(expression: str) -> Condition | None:
    """A function (raw value, payload) → whether the row applies; None for no condition. Raises MappingInvalid.

    The function raises ValueInvalid when the condition cannot be worked out for a record (a comparison of text with nothing).
    """
    text = expression.strip()
    if not text:
        return None
    if len(text) > LONGEST:
        raise MappingInvalid(sentence("the condition is longer than %(longest)s characters", longest=LONGEST))
    tree, paths = _checked(text)

    def holds(value: Any, payload: Any) -> bool:
        try:
            names = _Names(paths, value, payload)
            return bool(EvalWithCompoundTypes(operators=None, functions=FUNCTIONS.copy(), names=names).eval(text, previously_parsed=tree))
        except TROUBLE as error:
            raise ValueInvalid(
                sentence("the condition “%(text)s” cannot be worked out: %(error)s", text=text[:80], error=str(error)[:120])
            ) from error

    return holds


def fields_of(expression: str) -> set[str]:
    """The top-level fields of the record that the condition looks at. Raises MappingInvalid."""
    return {keys[0] for keys in _checked(expression.strip())[1].values()} if expression.strip() else set()


def _checked(text: str) -> tuple[ast.AST, dict[str, tuple[str, ...]]]:
    try:
        tree = ast.parse(text, mode="eval")
        fields = _Fields()
        body = fields.visit(tree).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise MappingInvalid(
            sentence("the condition “%(text)s” cannot be read: %(error)s", text=text[:80], error=str(error)[:120])
        ) from error
    called = {id(node.func) for node in ast.walk(body) if isinstance(node, ast.Call)}
    for node in ast.walk(body):
        if not isinstance(node, ALLOWED):
            raise MappingInvalid(
                sentence(
                    "the condition “%(text)s” may compare and combine with and/or/not, not use %(name)s",
                    text=text[:80],
                    name=type(node).__name__,
                )
            )
        if isinstance(node, ast.Call) and (not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords):
            raise MappingInvalid(sentence("a condition knows the functions %(functions)s", functions=list(FUNCTIONS)))
        if isinstance(node, ast.Name) and node.id not in fields.paths and node.id != "value" and id(node) not in called:
            raise MappingInvalid(sentence("a condition knows value and row, not “%(id)s”; words stand in quotes", id=node.id))
    return body, fields.paths
