"""What numba writes for LLVM when it compiles a function of the engine: less of it, for the same machine code.

Two things make most of what LLVM has to read and take away again. numba gives a variable that is used in several blocks a place in memory,
arrays with all that is known of them, and reads all of it at each use; here a variable that is assigned once, in a block that comes before
each of its uses, is a value and has no place. And the function by which Python calls takes hold of each array and lets go of it again, with
a way out of each step; here it reads the arrays, which whoever calls holds.

Functions that make arrays count references to them, and are written in numba's own way but for that.
"""

from __future__ import annotations

import operator
from collections import Counter, defaultdict
from typing import Any

from llvmlite import ir as llvm
from numba.core import analysis, cgutils, ir, lowering, typed_passes, types
from numba.core.callwrapper import PyCallWrapper
from numba.core.compiler_machinery import register_pass
from numba.cpython import slicing

_READ_ARRAY = "numba_adapt_ndarray"  # numba's own: what an array is, without taking hold of it
_POWERS = operator.pow, operator.ipow  # numba has other ways for some constants
_NUMBERS = types.Number, types.Boolean


class _Lower(lowering.Lower):
    """numba's writer, without places for variables that need none."""

    def _find_singly_assigned_variable(self) -> None:
        super()._find_singly_assigned_variable()  # type: ignore[no-untyped-call]
        self._values: dict[str, list[Any]] = defaultdict(list)  # what each variable is given
        if self.generator_info:
            return
        times: Counter[str] = Counter()
        place: dict[str, int] = {}
        for at, block in self.blocks.items():
            for line in block.find_insts(ir.Assign):
                times[line.target.name] += 1
                place[line.target.name] = at
                self._values[line.target.name].append(line.value)
        uses = defaultdict(list)
        for at, names in analysis.compute_use_defs(self.blocks).usemap.items():  # type: ignore[no-untyped-call]
            for name in names:
                uses[name].append(at)
        before = analysis.compute_cfg_from_blocks(self.blocks).dominators()  # type: ignore[no-untyped-call]
        for name, assigned in times.items():
            if assigned == 1 and self._counts_nothing(name) and all(place[name] < at and place[name] in before[at] for at in uses[name]):
                self._singly_assigned_vars.add(name)

    def _counts_nothing(self, name: str) -> bool:
        """Whether no references are counted to what the variable holds."""
        return not self.context.enable_nrt or not self.context.data_model_manager[self.typeof(name)].contains_nrt_meminfo()  # type: ignore[no-untyped-call]

    def storevar(self, value: Any, name: str, argidx: int | None = None) -> None:
        """Remember the value, or write it to the variable's place."""
        if not self._counts_nothing(name):
            super().storevar(value, name, argidx)  # type: ignore[no-untyped-call]
        elif name in self._singly_assigned_vars:
            self._blk_local_varmap[name] = value
        else:
            self.builder.store(value, self.getvar(name))  # type: ignore[no-untyped-call]

    def delvar(self, name: str) -> None:
        """Nothing is left to be done where no references are counted."""
        if not self._counts_nothing(name):
            super().delvar(name)  # type: ignore[no-untyped-call]

    def lower_binop(self, resty: Any, expr: Any, op: Any) -> Any:
        """Two numbers, one operation: of those only powers have a way of their own for constants."""
        kinds = [self.typeof(side.name) for side in (expr.lhs, expr.rhs)]  # type: ignore[no-untyped-call]
        if op in _POWERS or not all(isinstance(kind, _NUMBERS) for kind in kinds):
            return super().lower_binop(resty, expr, op)  # type: ignore[no-untyped-call]
        signature = self.fndesc.calltypes[expr]
        given = [
            self.context.cast(self.builder, self.loadvar(side.name), kind, wanted)  # type: ignore[no-untyped-call]
            for side, kind, wanted in zip((expr.lhs, expr.rhs), kinds, signature.args, strict=True)
        ]
        known = self.context.typing_context
        operation = known.resolve_value_type(op)
        called = operation.get_call_type(known, signature.args, {})
        made = self.context.get_function(operation, called)(self.builder, given)
        return self.context.cast(self.builder, made, signature.return_type, resty)

    def lower_expr(self, resty: Any, expr: Any) -> Any:
        """Arrays know nothing of constant places, which numba finds out each time."""
        if expr.op == "static_getitem" and expr.index_var is not None and isinstance(self.typeof(expr.value.name), types.Array):  # type: ignore[no-untyped-call]
            return self.lower_getitem(resty, expr, expr.value, expr.index_var, self.fndesc.calltypes[expr])
        return super().lower_expr(resty, expr)  # type: ignore[no-untyped-call]

    def lower_inst(self, inst: Any) -> Any:
        """As above."""
        if isinstance(inst, ir.StaticSetItem) and isinstance(self.typeof(inst.target.name), types.Array):  # type: ignore[no-untyped-call]
            return self.lower_setitem(inst.target, inst.index_var, inst.value, self.fndesc.calltypes[inst])
        return super().lower_inst(inst)  # type: ignore[no-untyped-call]

    def lower_getitem(self, resty: Any, expr: Any, value: Any, index: Any, signature: Any) -> Any:
        """A number or a record of an array."""
        kind = signature.args[0]
        at = self._place(kind, value, index, signature.args[1])
        if at is None:
            return super().lower_getitem(resty, expr, value, index, signature)  # type: ignore[no-untyped-call]
        found = self.context.unpack_value(self.builder, kind.dtype, at, align=None if kind.aligned else 1)
        return self.context.cast(self.builder, found, signature.return_type, resty)

    def lower_setitem(self, target_var: Any, index_var: Any, value_var: Any, signature: Any) -> Any:
        """A number into an array."""
        kind, index, _ = signature.args
        given = self.typeof(value_var.name)  # type: ignore[no-untyped-call]
        simple = isinstance(given, _NUMBERS) and isinstance(kind, types.Array) and isinstance(kind.dtype, _NUMBERS)
        at = self._place(kind, target_var, index_var, index) if simple else None
        if at is None:
            return super().lower_setitem(target_var, index_var, value_var, signature)  # type: ignore[no-untyped-call]
        value = self.context.cast(self.builder, self.loadvar(value_var.name), given, kind.dtype)  # type: ignore[no-untyped-call]
        self.context.pack_value(self.builder, kind.dtype, value, at, align=None if kind.aligned else 1)
        return None

    def _place(self, kind: Any, array: Any, index: Any, index_kind: Any) -> Any:
        """Where the element of an array stands that has a number for each dimension; None for anything else."""
        in_tuple = isinstance(index_kind, types.BaseTuple)
        kinds = tuple(index_kind) if in_tuple else (index_kind,)
        if type(kind) is not types.Array or self.typeof(array.name) != kind:  # type: ignore[no-untyped-call]
            return None
        if len(kinds) != kind.ndim or not all(isinstance(one, types.Integer) for one in kinds):
            return None
        if not isinstance(kind.dtype, (*_NUMBERS, types.Record)):
            return None
        builder, context = self.builder, self.context
        found = self.loadvar(array.name)  # type: ignore[no-untyped-call]
        field = context.data_model_manager[kind].get_field_position
        data, shapes, strides = (builder.extract_value(found, field(name)) for name in ("data", "shape", "strides"))
        shape = [builder.extract_value(shapes, axis) for axis in range(kind.ndim)]
        given = self.loadvar(index.name)  # type: ignore[no-untyped-call]
        given = context.cast(builder, given, self.typeof(index.name), index_kind)  # type: ignore[no-untyped-call]
        numbers = [builder.extract_value(given, axis) for axis in range(kind.ndim)] if in_tuple else [given]
        from_end = self._counted_from_the_end(index.name, kind.ndim)
        numbers = [self._from_the_front(*one) for one in zip(numbers, kinds, shape, from_end, strict=True)]
        checked = bool(context.enable_boundscheck)
        if kind.ndim == 1 and kind.layout == "C" and not checked:
            return builder.gep(data, numbers)
        steps = [builder.extract_value(strides, axis) for axis in range(kind.ndim)]
        return cgutils.get_item_pointer2(context, builder, data, shape, steps, kind.layout, numbers, boundscheck=checked)  # type: ignore[no-untyped-call]

    def _counted_from_the_end(self, index: str, dimensions: int) -> list[bool]:
        """Of each dimension, whether a constant below 0 is written there, such as in `values[-1]` or `table[-1, j]`."""
        value = self._only_value(index)
        parts = value.items if isinstance(value, ir.Expr) and value.op == "build_tuple" else None
        if parts is not None:
            constants = [_constant(self._only_value(part.name)) for part in parts]
        else:
            written = _constant(value)
            constants = list(written) if isinstance(written, tuple) else [written]
        return [isinstance(one, int) and one < 0 for one in constants] if len(constants) == dimensions else [False] * dimensions

    def _only_value(self, name: str) -> Any:
        """What the variable is given, where that is done once."""
        found = self._values.get(name, ())
        value = found[0] if len(found) == 1 else None
        return self._only_value(value.name) if isinstance(value, ir.Var) else value

    def _from_the_front(self, number: Any, kind: Any, size: Any, from_end: bool) -> Any:
        """The place of an element along a dimension. Only a constant may count from its end: numbers worked out are never negative."""
        if not kind.signed:
            return self.context.cast(self.builder, number, kind, types.uintp)
        number = self.context.cast(self.builder, number, kind, types.intp)
        return slicing.fix_index(self.builder, number, size) if from_end else number  # type: ignore[no-untyped-call]

    def create_cpython_wrapper(self, release_gil: bool = False) -> None:
        """The function by which Python calls."""
        if self.genlower or not _without_arrays(self.fndesc.restype):
            super().create_cpython_wrapper(release_gil)  # type: ignore[no-untyped-call]
            return
        module = self.context.create_module("wrapper")
        kind = self.call_conv.get_function_type(self.fndesc.restype, self.fndesc.argtypes)
        callee = llvm.Function(module, kind, self.fndesc.llvm_func_name)
        _Wrapper(self.context, module, callee, self.fndesc, self.env, self.call_helper, release_gil).build()  # type: ignore[no-untyped-call]
        self.library.add_ir_module(module)


def _constant(value: Any) -> Any:
    """What is written in the code or known around it; None for anything that is worked out."""
    return value.value if isinstance(value, ir.Const | ir.Global | ir.FreeVar) else None


def _without_arrays(kind: Any) -> bool:
    """Whether a value of this type is nothing but numbers."""
    if isinstance(kind, types.BaseTuple):
        return all(map(_without_arrays, _members(kind)))
    return isinstance(kind, (*_NUMBERS, types.NoneType))


def _members(kind: Any) -> tuple[Any, ...]:
    return tuple(kind)


class _Wrapper(PyCallWrapper):
    """Reads what Python passes and calls the function. Whoever calls holds the arrays, and nothing of them is given back."""

    def build_wrapper(self, api: Any, builder: Any, closure: Any, args: Any, kws: Any) -> None:
        """Write it. By then numba has looked at the types of what is passed, so only numbers may turn out not to fit."""
        nothing = api.get_null_object()
        kinds = self.fndesc.argtypes
        objects = [api.alloca_obj() for _ in kinds]
        parsed = api.unpack_tuple(args, self.fndesc.qualname, len(kinds), len(kinds), *objects)
        with cgutils.if_unlikely(builder, builder.icmp_unsigned("==", parsed, llvm.Constant(parsed.type, None))):  # type: ignore[no-untyped-call]
            builder.ret(nothing)
        environment = self.get_env(api, builder)  # type: ignore[no-untyped-call]
        given = [
            None if isinstance(kind, types.Omitted) else self._read(api, builder, kind, builder.load(at))
            for kind, at in zip(kinds, objects, strict=True)
        ]
        with cgutils.if_unlikely(builder, api.c_api_error()):  # type: ignore[no-untyped-call]
            builder.ret(nothing)
        thread = api.save_thread() if self.release_gil else None
        status, returned = self.context.call_conv.call_function(builder, self.func, self.fndesc.restype, kinds, given, attrs=("noinline",))
        if thread is not None:
            api.restore_thread(thread)
        with builder.if_then(status.is_ok, likely=True):
            with builder.if_then(status.is_none):
                api.return_none()
            builder.ret(api.from_native_return(self._simplified_return_type(), returned, environment))  # type: ignore[no-untyped-call]
        self.context.call_conv.raise_error(builder, api, status)
        builder.ret(nothing)

    def _read(self, api: Any, builder: Any, kind: Any, given: Any) -> Any:
        if isinstance(kind, types.Array):
            read = cgutils.alloca_once(builder, self.context.get_value_type(kind))  # type: ignore[no-untyped-call]
            shape = llvm.FunctionType(llvm.IntType(32), [api.pyobj, api.voidptr])
            reader = cgutils.get_or_insert_function(builder.module, shape, _READ_ARRAY)  # type: ignore[no-untyped-call]
            builder.call(reader, [given, builder.bitcast(read, api.voidptr)])
            return builder.load(read)
        if isinstance(kind, types.BaseTuple):
            members = [self._read(api, builder, member, api.tuple_getitem(given, at)) for at, member in enumerate(_members(kind))]
            return self.context.make_tuple(builder, kind, members)
        return api.to_native_value(kind, given).value


@register_pass(mutates_CFG=True, analysis_only=False)  # type: ignore[no-untyped-call]
class Lowering(typed_passes.NativeLowering):
    """numba's step that writes a function for LLVM."""

    @property
    def lowering_class(self) -> Any:
        """Who writes it."""
        return _Lower
