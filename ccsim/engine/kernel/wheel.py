"""Finding the next bucket of the timing wheel (`records.Busy`) that holds an end."""

from __future__ import annotations

from typing import Any

from llvmlite import ir as llvm
from numba import types
from numba.extending import intrinsic


def _lowest(typing_context: Any, bits: Any) -> Any:
    """The place of the lowest bit of a number that is 1; there must be one. The processor has an instruction for it, numba no name."""

    def write(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.cttz(given[0], llvm.Constant(llvm.IntType(1), 1))

    return types.int64(types.int64), write


lowest: Any = intrinsic(_lowest)
