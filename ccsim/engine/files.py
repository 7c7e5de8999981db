"""What numba has compiled before, loaded from its files without what only compiling needs.

Whenever numba looks into one of its files it also gets ready to compile: it imports all that it knows of numpy, and with it SciPy's linear
algebra, which takes longer than numba itself; it compiles the functions by which it counts references; it imports the modules that every
compiled function was written in, its own among them; and it reads the function in LLVM's language beside the machine code. No function
needs any of it to be loaded. numba gets ready by itself once there is something to compile, and then reads of a loaded function what it
needs to compile another that calls it.

Two things are done more carefully than numba does them. Its files go stale with any of the engine's (`sources`), not only with a function's
own. And data are written before the index that names them, under a name that nobody else takes: numba's own order lets one of two processes
that compile at once load what the other made for other types, and lets code of yesterday pass for today's where one is killed in between.
"""

from __future__ import annotations

import io
import os
import pickle
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from llvmlite import binding as llvm
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile
from numba.core.codegen import JITCodeLibrary
from numba.core.environment import Environment, _rebuild_env, lookup_environment
from numba.core.runtime import _nrt_python as references  # type: ignore[attr-defined]

from ccsim.engine import sources

_LOADING: float = 3600.0  # s after which nobody is still about to load what an index named before
_named: list[str] = []  # what LLVM was told of the counting of references


class Files(FunctionCache):
    """numba's files of one function, looked for when it is first asked for."""

    def __init__(self, function: Callable[..., Any], from_python: bool) -> None:
        self._function = function
        self._from_python = from_python

    def __getattr__(self, name: str) -> Any:
        """Whatever numba sets up in the beginning: most functions are called by compiled ones only and never looked for."""
        if name.startswith("__") or "_impl" in self.__dict__:
            raise AttributeError(name)
        try:
            super().__init__(self._function)  # type: ignore[no-untyped-call]
        except RuntimeError:  # there is no directory to write to: nothing is kept, and each process compiles
            self._impl, self._cache_path, self._enabled = None, os.devnull, False
            return getattr(self, name)
        kept, self._impl = self._cache_file, _Loading(self._function, self._from_python)
        stamp = kept._source_stamp, sources.stamp()
        self._cache_file = _DataFile(kept._cache_path, self._impl.filename_base, stamp)  # type: ignore[no-untyped-call]
        return getattr(self, name)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The function for these types, or None; unlike numba's own this does not get ready to compile."""
        _name_references()
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]


def _name_references() -> None:
    """Tell LLVM where the functions lie by which arrays are counted; those that numba compiles itself come with whatever calls them."""
    if not _named:
        for name, address in references.c_helpers.items():
            _named.append(name if name.startswith("_") else f"NRT_{name}")
            llvm.add_symbol(_named[-1], address)


class _DataFile(IndexDataCacheFile):
    def save(self, key: Any, data: Any) -> None:
        """The data, then the index; what an earlier index named is taken away with the first of a new one."""
        name = self._data_name(uuid4().int >> 64)  # type: ignore[no-untyped-call]
        self._save_data(name, data)  # type: ignore[no-untyped-call]
        overloads = self._load_index()  # type: ignore[no-untyped-call]
        overloads[key] = name
        self._save_index(overloads)  # type: ignore[no-untyped-call]
        if len(overloads) == 1:
            for old in Path(self._cache_path).glob(self._data_name_pattern.format(number=0).replace(".0.nbc", ".*.nbc")):
                with suppress(FileNotFoundError):  # another process that compiles the same takes it away at the same time
                    if old.name != name and old.stat().st_mtime < time.time() - _LOADING:
                        old.unlink()

    def _load_data(self, name: str) -> Any:
        with open(self._data_path(name), "rb") as file:  # type: ignore[no-untyped-call]
            return _Unpickler(io.BytesIO(file.read())).load()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return _environment if name == "_rebuild_env" else super().find_class(module, name)


def _environment(module: str, constants: Any, name: str) -> Any:
    """The constants of a compiled function; the rest of its module is only looked at where Python's objects are worked with."""
    if not module.startswith("numba."):
        return _rebuild_env(module, constants, name)  # type: ignore[no-untyped-call]
    found = lookup_environment(name)  # type: ignore[no-untyped-call]
    if found is None:
        found = Environment({"__name__": module})
        found.consts[:] = constants
        found.env_name = name
        Environment._memo[name] = found
    return found


class _Loading(CompileResultCacheImpl):
    """Puts together what was read from the files; `from_python` says whether Python may call the function."""

    def __init__(self, function: Callable[..., Any], from_python: bool) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        self._from_python = from_python

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        """The function ready to be called."""
        (name, kind, (machine_code, bitcode)), description, *rest = payload
        known = target_context.codegen()._engine._defined_symbols
        known |= {description.llvm_func_name, description.env_name}
        if self._from_python:
            known.add(description.llvm_cpython_wrapper_name)
        code = name, kind, (machine_code, _nothing())
        made = super().rebuild(target_context, (code, description, *rest))  # type: ignore[no-untyped-call]
        made.library.__class__ = _Loaded
        made.library._bitcode, made.library._shared_module = bitcode, None
        return made


@cache
def _nothing() -> bytes:
    written: bytes = llvm.parse_assembly("").as_bitcode()
    return written


class _Loaded(JITCodeLibrary):
    """Machine code, and unread what it was made of."""

    _bitcode: bytes

    def _get_module_for_linking(self) -> Any:
        """What another function is compiled with that calls this one."""
        if self._shared_module is None:
            self._shared_module = llvm.parse_bitcode(self._bitcode)
            self._codegen._engine._load_defined_symbols(self._shared_module)  # type: ignore[no-untyped-call]
        return self._shared_module
