"""How long a call takes a person: handle time and the pause after it, by call type, person and hour of the day.

The mean is a product of three factors, each found by making expected and observed sums agree (iterative proportional fitting). Each factor
is drawn towards 1 by as many mean calls as `SHRUNK` says, so that a person of few calls is taken for one like the others; this is the
credibility estimate of Bühlmann & Straub (1970). What one call departs from its mean is resampled from the records, type by type.

Sources: Deming & Stephan (1940), Annals of Mathematical Statistics 11(4); Bühlmann & Straub (1970), Glaubwürdigkeit für Schadensätze,
Mitteilungen der Vereinigung Schweizerischer Versicherungsmathematiker 70.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.estimate import Floats
from ccsim.fitting.pauses import pauses_of, reversed_curve, sample
from ccsim.fitting.service import JUST_COME, Service
from ccsim.validation.weights import Blocks

if TYPE_CHECKING:
    import pandas as pd

SHRUNK: Final = (30.0, 40.0, 100.0)  # calls: of a type, a person, an hour
FEW: Final = 100  # calls of a type, below which departures of all types are resampled
HOUR: Final = 3600.0
_ROUNDS: Final = 15

Codes = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Occupied:
    """The law of the time that a call takes."""

    mean: float  # s, of all calls
    by_type: Floats  # [T] s
    by_agent: dict[str, float]  # factor; 1 for who is not named here
    by_hour: Floats  # [24] factor
    pause: float  # s, the part of the mean that is the pause after the call
    departures: list[Floats]  # [T] each: what calls of the type took over what was expected, ascending
    steps: list[Floats]  # [T] each: cumulative chances of the departures

    def draw(self, kind: Codes, hour: Codes, uniform: Floats) -> Floats:
        """[N] times of calls of these types, before the person's factor [s]."""
        found = self.by_type[kind] * self.by_hour[hour]
        for number, (values, steps) in enumerate(zip(self.departures, self.steps, strict=True)):
            own = kind == number
            place = np.minimum(np.searchsorted(steps, uniform[own]), len(values) - 1)
            found[own] *= values[place]
        return found


@dataclass(frozen=True)
class OccupiedRecords:
    """The answered calls of the records, made ready for estimates under any weights of their days. C calls."""

    calls: Service
    handled: Floats  # [C] s
    kind: Codes  # [C]
    agent: Codes  # [C]
    people: tuple[str, ...]
    hour: Codes  # [C]
    block: Blocks  # [C]
    types: int

    def estimate(self, weights: Floats) -> Occupied:
        """The law, with the days (or pieces of them) weighted."""
        weight = weights[self.block]
        whole = self.calls.stays & (self.calls.waited > JUST_COME)
        chosen = sample(self.calls)
        values, chances = reversed_curve(self.calls.gap[chosen], whole[chosen], weight[chosen])
        pause = pauses_of(self.calls, values, chances)
        time = self.handled + pause
        total = float(weight.sum())
        mean = float((weight * time).sum() / total)
        codes = (self.kind, self.agent, self.hour)
        factors = [np.ones(count) for count in (self.types, len(self.people), 24)]
        taken = [np.bincount(code, weights=weight * time, minlength=len(f)) for code, f in zip(codes, factors, strict=True)]
        for _ in range(_ROUNDS):
            for place, few in enumerate(SHRUNK):
                others: Floats = mean * weight
                for other, code in enumerate(codes):
                    if other != place:
                        others = others * factors[other][code]
                expected = np.bincount(codes[place], weights=others, minlength=len(factors[place]))
                factors[place] = (taken[place] + few * mean) / (expected + few * mean)
        fitted = mean * factors[0][self.kind] * factors[1][self.agent] * factors[2][self.hour]
        # Factors of people have the mean 1 over the calls, so that somebody new is like a mean call's person.
        level = float((weight * factors[1][self.agent]).sum() / total)
        agents = {name: float(factor / level) for name, factor in zip(self.people, factors[1], strict=True)}
        departures, steps = self._departures(time / fitted, weight)
        return Occupied(
            mean, mean * factors[0] * level, agents, factors[2], float((weight * pause).sum() / total), departures, steps
        )  # fmt: skip

    def _departures(self, ratio: Floats, weight: Floats) -> tuple[list[Floats], list[Floats]]:
        values, steps = [], []
        for number in range(self.types):
            own = (self.kind == number) & (weight > 0)
            if own.sum() < FEW:
                own = weight > 0
            order = np.argsort(ratio[own], kind="stable")
            values.append(ratio[own][order])
            cumulated = np.cumsum(weight[own][order])
            steps.append(cumulated / cumulated[-1])
        return values, steps


def occupied_records(frame: pd.DataFrame, calls: Service, types: tuple[str, ...], block: Blocks) -> OccupiedRecords:
    """The answered calls of `frame`; `block` [N] tells the day of each of its rows."""
    number = {name: place for place, name in enumerate(types)}
    kind = np.array([number[name] for name in frame["call_type"].to_numpy(dtype=object)[calls.place]], dtype=np.int64)
    people, agent = np.unique(calls.agent.astype(str), return_inverse=True)
    hour = ((calls.answered % 86400.0) // HOUR).astype(np.int64)
    return OccupiedRecords(
        calls, calls.ended - calls.answered, kind, agent.astype(np.int64), tuple(str(name) for name in people), hour,
        block[calls.place], len(types),
    )  # fmt: skip
