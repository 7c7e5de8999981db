"""A fast look ahead for the card: the queue as a birth-and-death chain, from every queue length at once.

Calls come at the rate of the clock, an agent ends a call at the rate 1 / mean handle time, who waits hangs up at the rate 1 / mean
patience: M(t)/M/s(t)+M. What is looked at is a mean over the futures of a state, so one backward equation gives it for all states,

    -dV/dt = Q(t) V + r(t),  V(end) = 0,   r(t, x) = rate of calls that would have to wait longer than the target wait in state x,

solved by implicit steps (backward Euler: positive and stable whatever the step), for many cells side by side. A call that comes when x are
there waits until x - s + 1 have left: longer than w, by the mean of that time, if x - s + 1 > s m (exp(h w) - 1) / h, with m the rate of
ends of calls and h that of hang-ups (s m w where nobody hangs up). Source: Garnett, Mandelbaum & Reiman (2002), Designing a call center
with impatient customers, Manufacturing & Service Operations Management 4(3), for the model.
"""

from __future__ import annotations

import numpy as np

from ccsim.engine.floor import Floats


def expected_over(
    rate: Floats, agents: Floats, counted: Floats, ends: Floats, hang_ups: Floats, wait: float, step: float, most: int
) -> Floats:
    """Calls expected to wait longer than `wait` [s], from each number of calls there at the beginning. [most + 1, K]

    rate: calls a second in each step and cell [T, K]; agents: on duty [T, K]; counted: 1 in the steps whose calls count [T, K]; ends,
    hang_ups: rates of one agent and one caller [K]; step: [s]; most: the most calls there may be.
    """
    steps, cells = rate.shape
    x = np.arange(most + 1.0)[:, None]
    value = np.zeros((most + 1, cells))
    patient = np.maximum(hang_ups, 1e-9)
    for t in range(steps - 1, -1, -1):
        s = np.maximum(agents[t], 1e-9)
        leave = step * (ends * np.minimum(x, s) + hang_ups * np.maximum(x - s, 0.0))
        come = np.broadcast_to(step * rate[t], (most + 1, cells)).copy()
        come[most] = 0.0
        too_long = s * ends * np.expm1(np.minimum(patient * wait, 50.0)) / patient
        gain = step * rate[t] * counted[t] * (x - s + 1.0 > too_long)
        value = _solved(leave, come, value + gain)
    return value


def _solved(leave: Floats, come: Floats, known: Floats) -> Floats:
    """The V of (1 + leave + come) V[x] - leave V[x - 1] - come V[x + 1] = known[x], by elimination; all [X, K]."""
    states = known.shape[0]
    upper = np.empty_like(known)
    value = np.empty_like(known)
    upper[0] = come[0] / (1.0 + come[0])
    value[0] = known[0] / (1.0 + come[0])
    for x in range(1, states):
        pivot = 1.0 / (1.0 + leave[x] + come[x] - leave[x] * upper[x - 1])
        upper[x] = come[x] * pivot
        value[x] = (known[x] + leave[x] * value[x - 1]) * pivot
    for x in range(states - 2, -1, -1):
        value[x] += upper[x] * value[x + 1]
    return value
