"""A fast look ahead for the card: the queue as a birth-and-death chain, from every queue length at once.

Calls come at the rate of the clock, an agent ends a call at the rate 1 / mean handle time, who waits hangs up at the rate 1 / mean
patience: M(t)/M/s(t)+M. What is looked at is a mean over the futures of a state, so one backward equation gives it for all states,

    -dV/dt = Q(t) V + r(t),  V(end) = 0,   r(t, x) = rate of calls that would have to wait longer than the target wait in state x,

solved by implicit steps (backward Euler: positive and stable whatever the step), for many cells one after another, compiled. A call
that comes when x are there waits until x - s + 1 have left: longer than w, by the mean of that time, if x - s + 1 > s m (exp(h w) - 1) / h,
with m the rate of ends of calls and h that of hang-ups (s m w where nobody hangs up). Source: Garnett, Mandelbaum & Reiman (2002),
Designing a call center with impatient customers, Manufacturing & Service Operations Management 4(3), for the model.
"""

from __future__ import annotations

import numpy as np

from ccsim.engine.compiled import entry
from ccsim.engine.floor import Floats


def expected_over(
    rate: Floats, agents: Floats, counted: Floats, ends: Floats, hang_ups: Floats, wait: float, step: float, most: int
) -> Floats:
    """Calls expected to wait longer than `wait` [s], from each number of calls there at the beginning. [most + 1, K]

    rate: calls a second in each step and cell [T, K]; agents: on duty [T, K]; counted: 1 in the steps whose calls count [T, K]; ends,
    hang_ups: rates of one agent and one caller [K]; step: [s]; most: the most calls there may be.
    """
    columns = (np.ascontiguousarray(table.T) for table in (rate, agents, counted))
    value = np.zeros((rate.shape[1], most + 1))
    _solve(*columns, ends, hang_ups, wait, step, value)
    return value.T


@entry
def _solve(rate, agents, counted, ends, hang_ups, wait, step, value):  # type: ignore[no-untyped-def]
    """Cell by cell, and back in time step by step: (1 + leave + come) V[x] - leave V[x - 1] - come V[x + 1] = known[x], by elimination.

    rate, agents, counted [K, T]; `value` [K, X], 0 at first, is what is found.
    """
    cells, steps = rate.shape
    states = value.shape[1]
    upper = np.empty(states)
    for k in range(cells):
        known, patient = value[k], max(hang_ups[k], 1e-9)
        for t in range(steps - 1, -1, -1):
            s = max(agents[k, t], 1e-9)
            come = step * rate[k, t]
            gain = come * counted[k, t]
            too_long = s * ends[k] * np.expm1(min(patient * wait, 50.0)) / patient
            upper[0] = come / (1.0 + come)
            known[0] = (known[0] + (gain if 1.0 - s > too_long else 0.0)) / (1.0 + come)
            for x in range(1, states):
                leave = step * (ends[k] * min(float(x), s) + hang_ups[k] * max(x - s, 0.0))
                on = come if x < states - 1 else 0.0
                pivot = 1.0 / (1.0 + leave + on - leave * upper[x - 1])
                upper[x] = on * pivot
                late = gain if x - s + 1.0 > too_long else 0.0
                known[x] = (known[x] + late + leave * known[x - 1]) * pivot
            for x in range(states - 2, -1, -1):
                known[x] += upper[x] * known[x + 1]
