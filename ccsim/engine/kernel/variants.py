"""The loop cut down to what a floor needs, before it is compiled.

numba compiles for half as long when the parts that a floor never comes to are not there at all. It would leave them out by itself where
an argument is None, but only after it has taken most of its passes over them.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any


class _Pruner(ast.NodeTransformer):
    """Settles what is known of some names: that they are None or False (`absent`), or that they are neither (`present`)."""

    def __init__(self, absent: tuple[str, ...], present: tuple[str, ...]) -> None:
        self._absent = absent
        self._present = present

    def _is_absent(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self._absent

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """`name is None`, `name is not None`."""
        known = isinstance(node.left, ast.Name) and node.left.id in self._absent + self._present
        if known and isinstance(node.ops[0], ast.Is | ast.IsNot):
            return ast.copy_location(ast.Constant(isinstance(node.ops[0], ast.Is) is self._is_absent(node.left)), node)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """`not name`."""
        if isinstance(node.op, ast.Not) and isinstance(node.operand, ast.Name) and node.operand.id in self._absent + self._present:
            return ast.copy_location(ast.Constant(self._is_absent(node.operand)), node)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """`and` and `or` of which a part is settled."""
        settles = isinstance(node.op, ast.Or)
        left = []
        for value in (self.visit(value) for value in node.values):
            if isinstance(value, ast.Constant) and isinstance(value.value, bool):
                if value.value is settles:
                    return ast.copy_location(ast.Constant(settles), node)
            else:
                left.append(value)
        if len(left) < 2:
            return left[0] if left else ast.copy_location(ast.Constant(not settles), node)
        node.values = left
        return node

    def visit_If(self, node: ast.If) -> ast.stmt | list[ast.stmt]:
        """Only the branch that is taken stays."""
        test = ast.Constant(False) if self._is_absent(node.test) else self.visit(node.test)
        if isinstance(test, ast.Constant):
            return [kept for line in (node.body if test.value else node.orelse) for kept in _listed(self.visit(line))]
        self.generic_visit(node)
        node.test = test
        return node


def _listed(node: Any) -> list[ast.stmt]:
    return node if isinstance(node, list) else [node]


class _Inliner(ast.NodeTransformer):
    """Puts the body of a function in the place of the line that calls it, so that both are compiled as one.

    The function returns nothing, and calls none of its variables as the caller calls one of its own, but for arguments of the same name.
    """

    def __init__(self, called: ast.FunctionDef) -> None:
        self._called = called

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | list[ast.stmt]:
        """The call: what its arguments are, then the body."""
        call = node.value
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == self._called.name):
            return node
        given: list[ast.stmt] = [
            ast.copy_location(ast.Assign([ast.Name(name.arg, ast.Store())], value), node)
            for name, value in zip(self._called.args.args, call.args, strict=True)
            if not (isinstance(value, ast.Name) and value.id == name.arg)
        ]
        return given + self._called.body[1:]  # without the docstring


def variant(
    function: Callable[..., Any],
    name: str,
    absent: tuple[str, ...] = (),
    present: tuple[str, ...] = (),
    inside: Callable[..., Any] | None = None,
) -> Callable[..., Any]:
    """The function as it would be written where the arguments `absent` are always None or False, and those `present` never.

    Its lines keep their numbers, and it lives in the same module. What it calls by the name of `inside` is written out in it.
    """
    module = inspect.getmodule(function)
    assert module is not None
    tree = ast.parse(inspect.getsource(module))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    written = functions[function.__name__]
    written.name = name
    if inside is not None:
        written = _Inliner(functions[inside.__name__]).visit(written)
    pruned = ast.fix_missing_locations(ast.Module([_Pruner(absent, present).visit(written)], []))
    found: dict[str, Any] = {}
    exec(compile(pruned, function.__code__.co_filename, "exec", dont_inherit=True, flags=0), module.__dict__, found)
    made: Callable[..., Any] = found[name]
    return made
