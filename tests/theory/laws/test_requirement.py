"""Laws of the formulas turned round: what is found meets the targets, and one agent fewer, one call more does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccsim.errors import InputError
from ccsim.theory import (
    Lognormal,
    Targets,
    Uniform,
    erlang_b,
    longest_handle_time,
    most_calls,
    most_load,
    queue_of,
    redialling,
    required_agents,
    required_lines,
    required_trunks,
)

HANDLE = 200.0
ASKED = [
    {"threshold": 20.0, "share": 0.8},
    {"threshold": 20.0, "share": 0.9, "variant": "answered"},
    {"threshold": 20.0, "share": 0.9, "variant": "excluding short abandons", "short_abandon": 5.0},
    {"threshold": 20.0, "share": 0.9, "variant": "counting-short-abandons", "short_abandon": 5.0},
    {"average_speed_of_answer": 15.0},
    {"mean_wait": 15.0},
    {"abandoned_fraction": 0.03},
    {"delay_probability": 0.2},
    {"occupancy": 0.8},
    {"wait_quantile": (0.9, 30.0)},
    {"threshold": 20.0, "share": 0.7, "abandoned_fraction": 0.05, "occupancy": 0.9},
]
CALLERS = [{"patience": 150.0}, {"patience": Lognormal(150.0, 1.2), "balk": 0.02}, {"patience": Uniform(0.0, 300.0), "lines": 60}]
EVERY_TARGET = pytest.mark.parametrize("asked", ASKED, ids=lambda asked: "-".join(asked))


@EVERY_TARGET
@pytest.mark.parametrize("callers", CALLERS, ids=["exponential", "lognormal", "uniform-lines"])
def test_the_fewest_agents_meet_every_target_and_one_fewer_does_not(asked: dict[str, object], callers: dict[str, object]) -> None:
    targets, rate = Targets(**asked), 0.12  # type: ignore[arg-type]
    agents = required_agents(rate, HANDLE, targets, **callers)  # type: ignore[arg-type]
    assert targets.met(queue_of(rate, HANDLE, [agents - 1, agents], **callers)).tolist() == [False, True]  # type: ignore[arg-type]


@EVERY_TARGET
def test_fractional_agents_just_meet_the_target_and_round_up_to_the_whole_ones(asked: dict[str, object]) -> None:
    targets, rate = Targets(**asked), np.array([0.02, 0.12, 0.7])  # type: ignore[arg-type]
    part = required_agents(rate, HANDLE, targets, patience=150.0, whole=False)
    assert np.ceil(part - 1e-8).tolist() == required_agents(rate, HANDLE, targets, patience=150.0).tolist()
    assert targets.met(queue_of(rate, HANDLE, part, patience=150.0)).all()
    assert not targets.met(queue_of(rate, HANDLE, part * (1 - 1e-6), patience=150.0)).any()


@EVERY_TARGET
def test_the_most_calls_and_the_longest_handle_time_just_meet_the_targets(asked: dict[str, object]) -> None:
    targets = Targets(**asked)  # type: ignore[arg-type]
    rate = most_calls(30, HANDLE, targets, patience=150.0)
    assert targets.met(queue_of(rate * np.array([1 - 1e-8, 1 + 1e-8]), HANDLE, 30, patience=150.0)).tolist() == [True, False]
    handle = longest_handle_time(rate, 30, targets, patience=150.0)
    assert handle == pytest.approx(HANDLE, rel=1e-7)


@settings(max_examples=30, deadline=None)
@given(load=st.floats(0.01, 500.0), blocked=st.floats(1e-4, 0.5))
def test_trunks_found_block_no_more_and_one_fewer_does(load: float, blocked: float) -> None:
    trunks = required_trunks(load, blocked)
    assert erlang_b(trunks, load) <= blocked * (1 + 1e-9)
    assert erlang_b(trunks - 1, load) > blocked
    assert most_load(trunks, blocked) >= load * (1 - 1e-9)
    assert erlang_b(required_trunks(load, blocked, whole=False), load) == pytest.approx(blocked, rel=1e-6)


@pytest.mark.parametrize("patience", [None, 100.0])
def test_lines_found_are_the_fewest(patience: float | None) -> None:
    lines = required_lines(0.1, HANDLE, 24, 0.01, patience=patience)
    blocked = queue_of(0.1, HANDLE, [24, 24], patience=patience, lines=[lines - 1, lines]).blocked_fraction
    assert blocked[0] > 0.01 >= blocked[1]


def test_more_calls_than_the_agents_can_handle_fill_any_number_of_lines() -> None:
    with pytest.raises(InputError, match="no number of lines"):
        required_lines(0.1, HANDLE, 18, 0.01)


def test_redials_need_more_agents() -> None:
    targets = Targets(threshold=20.0, share=0.8)
    agents = required_agents(0.12, HANDLE, targets, patience=60.0, redial=0.9)
    assert agents > required_agents(0.12, HANDLE, targets, patience=60.0)
    assert redialling(0.12, HANDLE, agents, 0.9, patience=60.0).queue.service_level(20.0) >= 0.8
    assert redialling(0.12, HANDLE, agents - 1, 0.9, patience=60.0).queue.service_level(20.0) < 0.8


def test_everyone_calling_until_answered_needs_more_agents_than_erlangs() -> None:
    assert required_agents(0.1, HANDLE, Targets(abandoned_fraction=0.9), patience=60.0, redial=1.0) == 21


def test_too_few_lines_for_the_target_are_said() -> None:
    with pytest.raises(InputError, match="lines"):
        required_agents(0.1, HANDLE, Targets(blocked_fraction=0.01), lines=22)


def test_counting_late_hang_ups_as_good_is_refused_in_a_search() -> None:
    with pytest.raises(InputError, match="short_abandon is above the threshold"):
        required_agents(0.1, HANDLE, Targets(20.0, 0.8, "counting_short_abandons", 30.0), patience=60.0)


def test_targets_by_interval_broadcast_with_the_calls() -> None:
    rate = np.array([[0.05], [0.2]])
    agents = required_agents(rate, HANDLE, Targets(threshold=[10.0, 60.0], share=[0.9, 0.7]), patience=[100.0, 300.0])
    assert agents.shape == (2, 2)
    one = required_agents(0.2, HANDLE, Targets(threshold=60.0, share=0.7), patience=300.0)
    assert agents[1, 1] == one


def test_a_hundred_thousand_erlangs_are_no_trouble() -> None:
    agents = required_agents(1e5 / HANDLE, HANDLE, Targets(delay_probability=0.2))
    assert agents == pytest.approx(1e5 + 1.06 * 1e5**0.5, abs=5.0)
