"""What the answer says of cards beside the recommended rule, by rows written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.contingent.frontier_answer import Frontier, Line
from ccsim.contingent.frontier_bound import Bound
from ccsim.contingent.frontier_play import COLUMNS
from ccsim.contingent.frontier_sums import UNKNOWN, Figure
from ccsim.contingent.policies import Policy
from ccsim.inputs import loads
from ccsim.reporting.frontier import answer

CENTRE = """
date: 2027-04-12
open: 08:00-10:00
calls: {support: {volume: 300, handle_time: 180 s, patience: 5 min}}
staff: {day: {agents: 10, shift: 08:00-10:00}}
contingent: {home: {agents: 4, notice: 10 min, activate: {when: queue, reaches: 5}, pay: {hour: 24}}}
"""
BEST, NONE = (
    Policy("queue 5", 4, {"when": "queue"}, own=True, sentence="Call."),
    Policy("no pool", 0, {"when": "never"}, end=True, sentence="Have no pool."),
)
CARD = Policy("card of 5 %, stay", 4, {"card": "card 5 %.json"}, card="{}", share=0.05)


def _line(policy: Policy, over: float, missed: float, spent: float, less: Figure = UNKNOWN, more: Figure = UNKNOWN) -> Line:
    figures = [Figure(mean, mean, mean) for mean in (over, missed, spent)]
    standing = {"hours": 1.0, "activations": 1.0, "used": 0.5, "standing": "frontier", "meets": True, "days": 900}
    return Line(policy, *figures, UNKNOWN, UNKNOWN, UNKNOWN, **standing, over_less_best=less, spent_more_best=more)  # type: ignore[arg-type]


def _said(card: Line) -> list[str]:
    """The sentences of the answer that speak of a card, where the recommended rule leaves 3 %, misses 4 % of days and costs 100."""
    scenario = loads(CENTRE)
    lines = (_line(NONE, 0.2, 0.5, 0.0), card, _line(BEST, 0.03, 0.04, 100.0))
    found = Frontier(
        scenario, scenario.contingent["home"], 1, 900, 100, 0, 0.05, True, lines, (), 2, "target", None, scenario,
        Bound(np.ones((1, 2, len(COLUMNS))), True), None, None, (),
    )  # fmt: skip
    return [sentence for sentence in answer(found) if "--share" in sentence]


def test_a_card_that_is_cheaper_and_no_worse_for_certain_is_told_as_that() -> None:
    (said,) = _said(_line(CARD, 0.02, 0.04, 90.0, Figure(-0.01, -0.02, 0.0), Figure(-10.0, -12.0, -8.0)))
    assert "card" in said
    assert "costs less: by that of 5 %" in said
    assert "no more callers wait too long (2.0 %) for 90" in said


def test_a_card_that_may_leave_more_waiting_leaves_about_as_few() -> None:
    (said,) = _said(_line(CARD, 0.029, 0.04, 90.0, Figure(-0.001, -0.004, 0.002), Figure(-10.0, -12.0, -8.0)))
    assert "about as few callers wait too long (2.9 %)" in said
    assert "no more callers" not in said


@pytest.mark.parametrize(
    "missed, more",
    [(0.06, Figure(-10.0, -12.0, -8.0)), (0.04, Figure(-10.0, -22.0, 2.0))],
    ids=["more days missed", "the cost may be higher"],
)
def test_of_a_card_that_misses_more_days_or_may_cost_more_nothing_is_said(missed: float, more: Figure) -> None:
    assert _said(_line(CARD, 0.02, missed, 90.0, Figure(-0.01, -0.02, 0.0), more)) == []
