"""Laws that any true world keeps. Each is called by a test of this folder, and by the test that plants bugs.

Each says what it holds the simulation against, and how small a fault it would show (the last argument of `agrees`).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tests.simulation import exact
from tests.simulation.contingent_chain import PoolChain
from tests.simulation.worlds import REAL, World, agrees, days, played, seen, seen_by_interval, seen_mean

HOUR, MINUTE = 3600.0, 60.0


def centre(
    calls: float, handle_time: str, agents: int, patience: str = "", lines: int | None = None, threshold: str = "20 s", length: int = 10
) -> str:
    """`calls` an hour round the clock for `length` days, `agents` always there, exponential handle times; two hours are left out."""
    return f"""
open: 00:00-24:00
days: {length}
interval: 1 h
warm_up: 2 h
{f"lines: {lines}" if lines else ""}
target: {{wait: {threshold}, share: 80 %}}
calls:
  calls: {{volume: {24 * calls}, handle_time: {{mean: {handle_time}, dist: exponential}}{f", patience: {patience}" if patience else ""}}}
staff:
  desk: {{agents: [{", ".join([str(agents)] * 24)}]}}
"""


def arrivals_follow_the_rate_of_their_own_interval(world: World = REAL) -> None:
    """A Poisson day whose rate jumps a hundredfold: each interval's count has its volume for mean and variance.

    Faults of a tenth in the means and of three tenths in the variances would show."""
    volume = [2, 200, 2, 200, 2, 2]
    scenario = f"""
open: 08:00-11:00
interval: 30 min
target: {{wait: 20 s, share: 80 %}}
calls:
  calls: {{volume: {volume}, handle_time: 1 s, patience: 1 s}}
staff:
  desk: {{agents: [1, 1, 1, 1, 1, 1]}}
"""
    counts, halves = np.zeros((2500, 6)), np.zeros((2, 6))
    for place, (day, _) in enumerate(days(scenario, 2500, world=world)):
        counts[place] = np.bincount(day.interval, minlength=6)
        passed = day.arrival - (8 * HOUR + 30 * MINUTE * day.interval)
        assert ((passed >= 0) & (passed < 30 * MINUTE)).all()
        np.add.at(halves, ((passed >= 15 * MINUTE).astype(int), day.interval), 1.0)
    for place, mean in enumerate(volume):
        agrees(seen_mean(counts[:, place]), mean, 0.1 * mean)
        agrees(seen_mean((counts[:, place] - mean) ** 2), mean, 0.3 * mean)
    # What a jump does to the end of a quiet half-hour and to the start of a busy one: the halves of each interval are alike
    assert (abs(halves[1] - halves[0]) < 4.0 * np.sqrt(halves.sum(axis=0))).all()


def busyness_widens_the_daily_counts(world: World = REAL) -> None:
    """A day's count, Poisson given a Gamma factor of mean 1 and cv c: negative binomial, mean m, variance m + c² m²."""
    mean, cv = 400.0, 0.2
    scenario = (
        centre(mean / 24, "1 s", 1, patience="1 s", length=1).replace("warm_up: 2 h", "").replace("volume:", f"busyness_cv: {cv}, volume:")
    )
    counts = np.array([day.arrival.size for day, _ in days(scenario, 4000, world=world)], float)
    variance = mean + (cv * mean) ** 2
    agrees(seen_mean(counts), mean, 0.03 * mean)
    agrees(seen_mean((counts - mean) ** 2), variance, 0.15 * variance)
    skewed = mean + 3 * (cv * mean) ** 2 + 2 * cv**4 * mean**3  # third central moment of the negative binomial
    agrees(seen_mean((counts - mean) ** 3), skewed, 1.2 * skewed)


def hang_ups_follow_erlang_a(world: World = REAL) -> None:
    """M/M/14+M: 100 calls in half an hour of 3 min, patience 5 min; the balance equations give P(wait) 0.1453, 1.40 % hang up, SL 0.9168.

    pyworkforce's snapshot of the same (queuing/tests/test_abandonment.py) prints these to six digits.
    """
    truth = exact.queue(100, 1800, 180, 14, 300)
    assert math.isclose(truth.delay_probability, 0.145260114, abs_tol=1e-6)
    assert math.isclose(truth.abandoned_fraction, 0.013983744, abs_tol=1e-6)
    assert math.isclose(truth.answered_within(20), 0.916792092, abs_tol=1e-6)
    result = played(centre(200, "180 s", 14, "{mean: 5 min}"), 80, world=world)
    agrees(seen(result, "abandoned_fraction"), truth.abandoned_fraction, 0.06 * truth.abandoned_fraction)
    agrees(seen(result, "mean_wait"), truth.mean_wait, 0.06 * truth.mean_wait)
    agrees(seen(result, "service_level_offered"), truth.answered_within(20), 0.005)
    agrees(seen(result, "service_level_answered"), truth.answered_within(20) / (1 - truth.abandoned_fraction), 0.005)
    agrees(seen(result, "occupancy"), truth.occupancy, 0.006)


def busy_signals_follow_the_full_system(world: World = REAL) -> None:
    """M/M/10/12 at 9 erlangs: an eighth of the calls or so find all twelve lines taken; the others wait little."""
    truth = exact.queue(180, HOUR, 180, 10, lines=12)
    result = played(centre(180, "180 s", 10, lines=12), 30, world=world)
    agrees(seen(result, "blocked_fraction"), truth.blocked_fraction, 0.05 * truth.blocked_fraction)
    agrees(seen(result, "mean_wait"), truth.mean_wait, 0.03 * truth.mean_wait)
    agrees(seen(result, "occupancy"), truth.occupancy, 0.01)


def priorities_follow_cobham(world: World = REAL) -> None:
    """M/M/14, 3 erlangs high and 7 low, 180 s: waits of 2.849 and 9.973 s, 7.836 s of all.

    Cobham (1954), eq. 3 with equal handle times: W1 = C x 180 / (14 - 3), W2 = W1 x 14 / (14 - 10), C the chance to wait of M/M/14.
    """
    truth = exact.queue(100, 1800, 180, 14)
    high = truth.delay_probability * 180 / (14 - 3)
    low = high * 14 / (14 - 10)
    assert math.isclose(high, 2.849432, abs_tol=1e-5)
    assert math.isclose(low, 9.973011, abs_tol=1e-5)
    calls = "{volume: %d, priority: %d, handle_time: {mean: 180 s, dist: exponential}}"
    scenario = centre(200, "180 s", 14, length=20)
    head, tail = scenario.split("  calls: {volume")[0], scenario.split("\n", scenario[: scenario.index("staff:")].count("\n"))[-1]
    text = f"{head}  low: {calls % (140 * 24, 0)}\n  high: {calls % (60 * 24, 1)}\n{tail}"
    result = played(text, 80, world=world)
    agrees(seen(result, "mean_wait", "high"), high, 0.05 * high)
    agrees(seen(result, "mean_wait", "low"), low, 0.08 * low)


def absence_follows_the_mixture(world: World = REAL) -> None:
    """40 people, each absent on a tenth of days, 300 calls in half an hour of 3 min, patience 5 min: Erlang A mixed over who is there.

    Exact: 0.918002 answered within 20 s, 1.2674 % hang up (idea: Whitt 2006, POMS 15(1)). Putting 36, the mean, into Erlang A would give
    0.931727: the check sees faults of 0.009.
    """
    from scipy.stats import binom

    queues = {there: exact.queue(600, HOUR, 180, there, 300) for there in range(15, 41)}
    chance = {there: float(binom.pmf(there, 40, 0.9)) for there in queues}
    level = sum(chance[there] * queue.answered_within(20) for there, queue in queues.items())
    abandoned = sum(chance[there] * queue.abandoned_fraction for there, queue in queues.items())
    assert math.isclose(level, 0.918002474, abs_tol=1e-6)
    assert math.isclose(abandoned, 0.012673572, abs_tol=1e-6)
    scenario = """
open: 08:00-16:00
interval: 30 min
warm_up: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  calls: {volume: 4800, handle_time: {mean: 180 s, dist: exponential}, patience: {mean: 5 min}}
staff:
  team: {agents: 40, shift: 08:00-16:00}
shrinkage:
  absence: {share: 10 %, kind: absence}
"""
    result = played(scenario, 2000, world=world)
    agrees(seen(result, "service_level_offered"), level, 0.009)
    agrees(seen(result, "abandoned_fraction"), abandoned, 0.15 * abandoned)


def numbers_present_follow_the_beta_binomial(world: World = REAL) -> None:
    """30 people, absence 12 %, correlation 0.05: the number absent is Beta-binomial.

    Mean N p = 3.6; variance N p (1 - p) (1 + (N - 1) rho) = 7.76, where independent people would give 3.17 and a fixed number none.
    """
    from scipy.stats import betabinom, chi2

    people, share, correlation = 30, 0.12, 0.05
    scenario = f"""
open: 08:00-09:00
interval: 30 min
target: {{wait: 20 s, share: 80 %}}
calls:
  calls: {{volume: 2, handle_time: 1 s, patience: 1 s}}
staff:
  team: {{agents: {people}, shift: 08:00-09:00}}
shrinkage:
  absence: {{share: {share}, kind: absence, correlation: {correlation}}}
"""
    absent = people - np.array([int(day.present.sum()) for day, _ in days(scenario, 8000, world=world)])
    mean, variance = people * share, people * share * (1 - share) * (1 + (people - 1) * correlation)
    agrees(seen_mean(absent), mean, 0.06 * mean)
    agrees(seen_mean((absent - mean) ** 2), variance, 0.15 * variance)
    both = 1.0 / correlation - 1.0
    law = betabinom(people, share * both, (1 - share) * both)
    seen_often = np.bincount(np.minimum(absent, 12), minlength=13)
    expected = absent.size * np.append(law.pmf(np.arange(12)), law.sf(11))
    assert ((seen_often - expected) ** 2 / expected).sum() < chi2.isf(1e-4, 12)


# reaches `reaches`, is released at r > 0; and at r = 0
POOLS = (
    PoolChain(calls=130, handle_time=180, patience=180, regulars=6, pool=3, reaches=4, falls_to=0, notice=300),
    PoolChain(calls=240, handle_time=150, patience=240, regulars=9, pool=5, reaches=7, falls_to=2, notice=200),
    PoolChain(calls=130, handle_time=180, patience=180, regulars=6, pool=3, reaches=4, falls_to=1, notice=0),
)


def contingents_follow_the_chain(chain: PoolChain = POOLS[1], replications: int = 80, sees: float = 1.0, world: World = REAL) -> None:
    """A pool with exponential notice against its chain: faults of 5 % show in waits and hang-ups, 6 % in contingents and activations."""
    result = played(chain.scenario, replications, world=world)
    agrees(seen(result, "mean_wait"), chain.mean_wait, 0.05 * sees * chain.mean_wait)
    agrees(seen(result, "abandoned_fraction"), chain.abandoned_fraction, 0.05 * sees * chain.abandoned_fraction)
    agrees(seen(result, "agents_on", pool="home"), chain.agents_on, 0.06 * sees * chain.agents_on)
    # the two hours of warm-up have their share of activations too, and their calendar days count
    measured = 1.0 - 2.0 / 240.0
    agrees(seen(result, "activations", pool="home"), measured * chain.activations, 0.06 * sees * chain.activations)


def delays_follow_the_changing_day(world: World = REAL) -> None:
    """A day that starts empty: 60, 100, 140, 120 calls in half-hours with 9, 13, 17, 17 agents, 3 min, patience 5 min.

    Kolmogorov's equations give 7.586, 19.265, 32.689, 14.838 delayed calls and 0.898, 2.039, 3.172, 1.312 hang-ups; a steady state in every
    half-hour would have 0.1634, 0.2258, 0.2663, 0.1080 of the calls delayed in place of 0.1264, 0.1927, 0.2335, 0.1236.
    """
    volume, agents = [60, 100, 140, 120], [9, 13, 17, 17]
    truth = exact.day([calls / 1800 for calls in volume], agents, 1800, 180, 300, states=150)
    assert np.allclose([part.offered - part.at_once for part in truth], [7.58646, 19.26535, 32.68947, 14.83763], atol=1e-4)
    assert np.allclose([part.abandoned for part in truth], [0.89789, 2.03904, 3.17239, 1.31192], atol=1e-4)
    scenario = f"""
open: 08:00-10:00
interval: 30 min
target: {{wait: 0 s, share: 80 %}}
calls:
  calls: {{volume: {volume}, handle_time: {{mean: 180 s, dist: exponential}}, patience: {{mean: 5 min}}}}
staff:
  desk: {{agents: {agents}}}
"""
    result = played(scenario, 6000, world=world)
    at_once = seen_by_interval(result, "service_level_offered")
    busy = seen_by_interval(result, "occupancy")
    for place, part in enumerate(truth):
        agrees(at_once[place], part.at_once / part.offered, 0.020)
        agrees(busy[place], part.occupancy, 0.01)
    # hang-ups by the clock
    edges = 8 * HOUR + 1800.0 * np.arange(5)
    hung_up = np.array([np.histogram(log.moved_on[log.outcome == 2], edges)[0] for _, log in days(scenario, 4000, world=world)])
    for place, part in enumerate(truth):
        agrees(seen_mean(hung_up[:, place]), part.abandoned, 0.3 * part.abandoned)


def every_call_is_handled_to_its_end(world: World = REAL) -> None:
    """Whoever has a shift or break end mid-call finishes the call: talk lasts as long as was drawn, for each single call."""
    scenario = """
open: 08:00-12:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  calls: {volume: 400, handle_time: {mean: 6 min, cv: 1.5}, patience: {mean: 5 min}}
staff:
  early: {agents: 10, shift: 08:00-10:00, breaks: [15 min between 08:30 and 09:30]}
  late: {agents: 10, shift: 10:00-12:00, handle_time_factor: 1.25}
"""
    late = 0.0
    for day, log in days(scenario, 20, world=world):
        answered = log.outcome == 1
        drawn = day.handle_time[answered] * day.factor[log.agent[answered]]
        assert np.allclose(log.ended[answered] - log.moved_on[answered], drawn, rtol=1e-9)
        late += float((log.spell_end - log.spell_due).sum())
    assert late > 20 * 10 * MINUTE  # it was put to the test: agents did stay on for calls


def enough_are_scheduled_and_nobody_too_many(scheduled_agents: Callable[[int, float], int]) -> None:
    """Of the scheduled a share s is away, and the required are there: n (1 - s) >= required > (n - 1) (1 - s); 14 with 30 % takes 20."""
    assert scheduled_agents(14, 0.3) == 20
    for required in (1, 14, 100, 999):
        for shrinkage in (0.0, 0.05, 0.3, 0.5):
            scheduled = scheduled_agents(required, shrinkage)
            assert scheduled * (1 - shrinkage) >= required - 1e-6
            assert (scheduled - 1) * (1 - shrinkage) < required
