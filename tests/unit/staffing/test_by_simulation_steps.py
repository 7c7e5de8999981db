"""Steps of the requirement by simulation: which days are played, how sure slopes are, and how a plan is mended and made lighter."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.inputs import loads
from ccsim.staffing.by_simulation.chosen import chosen
from ccsim.staffing.by_simulation.estimate import Judge, Margins
from ccsim.staffing.by_simulation.luck import Expectation
from ccsim.staffing.by_simulation.playing import Player
from ccsim.staffing.by_simulation.positions import sorts_of
from ccsim.staffing.by_simulation.search import Search
from ccsim.staffing.by_simulation.slopes import doubt, smoothed
from ccsim.staffing.by_simulation.sums import Aims
from tests.unit.staffing.two_hours import CENTRE


def searching(text: str, days: int | None = None, confidence: float | None = None) -> Search:
    """A search that has played nothing."""
    scenario = loads(text)
    sorts, plan = sorts_of(scenario), np.full((1, 4), 12)
    return Search(scenario, sorts, Aims(scenario, confidence), Player(scenario, sorts, plan, 1), 1, days, None)


def test_busy_days_are_played_more_often_and_weigh_the_less_so_that_no_average_changes() -> None:
    expected = Expectation(loads(CENTRE.replace("busyness_cv: 0.1", "busyness_cv: 0.2")), 1, None)
    numbers, weight = chosen(expected, 5, range(4000), 0.9)
    busy = expected.path_loads(5, numbers)
    assert busy.mean() > 1.1
    assert np.corrcoef(busy, weight)[0, 1] < -0.5
    # weights, busyness and its square come to what they are by the law: 1, 1 and 1 + cv^2
    for value, known in ((weight, 1.0), (weight * busy, 1.0), (weight * busy**2, 1.04)):
        assert abs(value.mean() - known) < 4.5 * value.std() / np.sqrt(4000)
    parts = [chosen(expected, 5, part, 0.9) for part in (range(1000), range(1000, 4000))]
    assert parts[0][0] + parts[1][0] == numbers
    assert len(set(numbers)) == 4000
    assert np.concatenate([parts[0][1], parts[1][1]]) == pytest.approx(weight)


@pytest.mark.parametrize("text, lean", [(CENTRE, 0.0), (CENTRE.replace("    busyness_cv: 0.1\n", ""), 0.9)])
def test_where_nothing_is_gained_by_it_each_day_is_that_of_its_own_number(text: str, lean: float) -> None:
    numbers, weight = chosen(Expectation(loads(text), 1, None), 5, range(7, 20), lean)
    assert numbers == list(range(7, 20))
    assert (weight == 1.0).all()


@pytest.mark.parametrize("confidence, gain", [(None, 1.0), (0.9, 0.9)])
def test_days_that_lean_towards_the_busy_say_the_same_of_a_plan(confidence: float | None, gain: float) -> None:
    scenario, plan = loads(CENTRE.replace("busyness_cv: 0.1", "busyness_cv: 0.2")), np.array([[5, 9, 12, 7]])
    player, aims = Player(scenario, sorts_of(scenario), plan, 1), Aims(scenario, confidence)
    found = []
    for lean in (0.0, 0.9 if confidence else 0.4):
        (paths,), luck = player.play([plan], 3000, 11, lean=lean)
        if not lean:
            aims.scaled_by(paths)
        judge = Judge(aims, luck)
        assert judge.by_interval.sum(axis=0) == pytest.approx(np.ones(4))
        found.append(judge.margins(plan, paths))
    plain, leaning = found
    assert (np.abs(plain.margin - leaning.margin) < 4.5 * np.hypot(plain.error, leaning.error)).all()
    assert np.median(leaning.error / plain.error) < gain


def test_a_proven_plan_is_made_lighter_only_where_no_row_misses_an_agent_by_more_than_chance() -> None:
    search, plan = searching(CENTRE), np.array([[5, 9, 12, 7]])
    losses = np.zeros((4, 1, 4))
    losses[np.arange(4), 0, np.arange(4)] = 0.02
    search.memory.slope_doubt = 0.0
    error = np.full(4, 0.002)
    # to spare with an agent fewer, in standard errors: 3, 1, 0.25, and the last holds by none as it is
    margin = np.array([0.026, 0.022, 0.0205, 0.0001])
    assert search.trimmed(Margins(plan, 500, margin, error), losses).tolist() == [[4, 8, 12, 7]]
    margin[0] = 0.022
    assert (search.trimmed(Margins(plan, 500, margin, error), losses) == plan).all()
    margin[0], search.memory.slope_doubt = 0.026, 0.25  # what an agent does may be a quarter more
    assert (search.trimmed(Margins(plan, 500, margin, error), losses) == plan).all()


def test_a_plan_that_was_short_is_mended_where_it_was_and_made_lighter_only_for_whom_it_is_to_be_the_last_agent() -> None:
    plan, losses = np.array([[5, 9, 12, 7]]), np.zeros((4, 1, 4))
    losses[np.arange(4), 0, np.arange(4)] = 0.02
    known = Margins(plan, 500, np.array([0.001, 0.03, 0.002, 0.03]), np.full(4, 0.002))
    missed = np.array([True, False, False, False])
    assert searching(CENTRE).mended(known, losses, missed, 2.0).tolist() == [[6, 9, 12, 7]]
    assert searching(CENTRE, days=500).mended(known, losses, missed, 2.0).tolist() == [[6, 8, 12, 6]]


def test_the_part_of_a_loss_that_is_in_doubt_is_that_of_its_standard_error() -> None:
    aims, losses = Aims(loads(CENTRE), None), np.zeros((4, 1, 4))
    losses[np.arange(4), 0, np.arange(4)] = 0.02
    assert doubt(aims, losses, 0.1 * losses) == pytest.approx(0.06)  # what is left of it when it is drawn in
    assert doubt(aims, losses, 0.2 * losses) == pytest.approx(0.12)


def test_a_loss_that_luck_made_large_is_drawn_towards_its_neighbours() -> None:
    scenario = loads(CENTRE.replace("08:00-10:00", "08:00-18:00").replace("[20, 46, 63, 30]", "600"))
    aims, plan = Aims(scenario, None), np.full((1, 20), 10)
    losses, errors = np.zeros((20, 1, 20)), np.zeros((20, 1, 20))
    own = np.arange(20), 0, np.arange(20)
    losses[own], errors[own] = 0.02 + 0.006 * np.where(np.arange(20) % 2, 1.0, -1.0), 0.006
    assert (np.abs(smoothed(aims, plan, losses, errors)[own] - 0.02) < 0.004).all()
    errors[own] = 1e-5  # what is known stays
    assert smoothed(aims, plan, losses, errors)[own] == pytest.approx(losses[own], rel=0.01)


def test_an_agent_who_made_no_difference_on_any_of_a_few_days_is_not_held_to_be_worth_nothing() -> None:
    # for a share of days a row is yes or no, so that an interval without a difference shows no spread either
    scenario = loads(CENTRE.replace("08:00-10:00", "08:00-18:00").replace("[20, 46, 63, 30]", "600"))
    losses, errors = np.zeros((20, 1, 20)), np.zeros((20, 1, 20))
    own = np.arange(20), 0, np.arange(20)
    told = np.arange(20) % 3 > 0
    losses[own], errors[own] = np.where(told, 0.03, 0.0), np.where(told, 0.02, 0.0)
    found = smoothed(Aims(scenario, 0.95), np.full((1, 20), 10), losses, errors)[own]
    assert found.min() > 0.01
    assert found.max() < 0.03
