"""Erlang's formulas, interval by interval: each a steady state of its own with the interval's calls and mean staff."""

from __future__ import annotations

import numpy as np

from ccsim.fitting.estimate import Floats
from ccsim.theory import ErlangA, ErlangC
from ccsim.theory.station import VARIANTS, Station
from ccsim.validation.learned import Plain
from ccsim.validation.reading import Grid


def by_formula(
    on: Grid, agents: Floats, plain: Plain, patient: bool, threshold: float, short: float
) -> tuple[dict[str, float], dict[str, Floats]]:
    """Measures of all calls and by interval in Erlang C (`patient`) or Erlang A; infinite waits where Erlang C is overloaded.

    `agents` [I] are mean on duty, and may be fractions; an interval with calls and nobody on duty counts as a tenth of a person. Where
    nobody was seen to hang up, Erlang A is Erlang C.
    """
    rate, there = on.calls / on.length, np.maximum(agents, 0.1)
    station: Station
    patient = patient or not np.isfinite(plain.patience)
    station = ErlangC(rate, plain.handle_time, there) if patient else ErlangA(rate, plain.handle_time, there, min(plain.patience, 1e7))
    gone = np.asarray(station.abandoned_fraction, dtype=float)
    found = {
        "offered": on.calls,
        "abandoned_fraction": gone,
        "mean_wait": np.asarray(station.mean_wait, dtype=float),
        "average_speed_of_answer": np.asarray(station.average_speed_of_answer, dtype=float),
        **{f"service_level_{name}": np.asarray(station.service_level(threshold, name, short), dtype=float) for name in VARIANTS},
    }
    answered, quick = on.calls * (1.0 - gone), on.calls * np.asarray(station.hung_up_within(short), dtype=float)
    weights = {
        "average_speed_of_answer": answered,
        "service_level_answered": answered,
        "service_level_excluding_short_abandons": on.calls - quick,
    }
    total = {"offered": float(on.calls.sum())}
    for name, values in found.items():
        if name != "offered":
            weight = weights.get(name, on.calls)
            used = weight > 0
            total[name] = float((weight[used] * values[used]).sum() / weight[used].sum()) if used.any() else float("nan")
    return total, found
