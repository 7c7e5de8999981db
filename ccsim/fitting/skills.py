"""Which call types a person takes, read off the calls it answered.

A type is not taken where, at the share it has of all answered calls, a person would have answered at least `EXPECTED` of it and answered
less than a tenth of that. A person of whom too little is known takes all types, as one does who was not there in the records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.estimate import coded

if TYPE_CHECKING:
    import pandas as pd

EXPECTED: Final = 12.0  # calls; a Poisson number of this mean is below a tenth of it with the chance 8e-5
SELDOM: Final = 0.1


@dataclass(frozen=True)
class Skills:
    """Types by person; all types for everybody else."""

    types: tuple[str, ...]
    known: dict[str, tuple[str, ...]]

    def takes(self, agent: str) -> tuple[str, ...]:
        """The types that a person takes."""
        return self.known.get(agent, self.types)


def fit_skills(frame: pd.DataFrame, types: tuple[str, ...] = ()) -> Skills:
    """What each person takes who stands in `frame` (as of `CallRecords`); `types` are all there are, where that is more than it has."""
    types = types or tuple(str(name) for name in dict.fromkeys(frame["call_type"]))
    some = frame[frame["agent"].notna().to_numpy()]
    if some.empty or len(types) < 2:
        return Skills(types, {})
    number = {name: place for place, name in enumerate(types)}
    kind: Any = some["call_type"].map(number).to_numpy(dtype=np.int64)
    people, agent = coded(some["agent"].to_numpy(dtype=object))
    counts = np.zeros((len(people), len(types)))
    np.add.at(counts, (agent, kind), 1.0)
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    refused = (expected >= EXPECTED) & (counts < SELDOM * expected)
    return Skills(
        types,
        {
            str(name): tuple(kind for kind, out in zip(types, row, strict=True) if not out)
            for name, row in zip(people, refused, strict=True)
            if row.any()
        },
    )
