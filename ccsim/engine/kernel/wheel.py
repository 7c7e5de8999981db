"""Finding the next bucket of the timing wheel (`records.Busy`) that holds an end."""

from __future__ import annotations

from typing import Any

from llvmlite import ir as llvm
from numba import types
from numba.extending import intrinsic

from ccsim.engine.compiled import inlined
from ccsim.engine.kernel.records import BEHIND, WORD, WORD_SHIFT


def _lowest(typing_context: Any, bits: Any) -> Any:
    """The place of the lowest bit of a number that is 1; there must be one. The processor has an instruction for it, numba no name."""

    def write(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.cttz(given[0], llvm.Constant(llvm.IntType(1), 1))

    return types.int64(types.int64), write


lowest: Any = intrinsic(_lowest)


@inlined
def behind(wheel, next_in, filled, last_bucket, agent, at):  # type: ignore[no-untyped-def]
    """The agent whose end comes next after that of an agent, the first in bucket `at`, and its bucket; there must be one."""
    other = next_in[agent]
    if other < 0:
        bits = filled[(at & last_bucket) >> WORD_SHIFT] & (BEHIND << (at & WORD))
        while bits == 0:
            at = (at | WORD) + 1
            bits = filled[(at & last_bucket) >> WORD_SHIFT]
        at += lowest(bits) - (at & WORD)
        other = wheel[at & last_bucket]
    return other, at
