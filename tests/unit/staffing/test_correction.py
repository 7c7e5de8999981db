"""How what playing shows moves a requirement."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ccsim.inputs.scenario import loads
from ccsim.staffing.correction import Correction

_EVERYBODY = frozenset({"calls"})
_STEADY = """
open: 08:00-12:00
interval: 1 h
target: {wait: 20 s, share: 80 %}
calls: {calls: {volume: 1200, handle_time: 5 min}}
"""


class _Told(Correction):
    """One that is told by how many agents it is short, in place of reading it off what was played."""

    short: Any

    def off(self, *asked: Any) -> Any:
        return self.short


@pytest.fixture
def told() -> _Told:
    return _Told(loads(_STEADY), (_EVERYBODY,), learns=True)


def _next(told: _Told, on_duty: float, short: float) -> float:
    told.short = np.full(4, short)
    at = {_EVERYBODY: np.full(4, on_duty)}
    nothing: Any = None
    after = told.corrected(at, at, nothing, lower=False)[_EVERYBODY]
    assert np.ptp(after) == 0.0
    return float(after[0])


def test_where_agents_gain_half_of_what_the_formula_says_twice_as_many_are_added(told: _Told) -> None:
    assert _next(told, 30.0, 4.0) == 34.0  # nothing is known yet
    assert _next(told, 34.0, 2.0) == pytest.approx(38.0, abs=0.1)  # four gained two: what is short of two takes four


def test_where_agents_gain_what_the_formula_says_or_more_so_many_are_added(told: _Told) -> None:
    assert _next(told, 30.0, 4.0) == 34.0
    assert _next(told, 34.0, 0.0) == 34.0
    assert _next(told, 34.0, 1.0) == pytest.approx(35.0, abs=0.1)


def test_agents_who_seem_to_gain_nothing_are_not_added_without_end(told: _Told) -> None:
    for on_duty in (30.0, 34.0, 40.0):
        found = _next(told, on_duty, 4.0)
    assert found == pytest.approx(40.0 + 2.5 * 4.0, abs=0.1)
