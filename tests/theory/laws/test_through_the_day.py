"""Laws of changing rates: methods agree where nothing changes, and the exact course shows what each forgets."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.theory import (
    ErlangA,
    ErlangC,
    Station,
    VaryingDay,
    exact_transient,
    modified_offered_load,
    pointwise_stationary,
    sipp,
    stationary_backlog_carryover,
)

METHODS = [pointwise_stationary, sipp, stationary_backlog_carryover, modified_offered_load, exact_transient]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
@pytest.mark.parametrize("patience", [None, 300.0])
def test_all_methods_are_the_steady_state_in_the_end_where_nothing_changes(method: object, patience: float | None) -> None:
    day = VaryingDay(np.full(20, 10 / 180), np.full(20, 13), 1800.0, 180.0, patience)
    table = method(day, 30.0)  # type: ignore[operator]
    queue: Station = ErlangC(10 / 180, 180.0, 13) if patience is None else ErlangA(10 / 180, 180.0, 13, patience)
    assert table.delay_probability[-1] == pytest.approx(queue.delay_probability, rel=1e-6)
    assert table.mean_wait[-1] == pytest.approx(queue.mean_wait, rel=1e-6)
    assert table.service_level[-1] == pytest.approx(queue.service_level(30.0), rel=1e-6)
    assert table.abandoned_fraction[-1] == pytest.approx(queue.abandoned_fraction, abs=1e-8)
    assert table.occupancy[-1] == pytest.approx(queue.occupancy, rel=1e-6)
    assert table.mean_queue[-1] == pytest.approx(queue.mean_queue, rel=1e-6)
    assert table.calls.sum() == pytest.approx(2000.0)


def test_the_exact_course_loses_no_call() -> None:
    """In the house at first + calls = answered + hung up + in the house at the end."""
    rates = np.array([5, 20, 40, 60, 30, 10, 0, 0]) / 600
    day = VaryingDay(rates, [6, 12, 9, 4], 1200.0, 180.0, 120.0)
    table = exact_transient(day, start=7)
    handled = (table.occupancy * day.agents * 1200.0).sum() / 180.0
    gone = (table.abandoned_fraction * table.calls)[:3].sum() + table.mean_queue[3] * 1200.0 / 120.0
    assert 7 + table.calls.sum() == pytest.approx(handled + gone + table.in_system[-1], rel=1e-9)


def test_finer_steps_of_the_same_rates_change_nothing() -> None:
    coarse = exact_transient(VaryingDay([0.05, 0.09, 0.02], [10, 14, 9], 900.0, 180.0, 200.0), 30.0)
    fine = exact_transient(VaryingDay(np.repeat([0.05, 0.09, 0.02], 3), [10, 14, 9], 900.0, 180.0, 200.0), 30.0)
    for name in ("delay_probability", "abandoned_fraction", "mean_wait", "service_level", "occupancy", "in_system"):
        assert getattr(fine, name) == pytest.approx(getattr(coarse, name), rel=1e-9)


def test_starting_from_the_steady_state_stays_there() -> None:
    queue = ErlangA(10 / 180, 180.0, 12, 300.0)
    settled = exact_transient(VaryingDay(np.full(30, 10 / 180), np.full(30, 12), 1800.0, 180.0, 300.0))
    assert settled.abandoned_fraction[-1] == pytest.approx(queue.abandoned_fraction, rel=1e-9)
    law = np.zeros(60)
    chain = np.array([10.0**k for k in range(13)])
    law[:13] = chain / np.array([float(np.prod(np.arange(1, k + 1))) for k in range(13)])
    for k in range(13, 60):
        law[k] = law[k - 1] * (10 / 180) / (12 / 180 + (k - 12) / 300)
    start = exact_transient(VaryingDay([10 / 180], [12], 60.0, 180.0, 300.0), start=law / law.sum())
    assert start.delay_probability[0] == pytest.approx(queue.delay_probability, rel=1e-9)
    assert start.in_system[0] == pytest.approx(queue.mean_queue + 12 * queue.occupancy, rel=1e-9)


def test_an_overload_leaves_work_behind_that_sipp_forgets_and_the_backlog_carries() -> None:
    day = VaryingDay(np.array([100, 150, 100, 80]) / 1800, [14] * 4, 1800.0, 180.0)
    exact, plain, carried = exact_transient(day), sipp(day), stationary_backlog_carryover(day)
    assert np.isinf(plain.mean_wait[1])
    assert np.isfinite(carried.mean_wait).all()
    assert carried.mean_wait[1] == pytest.approx(exact.mean_wait[1], rel=0.7)
    assert abs(carried.mean_wait[2] - exact.mean_wait[2]) < abs(plain.mean_wait[2] - exact.mean_wait[2]) / 2


def test_the_lag_and_the_modified_load_come_nearer_to_the_truth_than_plain_sipp() -> None:
    """Calls that swing by half once in four hours of 15 min handle time: congestion trails them (Green, Kolesar and Soares 2001)."""
    times = np.arange(0, 8 * 3600, 300) + 150.0
    rates = 0.03 * (1 + 0.5 * np.sin(2 * np.pi * times / (4 * 3600)))
    day = VaryingDay(rates, np.full(16, 33), 1800.0, 900.0, 600.0)
    exact = exact_transient(day, start=27)

    def error(table: object) -> float:
        return float(np.abs(table.delay_probability - exact.delay_probability)[4:].mean())  # type: ignore[attr-defined]

    assert error(sipp(day, lag=900.0)) < 0.6 * error(sipp(day))
    assert error(modified_offered_load(day)) < 0.6 * error(pointwise_stationary(day))


def test_forms_of_sipp_take_the_rate_they_say() -> None:
    day = VaryingDay([1.0, 3.0, 3.0, 5.0, 5.0, 1.0], [9, 9, 9], 60.0, 1.0)
    assert sipp(day).offered_load.tolist() == pytest.approx([2.0, 4.0, 3.0])
    assert sipp(day, rate="max").offered_load.tolist() == pytest.approx([3.0, 5.0, 5.0])
    assert sipp(day, rate="mix").offered_load.tolist() == pytest.approx([2.0, 4.0, 5.0])
    assert sipp(day, lag=30.0).offered_load.tolist() == pytest.approx([1.0, 3.0, 5.0])
    assert sipp(day, lag=30.0, rate="max").offered_load.tolist() == pytest.approx([1.0, 3.0, 5.0])
    assert pointwise_stationary(day).offered_load.tolist() == pytest.approx([2.0, 4.0, 3.0])


def test_totals_are_weighted_by_calls_and_empty_intervals_weigh_nothing() -> None:
    table = pointwise_stationary(VaryingDay([0.0, 0.05], [0, 10], 600.0, 180.0))
    queue = ErlangC(0.05, 180.0, 10)
    assert table.totals["mean_wait"] == pytest.approx(queue.mean_wait)
    assert table.service_level[0] == 1.0


def test_an_interval_with_calls_and_nobody_on_duty() -> None:
    day = VaryingDay([0.01, 0.01], [0, 5], 600.0, 180.0, 120.0)
    exact = exact_transient(day)
    assert exact.service_level[0] == 0.0
    assert exact.delay_probability[0] == pytest.approx(1.0)
    assert stationary_backlog_carryover(VaryingDay([0.01, 0.01], [0, 5], 600.0, 180.0)).service_level[0] == 0.0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: VaryingDay([0.1, 0.1, 0.1], [5, 5], 1800.0, 180.0),
        lambda: VaryingDay([], [], 1800.0, 180.0),
        lambda: VaryingDay(0.1, 5, 1800.0, 180.0),
        lambda: VaryingDay([0.1], [5], 0.0, 180.0),
        lambda: VaryingDay([0.1], [5], 1800.0, 180.0, 0.0),
        lambda: VaryingDay([-0.1], [5], 1800.0, 180.0),
        lambda: exact_transient(VaryingDay([0.1], [5.5], 1800.0, 180.0)),
        lambda: exact_transient(VaryingDay([0.1], [5], 1800.0, 180.0), start=0.5),
        lambda: exact_transient(VaryingDay([0.1], [5], 1800.0, 180.0), start=[0.5, 0.4]),
        lambda: exact_transient(VaryingDay([100.0], [5], 86400.0, 180.0)),
        lambda: sipp(VaryingDay([0.1], [5], 1800.0, 180.0), rate="median"),
    ],
)
def test_days_that_make_no_sense_are_refused(wrong: object) -> None:
    with pytest.raises(InputError):
        wrong()  # type: ignore[operator]
