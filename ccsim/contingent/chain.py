"""A fast look ahead for the card: the queue as a birth-and-death chain, from every queue length at once.

Calls come at the rate of the clock, an agent ends a call at the rate 1 / mean handle time, who waits hangs up at the rate 1 / mean
patience: M(t)/M/s(t)+M. What is looked at is a mean over the futures of a state, so for each part of the time ahead one backward
equation gives it for all states,

    -dV/dt = Q(t) V + r(t),  V(end) = 0,   r(t, x) = rate of calls that would have to wait longer than the target wait in state x,

solved by implicit steps (backward Euler: positive and stable whatever the step), for many cells, eight at a time, compiled. A call that
comes when x are there waits until x - s + 1 have left: longer than w, by the mean of that time, if x - s + 1 > s m (exp(h w) - 1) / h,
with m the rate of ends of calls and h that of hang-ups (s m w where nobody hangs up). Source: Garnett, Mandelbaum & Reiman (2002),
Designing a call center with impatient customers, Manufacturing & Service Operations Management 4(3), for the model.
"""

from __future__ import annotations

import numpy as np

from ccsim.engine.compiled import entry
from ccsim.engine.floor import Floats, Ints

_ABREAST = 8  # cells that are solved side by side, as processors add several numbers at once


def expected_over(rate: Floats, agents: Floats, part: Ints, ends: float, hang_ups: float, wait: float, step: float, most: int) -> Floats:
    """Calls expected to wait longer than `wait` [s] in each part of the time ahead, from each number of calls there. [P, most + 1, K]

    rate: calls a second in each step and cell [T, K]; agents: on duty [T, K]; part: of the time ahead that each step is in, 0 and up, or
    -1 for none [T]; ends, hang_ups: rates of one agent and one caller [1/s]; step: [s]; most: the most calls there may be.
    """
    steps, cells = rate.shape
    more = -cells % _ABREAST
    abreast = (np.pad(table, ((0, 0), (0, more)), mode="edge").reshape(steps, -1, _ABREAST).swapaxes(0, 1) for table in (rate, agents))
    come, on = (np.ascontiguousarray(table) for table in abreast)
    parts = max(int(part.max()) + 1, 1)
    value = np.zeros((come.shape[0], parts, most + 1, _ABREAST))
    _solve(come * step, np.maximum(on, 1e-9), part, ends * step, hang_ups * step, wait / step, value)
    return value.transpose(1, 2, 0, 3).reshape(parts, most + 1, -1)[:, :, :cells]


@entry
def _solve(come, agents, part, ends, hang_ups, wait, value):  # type: ignore[no-untyped-def]
    """Back in time step by step: (1 + leave + come) V[x] - leave V[x - 1] - come V[x + 1] = known[x], by elimination.

    come, agents [G, T, 8]: calls in a step, and people on duty; part [T]; ends, hang_ups: rates a step; wait in steps. `value`
    [G, P, X, 8], 0 at first, is what is found.
    """
    groups, parts, states = value.shape[:3]
    steps = part.size
    upper, pivot, carried = np.empty((states, _ABREAST)), np.empty((states, _ABREAST)), np.empty((states, _ABREAST))
    patient = max(hang_ups, 1e-12)
    served = ends * np.expm1(min(patient * wait, 50.0)) / patient  # calls that one agent ends while the last caller would wait too long
    for g in range(groups):
        first, solved = parts, -1  # of the parts that have begun, back in time; the step for which the elimination stands
        for t in range(steps - 1, -1, -1):
            now = part[t]
            if now >= 0:
                first = min(first, now)
            if first == parts:
                continue
            calls, on = come[g, t], agents[g, t]
            if solved < 0 or (calls != come[g, solved]).any() or (on != agents[g, solved]).any():
                solved = t
                for b in range(_ABREAST):
                    pivot[0, b], carried[0, b] = 1.0 / (1.0 + calls[b]), 0.0
                    upper[0, b] = calls[b] * pivot[0, b]
                for x in range(1, states):
                    full = 1.0 if x < states - 1 else 0.0
                    for b in range(_ABREAST):
                        leave = ends * min(float(x), on[b]) + hang_ups * max(x - on[b], 0.0)
                        pivot[x, b] = 1.0 / (1.0 + leave + full * calls[b] - leave * upper[x - 1, b])
                        upper[x, b], carried[x, b] = full * calls[b] * pivot[x, b], leave * pivot[x, b]
            if now >= 0:
                known = value[g, now]
                for x in range(states):
                    for b in range(_ABREAST):
                        known[x, b] += calls[b] if x - on[b] + 1.0 > on[b] * served else 0.0
            for p in range(first, parts):
                known = value[g, p]
                for b in range(_ABREAST):
                    known[0, b] *= pivot[0, b]
                for x in range(1, states):
                    for b in range(_ABREAST):
                        known[x, b] = known[x, b] * pivot[x, b] + carried[x, b] * known[x - 1, b]
                for x in range(states - 2, -1, -1):
                    for b in range(_ABREAST):
                        known[x, b] += upper[x, b] * known[x + 1, b]
