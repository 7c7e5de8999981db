"""The parts of a back-test, each on records small enough to be worked by hand or made by the very law that is to be found again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccsim.errors import InputError
from ccsim.fitting.pauses import reversed_curve
from ccsim.fitting.records import read_calls
from ccsim.fitting.service import service
from ccsim.fitting.skills import fit_skills
from ccsim.validation import duty
from ccsim.validation.backtest import backtest
from ccsim.validation.hang_ups import WAITS, HangUps, hang_up_records, queue_found
from ccsim.validation.learned import recorded
from ccsim.validation.order import fit_order
from ccsim.validation.paths import band
from ccsim.validation.playing import Stage, staffed_for
from ccsim.validation.reading import grid, measures
from ccsim.validation.weights import blocks, uniforms, weights

DAY = "2027-03-01"


def calls(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Rows of arrival, call type, wait, handle time (None: hung up), agent."""
    frame = pd.DataFrame(rows, columns=["arrival", "call_type", "wait", "handle_time", "agent"])
    frame["outcome"] = np.where(frame["handle_time"].isna(), "abandoned", "answered")
    return frame


def test_a_call_that_runs_beyond_the_next_answer_ends_there() -> None:
    frame = read_calls(calls((100, "a", 0, 500, "Ann"), (200, "a", 0, 50, "Ann"), (900, "a", 0, 60, "Ann")), date=DAY).frame
    found = service(frame)
    assert (found.ended - found.answered).tolist() == [100.0, 50.0, 60.0]
    assert found.gap.tolist() == [0.0, 650.0, np.inf]


def test_calls_without_a_name_are_shared_out_among_the_fewest() -> None:
    frame = read_calls(calls((0, "a", 0, 100, None), (50, "a", 0, 100, None), (120, "a", 0, 100, None)), date=DAY).frame
    assert sorted(set(service(frame).agent.tolist())) == ["(not named) 1", "(not named) 2"]


def test_a_stretch_ends_in_the_middle_of_its_last_call() -> None:
    frame = read_calls(calls((0, "a", 0, 100, "Ann"), (200, "a", 0, 60, "Ann"), (9000, "a", 0, 40, "Ann")), date=DAY).frame
    found = duty.inferred(service(frame))
    start = found["start"] - found["start"].iloc[0]
    assert start.tolist() == [0.0, 9000.0]
    assert (found["end"] - found["start"].iloc[0]).tolist() == [230.0, 9020.0]


def test_who_lets_callers_of_another_team_wait_is_still_there() -> None:
    """Ann takes orders alone; a claim that waits through her gap does not send her off."""
    rows: list[tuple[object, ...]] = [(60 * k, "orders", 0, 30, "Ann") for k in range(40)]
    rows += [(60 * k + 5, "claims", 0, 30, "Bob") for k in range(40)]
    rows += [(2400, "claims", 500, 30, "Bob"), (2990, "orders", 0, 30, "Ann")]
    frame = read_calls(calls(*rows), date=DAY).frame
    assert fit_skills(frame).known == {"Ann": ("orders",), "Bob": ("claims",)}
    found = duty.inferred(service(frame))
    assert found["agent"].tolist().count("Ann") == 1


@given(st.lists(st.tuples(st.floats(0.0, 100.0), st.booleans()), min_size=1, max_size=30))
def test_chances_of_pauses_add_to_one_whatever_is_known_of_them(pairs: list[tuple[float, bool]]) -> None:
    gap, whole = np.array([gap for gap, _ in pairs]), np.array([known for _, known in pairs])
    values, chances = reversed_curve(gap, whole)
    assert len(values) == len(np.unique(gap[whole]))
    assert (chances >= -1e-12).all()
    if whole.any():
        assert chances.sum() == pytest.approx(1.0)


def test_weights_of_days_spread_a_mean_as_the_days_do() -> None:
    """Of a mean of 5 days the variance is s^2 / 5; 4,000 draws know it to 2 % and allow for 5 standard errors."""
    x = np.array([1.0, 2.0, 4.0, 7.0, 11.0])
    means = [float((weights(1, number, 5) * x).mean()) for number in range(1, 4001)]
    assert np.mean(means) == pytest.approx(x.mean(), abs=0.15)
    assert np.var(means) == pytest.approx(x.var(ddof=1) / 5, rel=0.12)
    assert weights(1, 0, 5).tolist() == [1.0] * 5


def test_with_two_days_pieces_of_days_stand_in_for_days() -> None:
    arrival = np.array([36_000.0, 50_000.0, 86_400.0 + 36_000.0])
    assert blocks(arrival)[1:] == (3, "two-hour pieces of days")
    assert blocks(np.arange(3) * 86_400.0)[1:] == (3, "days")


def test_callers_found_waiting_are_those_who_came_before_and_are_not_gone() -> None:
    arrival, wait = np.array([0.0, 10.0, 20.0, 30.0]), np.array([25.0, 5.0, 50.0, 0.0])
    assert queue_found(arrival, wait).tolist() == [0.0, 1.0, 1.0, 1.0]


def test_a_law_of_hanging_up_sums_its_hazard_and_turns_it_round() -> None:
    hazard = np.full((1, 1, 1, len(WAITS)), 0.01)
    reached = np.concatenate([np.zeros((1, 1, 1, 1)), np.cumsum(hazard[..., :-1] * np.diff(WAITS), axis=-1)], axis=-1)
    law = HangUps(np.zeros(1), np.zeros(1), hazard, reached, np.array([0.25]))
    zeros, unit = np.zeros(4, np.int64), np.array([0.02, 0.5, 5.0, 50.0])
    patience = law.patience(zeros, np.zeros(4), np.ones(4), unit, np.array([0.9, 0.9, 0.9, 0.1]))
    np.testing.assert_allclose(patience, [2.0, 50.0, 500.0, 0.0])
    np.testing.assert_allclose(law.summed(zeros[:3], np.zeros(3), np.ones(3), patience[:3]), unit[:3])


def test_callers_who_leave_sooner_where_more_wait_are_seen_to() -> None:
    """8,000 callers who found 0 or 9 waiting, with hazards of 1/400 and 1/100; each fit rests on some thousand hang-ups."""
    count = 8000
    unit = -np.log(uniforms(1, 1, 0, "x", count))
    crowded = uniforms(1, 2, 0, "x", count) < 0.5
    patience, offered = unit * np.where(crowded, 100.0, 400.0), 300.0 * uniforms(1, 3, 0, "x", count)
    arrival = np.arange(count) * 1000.0
    gone = patience < offered
    frame = pd.DataFrame(
        {
            "call_type": "a", "priority": 0.0, "wait": np.minimum(patience, offered), "outcome": np.where(gone, "abandoned", "answered"),
        }
    )  # fmt: skip
    # Nine callers who came just before and waited just as long stand for the queue found.
    extra = pd.concat([frame[crowded]] * 9, ignore_index=True).assign(wait=0.5, outcome="answered")
    when = np.concatenate([np.repeat(arrival[crowded][None, :], 9, axis=0).ravel() - 0.25, arrival])
    everybody = pd.concat([extra, frame], ignore_index=True)
    order = np.argsort(when, kind="stable")
    when, everybody = when[order], everybody.iloc[order].reset_index(drop=True)
    records = hang_up_records(everybody, when, np.ones(len(when)), np.zeros(len(when), np.int64))
    law = records.estimate(np.ones(1))
    kind, ones = np.zeros(2, np.int64), np.ones(2)
    few, many = law.summed(kind, np.array([0.0, 9.0]), ones, np.full(2, 100.0))
    assert few == pytest.approx(100.0 / 400.0, rel=0.2)
    assert many == pytest.approx(100.0 / 100.0, rel=0.2)


def test_the_order_of_answering_is_read_off_the_answers() -> None:
    """Eight callers at a time, every other of high priority, answered by each of three rules in turn."""

    def log(score: str) -> tuple[pd.DataFrame, np.ndarray]:
        rows = []
        for lot in range(60):
            came = [lot * 10_000.0 + (20.0 + 7.0 * lot % 90.0) * k for k in range(8)]
            high = [(k + lot) % 2 for k in range(8)]
            rule = {"longest": came, "priority": [t - 1e6 * h for t, h in zip(came, high, strict=True)]}
            rule["credit"] = [t - 90.0 * h for t, h in zip(came, high, strict=True)]
            order = np.argsort(rule[score], kind="stable")
            for turn, k in enumerate(order):
                rows.append((came[k], high[k], lot * 10_000.0 + 1000.0 + 60.0 * turn - came[k]))
        rows.sort()
        frame = pd.DataFrame(rows, columns=["arrival", "priority", "wait"]).assign(call_type="a", outcome="answered")
        return frame, frame["arrival"].to_numpy()

    longest, priority, credit = (fit_order(*log(name)) for name in ("longest", "priority", "credit"))
    assert longest.longest == 1.0
    assert not longest.by_priority
    assert longest.credit == 0.0
    assert priority.priority == 1.0
    assert priority.by_priority
    assert credit.credit == 90.0
    assert credit.with_credit == 1.0


def test_measures_count_as_the_contract_of_the_four_service_levels_says() -> None:
    wait, answered = np.array([0.0, 10.0, 30.0, 2.0, 50.0]), np.array([True, True, True, False, False])
    found, by_interval = measures(wait, answered, grid(np.zeros(5), 1800.0), 20.0, 5.0)
    assert found["offered"] == 5.0
    assert found["abandoned_fraction"] == pytest.approx(2 / 5)
    assert found["mean_wait"] == pytest.approx(92 / 5)
    assert found["average_speed_of_answer"] == pytest.approx(40 / 3)
    assert found["service_level_offered"] == pytest.approx(2 / 5)
    assert found["service_level_answered"] == pytest.approx(2 / 3)
    assert found["service_level_excluding_short_abandons"] == pytest.approx(2 / 4)
    assert found["service_level_counting_short_abandons"] == pytest.approx(3 / 5)
    assert by_interval["mean_wait"].tolist() == [92 / 5]


def test_a_band_of_thirty_nine_paths_runs_from_the_least_to_the_greatest() -> None:
    low, high = band(np.arange(39.0)[:, None])
    assert low.tolist() == [0.0]
    assert high.tolist() == [38.0]


def test_the_stage_plays_what_was_recorded_when_given_it() -> None:
    """One person, four callers: the second waits 40 s, the third hangs up after 20 s, the fourth waits."""
    rows = ((0, "a", 0, 100, "Ann"), (60, "a", 40, 50, "Ann"), (70, "a", 20, None, None), (120, "a", 30, 50, "Ann"))
    test = recorded(read_calls(calls(*rows), date=DAY))
    stage = Stage(test.coming, test.stretches, fit_skills(test.frame), False, False)
    path = stage.play(np.array([100.0, 50.0, 50.0, 50.0]), np.array([1e4, 1e4, 20.0, 1e4]), {})
    assert path.wait.tolist() == [0.0, 40.0, 20.0, 30.0]
    assert path.answered.tolist() == [True, True, False, True]


def test_who_never_hangs_up_waits_until_the_staff_has_gone() -> None:
    """Two people until 12:00 with a pause of half an hour between them, and one from 18:00 to 19:00."""
    start, end = np.array([10.5, 9.0, 18.0]) * 3600.0, np.array([12.0, 10.0, 19.0]) * 3600.0
    hours = np.array([7.0, 8.5, 9.5, 10.2, 12.0, 12.5, 17.5, 18.5, 20.0])
    assert (staffed_for(start, end, hours * 3600.0) / 3600.0).tolist() == pytest.approx([0.0, 3.5, 2.5, 1.8, 0.0, 0.0, 1.5, 0.5, 0.0])


def test_days_that_stand_in_both_parts_are_refused() -> None:
    part = read_calls(calls((0, "a", 0, 100, "Ann"), (60, "a", 40, 50, "Ann")), date=DAY)
    with pytest.raises(InputError, match="both have calls on 2027-03-01"):
        backtest(part, part, draws=40)


def test_too_few_calls_to_learn_from_are_refused() -> None:
    one = read_calls(calls((0, "a", 0, 100, "Ann")), date=DAY)
    other = read_calls(calls((0, "a", 0, 100, "Ann")), date="2027-03-02")
    with pytest.raises(InputError, match="at least 50 are needed"):
        backtest(one, other, draws=40)
