"""Absence is luck: what comes of people who stay away by chance, against exact mixtures."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binom

from ccsim.inputs import load
from ccsim.theory import scheduled_agents
from tests.simulation import exact, laws
from tests.simulation.worlds import Seen, agrees, days, played, seen, seen_mean, seen_ratio

SCENARIO = "scenarios/textbook-30-percent-absence.yaml"


def test_absence_over_erlang_a_is_the_mixture() -> None:
    laws.absence_follows_the_mixture()


def test_the_number_absent_is_beta_binomial() -> None:
    laws.numbers_present_follow_the_beta_binomial()


def test_people_are_absent_independently_unless_told() -> None:
    """20 people, 30 %: binomial, mean 6, variance 4.2; days of one path are independent. Faults of 5 % and 18 % would show."""
    text = load(SCENARIO).text.replace("volume: 4800", "volume: 48").replace("date:", "days: 3\ndate:")
    # Day by day; shift 0 to 19 belong to the eve where there is one
    present = np.array([day.present[-60:].reshape(3, 20).sum(axis=1) for day, _ in days(text, 3000)], float)
    for day in range(3):
        agrees(seen_mean(20 - present[:, day]), 6.0, 0.05 * 6)
        agrees(seen_mean((present[:, day] - 14) ** 2), 4.2, 0.18 * 4.2)
    agrees(seen_mean((present[:, 0] - 14) * (present[:, 1] - 14)), 0.0, 0.5)


def test_planned_leave_takes_whole_people_with_the_right_mean() -> None:
    """7 % of 40 is 2.8: on four days in five 3 people, else 2, never any other number; and everybody has a turn."""
    text = """
open: 08:00-09:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  calls: {volume: 2, handle_time: 1 s, patience: 1 s}
staff:
  team: {agents: 40, shift: 08:00-09:00}
shrinkage:
  leave: {share: 7 %, kind: planned}
"""
    away = np.array([1 - day.present.astype(int) for day, _ in days(text, 2500)])
    taken = away.sum(axis=1)
    assert set(taken.tolist()) == {2, 3}
    agrees(seen_mean(taken), 2.8, 0.05)
    for person in range(40):
        agrees(seen_mean(away[:, person]), 0.07, 0.035)


def test_shares_of_leave_and_absence_add_up() -> None:
    """Both are shares of paid time: 20 % on leave and 30 % absent leave half of the 40 there, not 0.8 x 0.7 = 56 % of them."""
    text = """
open: 08:00-09:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  calls: {volume: 2, handle_time: 1 s, patience: 1 s}
staff:
  team: {agents: 40, shift: 08:00-09:00}
shrinkage:
  absence: {share: 30 %, kind: absence}
  leave: {share: 20 %, kind: planned}
"""
    agrees(seen_mean([int(day.present.sum()) for day, _ in days(text, 3000)]), 20.0, 0.4)


def mixture(threshold: float = 20.0) -> tuple[float, float]:
    """Answered within the threshold with 20 rostered and 30 % absence, days without a steady state as nothing; and the chance of those."""
    level = 0.0
    for there in range(11, 21):
        level += float(binom.pmf(there, 20, 0.7)) * exact.queue(200, 3600, 180, there).answered_within(threshold)
    return level, float(binom.cdf(10, 20, 0.7))


def test_the_textbook_trap_in_exact_numbers() -> None:
    """14 present answer 88.8 % within 20 s; 20 of whom each stays away on 30 % of days answer 80.0 %, overloaded days as nothing.

    14 is the mean of both. On one day in 21 ten or fewer are there, whom 10 erlangs overload.
    """
    level, overloaded = mixture()
    assert round(exact.queue(200, 3600, 180, 14).answered_within(20), 3) == 0.888
    assert round(level, 3) == 0.800
    assert 1 / 22 < overloaded < 1 / 20


def day_with(there: int, warm_up: str) -> str:
    """24 hours of the textbook's calls with so many there, and nobody absent."""
    return f"""
open: 00:00-24:00
interval: 30 min
warm_up: {warm_up}
target: {{wait: 20 s, share: 80 %}}
calls:
  calls: {{volume: 4800, handle_time: {{mean: 180 s, dist: exponential}}}}
staff:
  team: {{agents: {there}, shift: 00:00-24:00}}
"""


def by_number_present(warm_up: str, exactly: Callable[[int], float], replications: int, sees: float) -> float:
    """The mixture by simulating each number present by itself and weighting with its exact chance, held to the same mixture of `exactly`.

    Days of one number vary much less than days of all, so that a few of each show a fault of `sees` in the mixture.
    """
    found, spread, truth = 0.0, 0.0, 0.0
    for there in range(7, 21):
        chance = float(binom.pmf(there, 20, 0.7))
        level = seen(played(day_with(there, warm_up), replications), "service_level_offered")
        found, spread, truth = found + chance * level.mean, spread + (chance * level.error) ** 2, truth + chance * exactly(there)
    agrees(Seen(found, math.sqrt(spread)), truth, sees)
    return found


def test_the_textbook_trap_in_a_day_that_starts_empty() -> None:
    """24 hours from an empty queue, against Kolmogorov's equations for each number present: 80.4 %, where Erlang C with 14 says 88.8 %.

    Such a day is a little better than the long run, for it starts without a queue and the worst days take a while to fill up. The scenario
    file itself, 800 days, would show a fault of 5.5 points; number by number one of 1.2 points shows.
    """
    level = {
        there: part.within / part.offered
        for there in range(7, 21)
        for part in exact.day([1 / 18], [there], 86400.0, 180.0, math.inf, 2500 if there < 10 else 1400 if there < 12 else 400, 20.0)
    }
    whole = sum(float(binom.pmf(there, 20, 0.7)) * share for there, share in level.items())
    assert whole == pytest.approx(0.804, abs=0.0015)
    by_number_present("0 min", level.__getitem__, 40, 0.012)
    agrees(seen(played(load(SCENARIO), 800), "service_level_offered"), whole, 0.055)


def test_the_textbook_trap_in_the_long_run() -> None:
    """Days warmed up for twelve hours come to 80 %, a fault of a point would show; overloaded days answer next to nobody in time."""

    def level(there: int) -> float:
        return exact.queue(200, 3600, 180, there).answered_within(20) if there > 10 else 0.0

    # ten agents at ten erlangs need weeks to fill up: after half a day 5 % are still answered in time
    found = by_number_present("12 h", lambda there: level(there) if there != 10 else 0.06, 80, 0.012)
    assert found == pytest.approx(0.800, abs=0.008)
    for there in (7, 8, 9):
        assert seen(played(day_with(there, "12 h"), 20), "service_level_offered").mean < 0.005


def test_fifteen_rostered_with_one_in_fifteen_absent_are_better_than_twenty_with_a_third_of_luck() -> None:
    """The same 14 on average, with 1 in 15 absent, answer 86.7 %: most of what is lost in the textbook's trap is lost to luck."""
    level = sum(float(binom.pmf(there, 15, 14 / 15)) * exact.queue(200, 3600, 180, there).answered_within(20) for there in range(11, 16))
    assert round(level, 3) == 0.867
    text = load(SCENARIO).text.replace("agents: 20", "agents: 15").replace("30 %", "0.0666666666666667")
    there = [int(day.present[-15:].sum()) for day, _ in days(text.replace("volume: 4800", "volume: 48"), 4000)]
    agrees(seen_ratio(there, np.full(4000, 15.0)), 14 / 15, 0.008)
    agrees(seen(played(text, 500), "service_level_offered"), level, 0.03)


def test_enough_are_scheduled_and_nobody_too_many() -> None:
    """`scheduled_agents` is the required number divided by 1 - shrinkage, rounded up: never multiplied by 1 + shrinkage."""
    laws.enough_are_scheduled_and_nobody_too_many(lambda required, shrinkage: int(scheduled_agents(required, shrinkage)))
