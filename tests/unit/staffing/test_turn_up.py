"""How many turn up: sums against each other, against the engine's draws, and against published cases."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.stats import betabinom, binom

from ccsim.errors import InputError
from ccsim.inputs.scenario import loads
from ccsim.staffing import requirement
from ccsim.staffing.headcount import headcount
from ccsim.staffing.turn_up import Away, at_least, away_of, drawn, people_for, turn_up

CENTRE = """
date: 2027-04-12
open: 08:00-10:00
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: 400, handle_time: {mean: 180 s, dist: exponential}, patience: {mean: 5 min}}
staff:
  day: {agents: 43, shift: 08:00-10:00}
shrinkage:
  leave: {share: 7 %, kind: planned}
  sickness: {share: 6 %, kind: absence, correlation: 0.05}
  no show: {share: 3 %, kind: absence}
cost: {agent_hour: 26, currency: EUR}
"""


def test_without_correlation_it_is_the_binomial() -> None:
    found = turn_up(40, Away(absent=((0.1, 0.0),)))
    assert found == pytest.approx(binom.pmf(np.arange(41), 40, 0.9), abs=1e-13)


def test_with_correlation_it_is_the_beta_binomial() -> None:
    spread = 1 / 0.05 - 1
    found = turn_up(40, Away(absent=((0.1, 0.05),)))
    assert found == pytest.approx(betabinom.pmf(np.arange(41), 40, 0.9 * spread, 0.1 * spread), abs=1e-12)


def test_two_independent_categories_are_one_of_their_joint_chance() -> None:
    found = turn_up(30, Away(absent=((0.1, 0.0), (0.2, 0.0))))
    assert found == pytest.approx(binom.pmf(np.arange(31), 30, 0.9 * 0.8), abs=1e-12)


def test_leave_takes_whole_people_and_the_right_number_on_average() -> None:
    found = turn_up(40, Away(planned=(0.07,)))
    assert found[37] == pytest.approx(0.8)  # 2.8 people: three on four days in five, else two
    assert found[38] == pytest.approx(0.2)


@pytest.mark.parametrize("people", [0, 7, 40, 300])
@pytest.mark.parametrize("away", [Away(), Away((0.07, 0.02), ((0.06, 0.02), (0.03, 0.0))), Away((), ((0.3, 0.5),))])
def test_the_mean_is_what_shrinkage_leaves(people: int, away: Away) -> None:
    found = turn_up(people, away)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    assert found @ np.arange(people + 1) == pytest.approx(people * (1 - away.share), abs=1e-9)


def test_the_engine_draws_the_same_distribution() -> None:
    scenario = loads(CENTRE)
    days = 4000
    counts = np.bincount(drawn(scenario, days)["day"], minlength=44) / days
    exact = turn_up(43, away_of(scenario, "day"))
    # Distribution functions differ by less than the Kolmogorov bound that 1 run in 1000 exceeds
    assert np.abs(np.cumsum(counts) - np.cumsum(exact)).max() < 1.95 / np.sqrt(days)
    assert counts @ np.arange(44) == pytest.approx(43 * 0.84, abs=4 * np.sqrt(exact @ (np.arange(44) - 43 * 0.84) ** 2 / days))


def test_the_fewest_people_are_found_as_by_counting_up() -> None:
    away = Away((0.07,), ((0.06, 0.03),))
    for required in (1, 5, 14, 33):
        for certainty in (0.5, 0.9, 0.95, 0.99):
            counted = next(n for n in range(required, 200) if at_least(n, required, away) >= certainty)
            assert people_for(required, away, certainty) == counted


def test_one_more_on_the_roster_never_lowers_the_chance() -> None:
    away = Away((0.07, 0.11), ((0.06, 0.03),))
    chances = [at_least(people, 20, away) for people in range(20, 60)]
    assert (np.diff(chances) >= -1e-12).all()


def test_the_textbooks_twenty_bring_fourteen_on_six_days_in_ten() -> None:
    """14 / 0.7 is 20, of whom at least 14 turn up with binomial chance 0.608; 19 days in 20 take 25."""
    away = Away(absent=((0.3, 0.0),))
    assert at_least(20, 14, away) == pytest.approx(binom.sf(13, 20, 0.7), abs=1e-12)
    assert people_for(14, away, 0.95) == 25
    assert binom.sf(13, 24, 0.7) < 0.95 <= binom.sf(13, 25, 0.7)


def test_people_and_division_stand_side_by_side() -> None:
    found = headcount(requirement(loads(CENTRE)))
    assert (found.divided == np.ceil(found.required / 0.84 - 1e-9)).all()
    assert (found.rostered > found.divided).all()
    assert (found.chance >= 0.95).all()
    assert (found.chance_divided < 0.95).all()
    costs = [rung.cost for rung in found.ladder]
    assert costs == sorted(costs)
    assert found.ladder[3].hours == pytest.approx(found.rostered.sum() * 0.5)
    assert found.ladder[3].full_time_equivalents == pytest.approx(found.rostered.sum() * 0.5 * 7 / 40)
    step = (found.ladder[3].cost - found.ladder[2].cost) / 5
    assert found.ladder[3].cost_of_a_point == pytest.approx(step)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: people_for(5, Away(), 1.0), "a certainty of 1 cannot be had"),
        (lambda: people_for(float("nan"), Away(), 0.9), "required is nan"),
        (lambda: people_for(10, Away(absent=((0.5, 0.9),)), 0.95), "no roster of up to 20,000 people brings 10 on duty on 95 % of days"),
        (lambda: Away(planned=(0.6, 0.5)), "planned leave takes 110 %"),
        (lambda: Away(absent=((1.2, 0.0),)), "a share of 1.2"),
        (lambda: Away(absent=((0.2, 1.0),)), "a correlation of 1"),
        (lambda: turn_up(-1, Away()), "a roster of -1 people"),
        (lambda: drawn(loads(CENTRE), 0), "0 days cannot be drawn"),
    ],
)
def test_what_cannot_be_reckoned_is_told_in_a_sentence(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=re.escape(words)):
        call()
