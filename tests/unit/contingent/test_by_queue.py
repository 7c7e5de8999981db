"""What the queue alone makes of a day: how busy it is taken to be, and what would be called on one as expected."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest

from ccsim.contingent.by_queue import ByQueue, by_queue, chance_at_0
from ccsim.contingent.now import Now, now
from ccsim.errors import InputError
from ccsim.inputs import loads
from ccsim.reporting.now import answer, show_now
from ccsim.reporting.terminal import console
from ccsim.web.blocks import in_fields

CENTRE = """
date: 2027-04-12
open: 08:00-14:00
interval: 30 min
target: {wait: 60 s, share: 80 %}
calls:
  sales: {volume: 420, busyness_cv: 0.15, handle_time: {mean: 4 min, cv: 1.1}, patience: {mean: 4 min}}
staff:
  desk: {agents: 8, shift: 08:00-14:00}
contingent:
  home: {agents: 5, accept: 90 %, notice: {mean: 15 min, cv: 0.3}, activate: {when: queue, reaches: 100, call_up: all}, block: 1 h}
cost: {agent_hour: 26, overtime_factor: 1.5, abandoned_call: 20, currency: EUR}
"""
AT = 10.5 * 3600.0


def _now(text: str = CENTRE, **told: object) -> Now:
    return now(loads(text), AT, 9, 8, 100.0, futures=60, workers=1, seed=3, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize("slope", [0.0, 6.0, 15.0])
def test_the_chance_on_a_day_as_expected_is_read_off_futures_that_differ_in_how_busy_they_are(slope: float) -> None:
    rng = np.random.default_rng(5)
    levels = rng.normal(0.08, 0.1, 20_000)
    gone_wrong = (rng.random(20_000) < 1.0 / (1.0 + np.exp(1.0 - slope * levels))).astype(float)
    assert chance_at_0(levels, gone_wrong) == pytest.approx(1.0 / (1.0 + np.e), abs=0.015)


def test_where_no_future_is_as_expected_no_number_is_said_and_where_the_calls_are_told_nothing() -> None:
    wrong = np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    assert by_queue(None, wrong, [0, 1, 2], 0.2) is None
    far = by_queue(np.array([0.1, 0.2, 0.3]), wrong, [0, 1, 2], 0.2)
    assert far is not None
    assert far.number is None
    assert far.busy == pytest.approx(np.exp([0.1, 0.2, 0.3]).mean())
    near = by_queue(np.array([-0.1, 0.0, 0.3]), wrong, [0, 1, 2], 0.2)
    assert near is not None
    assert near.number == 2


def test_a_queue_that_makes_the_day_look_busy_is_said_with_what_a_usual_day_would_call() -> None:
    found = _now()
    assert found.by_queue is not None
    assert found.by_queue.busy > 1.02
    said = " ".join(answer(found))
    assert f"By the queue alone the day is taken to be {100 * (found.by_queue.busy - 1):.0f} % busier than expected" in said
    assert "tell --calls-so-far." in said
    assert "--" not in in_fields(said)
    assert found.to_dict()["busyness_by_queue"] == found.by_queue.busy
    told = _now(calls_so_far=175)
    assert told.by_queue is None
    assert "By the queue alone" not in " ".join(answer(told))
    quiet = " ".join(answer(replace(found, by_queue=ByQueue(0.9, 0))))
    assert "10 % quieter than expected; were as many calls as usual so far, nobody would be called" in quiet


def test_what_stands_in_the_tables_is_explained_below_them() -> None:
    out = console()
    out.file = io.StringIO()
    show_now(out, _now())
    said = " ".join(out.file.getvalue().split())
    assert "± is the 95 % interval" in said
    assert "it may be below 0" in said
    assert "In brackets" not in said


def test_an_option_that_changes_nothing_is_said() -> None:
    assert any("--asked 50 changes nothing" in note for note in _now(asked=50).notes)
    falling = CENTRE.replace("accept: 90 %", "accept: [90 %, 50 %]")
    assert not any("changes nothing" in note for note in _now(falling, asked=1).notes)


def test_hours_that_are_nearly_used_up_are_said_and_more_than_can_be_are_refused() -> None:
    limited = CENTRE.replace("accept:", "at_most: {hours: 20 h, per: week}, accept:")
    assert any("1.5 h are left" in note for note in _now(limited, logged_in=18.5 * 3600.0).notes)
    assert not any("are left" in note for note in _now(limited, logged_in=2.0 * 3600.0).notes)
    with pytest.raises(InputError, match="no more than 50 h come together"):
        _now(limited, logged_in=60.0 * 3600.0)


def test_a_pool_outside_the_opening_hours_is_refused_as_the_card_refuses_it() -> None:
    with pytest.raises(InputError, match="available` 22:00-23:00 lies outside the opening hours: nobody can be called on this day"):
        _now(CENTRE.replace("accept:", "available: 22:00-23:00, accept:"))


def test_a_block_longer_than_the_hours_of_the_pool_is_a_warning() -> None:
    def warned(block: str) -> bool:
        text = CENTRE.replace("accept:", "available: 09:00-12:00, accept:").replace("block: 1 h", f"block: {block}")
        return any("longer than `available` 09:00-12:00" in warning for warning in loads(text).warnings)

    assert warned("4 h")
    assert not warned("3 h")
