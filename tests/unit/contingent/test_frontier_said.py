"""What the answer says of the recommended rule and of those beside it, by rows written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ccsim.contingent.frontier_answer import Frontier, Line
from ccsim.contingent.frontier_bound import Bound
from ccsim.contingent.frontier_play import COLUMNS
from ccsim.contingent.frontier_sums import UNKNOWN, Figure
from ccsim.contingent.policies import Policy
from ccsim.contingent.worth import Worth
from ccsim.inputs import loads
from ccsim.reporting.frontier import answer, notes, rows

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
    standing = {"hours": 1.0, "activations": 1.0, "used": 0.5, "standing": "near", "meets": True, "days": 900}
    return Line(policy, *figures, UNKNOWN, UNKNOWN, UNKNOWN, **standing, over_less_best=less, spent_more_best=more)  # type: ignore[arg-type]


def _found(*lines: Line, centre: str = CENTRE, **told: Any) -> Frontier:
    """A search that came to these rules, of which the last is recommended."""
    scenario = loads(centre)
    made = Frontier(
        scenario, scenario.contingent["home"], 1, 900, 100, 0, 0.05, True, lines, (), len(lines) - 1, "target", None, scenario,
        Bound(np.ones((1, 2, len(COLUMNS))), True), None, None, (),
    )  # fmt: skip
    return replace(made, **told)


def _said(card: Line) -> list[str]:
    """The sentences of the answer that speak of a card, where the recommended rule leaves 3 %, misses 4 % of days and costs 100."""
    found = _found(_line(NONE, 0.2, 0.5, 0.0), card, _line(BEST, 0.03, 0.04, 100.0))
    said = [sentence for sentence in answer(found) if "--share" in sentence]
    assert any(row[0].startswith(CARD.name) for row in rows(found)) == bool(said)
    return said


def _rule(name: str, agents: int = 4) -> Policy:
    return Policy(name, agents, {"when": "queue"}, sentence="Call.")


def test_every_rule_that_a_sentence_names_stands_in_the_table() -> None:
    cheap = [_line(_rule(f"rule {k}"), 0.05, 0.01, 80.0 + k) for k in range(8)]
    found = _found(*cheap, _line(NONE, 0.2, 0.5, 120.0), _line(replace(BEST, own=False), 0.03, 0.01, 90.0), _line(BEST, 0.03, 0.04, 100.0))
    found = replace(found, recommended=len(found.lines) - 2)
    said = " ".join(answer(found))
    named = [line.policy.name for line in cheap if line.policy.name in said]
    shown = [row[0] for row in rows(found)]
    assert "80 for rule 0" in said.replace(", for", " for")
    assert len(named) == 5
    assert set(named) < set(shown)
    assert "rule 7" not in shown


def test_days_missed_say_of_how_many_days_they_are_where_more_decided() -> None:
    best = replace(_line(BEST, 0.03, 0.04, 100.0), days=2700)
    checked = replace(_line(BEST, 0.031, 0.02, 101.0), days=300)
    found = _found(_line(NONE, 0.2, 0.5, 0.0), best, checked=checked)
    said = " ".join(answer(found))
    assert "On 300 days that had no part in the choice 3.1 %" in said
    assert "3.0 % of callers and 100 over 900 days, and 4.0 % of 2,700 days missed" in said
    cells = {row[0]: row[3] for row in rows(found)}
    assert (cells["no pool"], cells["queue 5 ◀"]) == ("50.0 %", "4.0 % of 2,700")
    assert "Where more than 900 were played for that" in notes(found)[0]
    plain = _found(_line(NONE, 0.2, 0.5, 0.0), _line(BEST, 0.03, 0.04, 100.0))
    assert "stands behind" not in notes(plain)[0]


def test_where_a_target_has_several_parts_the_answer_says_which_of_them_is_missed() -> None:
    centre = CENTRE + "target: {wait: 90 s, share: 90 %, abandoned_fraction: 3 %}\n"
    own = replace(_line(BEST, 0.03, 0.58, 90.0), missed_by={"abandoned_fraction": 0.58})
    best = replace(_line(_rule("another"), 0.03, 0.1, 100.0), missed_by={"abandoned_fraction": 0.1, "share": 0.02})
    lines = (_line(NONE, 0.2, 0.5, 0.0), own, best)
    (said,) = [sentence for sentence in answer(_found(*lines, centre=centre)) if sentence.startswith("How days miss")]
    assert "too few are served in time on 0.0 % of days under the rule in the file and 2.0 % of days under this one" in said
    assert "too many hang up on 58.0 % of days under the rule in the file and 10.0 % of days under this one" in said
    assert not any(sentence.startswith("How days miss") for sentence in answer(_found(*lines)))
    alone = replace(own, policy=BEST)
    (said,) = [sentence for sentence in answer(_found(lines[0], alone, centre=centre)) if sentence.startswith("How days miss")]
    assert said.endswith("58.0 % of days under the rule in the file; on none too few are served in time.")


def test_wages_are_money_where_the_pool_has_no_pay() -> None:
    cost = "cost: {agent_hour: 26, currency: EUR}\n"
    worth = Worth("queue 5", 0.03, Figure(2.0, 1.0, 3.0), Figure(16.0, 8.0, 24.0), 8.0, 416.0, 10.0, True)
    centre = CENTRE.replace(", pay: {hour: 24}", "") + cost
    found = _found(_line(NONE, 0.2, 0.5, 0.0), _line(BEST, 0.03, 0.04, 12.5), centre=centre, worth=worth, priced=False)
    said = " ".join(answer(found))
    assert "who would cost 416 EUR a day" in said
    assert "contingents cost 12.5 h of pay a day" in said


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
