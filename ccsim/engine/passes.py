"""The steps by which numba compiles a function of the engine: those that our functions need, of the many that it has.

A third of the time that a first run compiles was spent in steps that look for what no function of ours has (parts to be run by Python,
loops over mixed tuples, overloads written in place), and in working out again and again which variables are still needed where, which
`_live_map` does by whole numbers in place of sets. The machine code is the same.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from types import BuiltinFunctionType, CodeType, ModuleType
from typing import Any

from llvmlite.binding import ffi
from numba.core import analysis, ssa, typed_passes, types, untyped_passes
from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.types import functions
from numba.core.typing import templates

from ccsim.engine.lowering import Lowering

_BEFORE_TYPES = (
    untyped_passes.RewriteSemanticConstants,
    untyped_passes.DeadBranchPrune,
    untyped_passes.GenericRewrites,
    untyped_passes.RewriteDynamicRaises,
    untyped_passes.InlineInlinables,
    untyped_passes.DeadBranchPrune,
    untyped_passes.ReconstructSSA,
    untyped_passes.DeadBranchPrune,
)
_OF_CLOSURES = untyped_passes.InlineClosureLikes, untyped_passes.MakeFunctionToJitFunction
_OF_ELEMENTS = operator.getitem, operator.setitem
_OF_NUMBERS = frozenset((*(made for made in vars(operator).values() if isinstance(made, BuiltinFunctionType)), abs, float, int, max, min))
_answers: dict[Any, Any] = {}  # what numba made of an operator, for what types
_ARITHMETIC = "unary", "binop", "call"  # where whole arrays may be worked with


@register_pass(mutates_CFG=True, analysis_only=False)  # type: ignore[no-untyped-call]
class _WholeArrays(typed_passes.NopythonRewrites):
    """numba's step that makes one loop of an expression of whole arrays, for functions that have one."""

    def run_pass(self, state: Any) -> bool:
        """Whether anything was rewritten."""
        made = (call.return_type for at, call in state.calltypes.items() if call is not None and getattr(at, "op", None) in _ARITHMETIC)
        if any(isinstance(kind, types.Array) for kind in made):
            return bool(super().run_pass(state))  # type: ignore[no-untyped-call]
        return False


class FewPasses(CompilerBase):
    """numba's compiler with few steps."""

    def __init__(self, *given: Any) -> None:
        with _as_if_imported("scipy.linalg.cython_blas", "numba.np.arraymath"):
            super().__init__(*given)  # type: ignore[no-untyped-call]

    def define_pipelines(self) -> list[Any]:
        """The steps, in the order of numba's own."""
        closures = any(isinstance(constant, CodeType) for constant in self.state.func_id.code.co_consts)
        steps = [
            *(() if self.state.func_ir is not None else (untyped_passes.TranslateByteCode, untyped_passes.FixupArgs)),
            untyped_passes.IRProcessing,
            *(_OF_CLOSURES if closures else ()),
            *_BEFORE_TYPES,
            typed_passes.NopythonTypeInference,
            typed_passes.PreLowerStripPhis,
            _WholeArrays,
            typed_passes.IRLegalization,
            typed_passes.AnnotateTypes,
            Lowering,
            typed_passes.NoPythonBackend,
        ]
        manager = PassManager("few passes")  # type: ignore[no-untyped-call]
        for step in steps:
            manager.add_pass(step, step.__name__)  # type: ignore[no-untyped-call]
        manager.finalize()  # type: ignore[no-untyped-call]
        return [manager]

    def _compile_core(self) -> Any:
        with _quicker():
            return super()._compile_core()  # type: ignore[no-untyped-call]


@contextmanager
def _as_if_imported(name: str, asking: str) -> Iterator[None]:
    """Within this, numba gets ready to compile, and asks by an import whether SciPy has linear algebra. It has, and need not load it."""
    if asking in sys.modules or name in sys.modules or find_spec(name.partition(".")[0]) is None:
        yield
        return
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]


@contextmanager
def _quicker() -> Iterator[None]:
    """Within this, numba does some things in our way. It compiles under a lock, so nobody else's functions are compiled meanwhile.

    It asks `_live_map`; it goes through the blocks that name a variable to rename it, not through all; it asks once what an operator makes
    of numbers, not for each use of it; functions of its own that ours call are compiled without those by which Python and C would call
    them; and nobody is told each time that LLVM is asked for something.
    """
    if analysis.compute_live_map is _live_map:  # for a function that another one calls
        yield
        return
    template: Any = templates._OverloadFunctionTemplate
    ways, call_type, live_map = template._get_jit_decorator, functions.BaseFunction.get_call_type, analysis.compute_live_map
    rewrite, lock = ssa._run_block_rewrite, ffi.lib._lock
    told = lock._cblist

    def rewrite_some(blocks: Any, states: Any, handler: Any) -> Any:
        found = {}
        for at, block in blocks.items():
            named = _named_in(block)
            found[at] = rewrite({at: block}, states, handler)[at] if states["varname"] in named else block  # type: ignore[no-untyped-call]
            found[at].named = named
        return found

    def get_call_type(self: Any, context: Any, args: Any, kws: Any) -> Any:
        if kws or not _is_plain(self.typing_key, args):
            return call_type(self, context, args, kws)
        asked = id(self), tuple(args)  # by itself: an equal one would not know of the answer
        if asked not in _answers:
            _answers[asked] = self, call_type(self, context, args, kws)
        return _answers[asked][1]

    analysis.compute_live_map, ssa._run_block_rewrite = _live_map, rewrite_some
    functions.BaseFunction.get_call_type = get_call_type  # type: ignore[method-assign]
    lock._cblist = []
    template._get_jit_decorator = lambda self: partial(ways(self), no_cpython_wrapper=True, no_cfunc_wrapper=True)
    try:
        yield
    finally:
        lock._cblist = told
        template._get_jit_decorator, analysis.compute_live_map, ssa._run_block_rewrite = ways, live_map, rewrite
        functions.BaseFunction.get_call_type = call_type  # type: ignore[method-assign]


def _named_in(block: Any) -> set[str]:
    """The variables of a block, or of the one that it was made of: by then they have other names, which nobody asks for."""
    found: set[str] | None = getattr(block, "named", None)
    return {name.name for line in block.body for name in line.list_vars()} if found is None else found


def _is_plain(key: Any, args: Any) -> bool:
    """Whether it is an operator or the like on numbers, or an element of an array."""
    plain: Any = types.Number, types.Boolean
    if key in _OF_ELEMENTS:
        plain = *plain, types.Array, types.UniTuple
    elif key not in _OF_NUMBERS:
        return False
    return all(isinstance(kind, plain) for kind in args)


def _live_map(graph: Any, blocks: Any, used: dict[int, set[str]], defined: dict[int, set[str]]) -> dict[int, set[str]]:
    """Return for each block the variables that must be there when it begins: used in it, or later and not defined in between.

    What `numba.core.analysis.compute_live_map` gives; a set of variables is a whole number with a bit for each.
    """
    place: dict[str, int] = {}

    def bits(names: Iterable[str]) -> int:
        return sum(1 << place.setdefault(name, len(place)) for name in names)

    order = list(graph.topo_order())
    before = {block: [other for other, _ in graph.predecessors(block)] for block in order}
    uses, defines = ({block: bits(names[block]) for block in blocks} for names in (used, defined))
    reach = dict.fromkeys(order, 0)  # what is defined or used in a block or on a way to it
    settled = False
    while not settled:
        settled = True
        for block in order:
            met = uses[block] | defines[block]
            for other in before[block]:
                met |= reach[other]
            if met != reach[block]:
                reach[block], settled = met, False
    alive = dict(uses)
    settled = False
    while not settled:
        settled = True
        for block in reversed(order):
            for other in before[block]:
                needed = alive[other] | alive[block] & reach[other] & ~defines[other]
                if needed != alive[other]:
                    alive[other], settled = needed, False
    names = list(place)
    return {block: {names[at] for at in _ones(alive[block])} for block in blocks}


def _ones(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
