"""The base of everything a scenario is made of: frozen, no unknown fields, arrays that cannot be written to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Frozen(BaseModel):
    """A value object; two are equal if all their fields are, arrays element by element."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(_same(value, getattr(other, name)) for name, value in self)

    __hash__ = None  # type: ignore[assignment]  # arrays and mappings inside


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return type(one) is type(other) and np.array_equal(one, other)
    return bool(one == other)


def floats(numbers: Sequence[float] | Floats) -> Floats:
    """The numbers as an array of floats that cannot be written to."""
    array = np.array(numbers, dtype=np.float64)
    array.flags.writeable = False
    return array


def ints(numbers: Sequence[int] | Ints) -> Ints:
    """The numbers as an array of integers that cannot be written to."""
    array = np.array(numbers, dtype=np.int64)
    array.flags.writeable = False
    return array
