"""When a target held: over intervals and days, for all calls and by type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ccsim.engine.floor import SHIFT_ENDED
from ccsim.inputs.targets import Target
from ccsim.measures.risk import read_aims
from ccsim.measures.targets import aims_of
from tests.unit.measures.by_hand import floor_of, path_of, tallied, yardstick_for
from tests.unit.measures.test_definitions import measured

AT_ONCE, LATE, GONE = ("answered", 0.0), ("answered", 60.0), ("hung up", 60.0)


def calls(*what: tuple[str, float], start: float = 0.0, kind: int = 0) -> list[Any]:
    return [(start + k, kind, outcome, wait, 10.0, 0) for k, (outcome, wait) in enumerate(what)]


def target_met(target: Target, *paths: list[Any], **options: Any) -> float:
    floor = floor_of(types=options.pop("types", 1))
    scope = {key: options.pop(key) for key in ("scope", "unit") if key in options}
    played = [path_of(floor, path, options.get("spells", ())) for path in paths]
    return measured(floor, yardstick_for(floor, target, own=options.get("own")), *played, **scope)["target_met"]


def test_a_share_met_exactly_is_met() -> None:
    for many in range(1, 60):
        target = Target(wait=20.0, share=many / 60)
        assert target_met(target, calls(*[AT_ONCE] * many, *[LATE] * (60 - many))) == 1.0
        assert target_met(target, calls(*[AT_ONCE] * (many - 1), *[LATE] * (61 - many))) == 0.0


def test_intervals_are_judged_one_by_one_and_days_as_a_whole() -> None:
    """First half hour 1 of 2 in time, second 4 of 4: half of the intervals meet 80 %, and the day, with 5 of 6, does."""
    path = calls(AT_ONCE, LATE) + calls(*[AT_ONCE] * 4, start=1800.0)
    assert target_met(Target(share=0.8, per="interval"), path) == 0.5
    assert target_met(Target(share=0.8, per="day"), path) == 1.0
    assert target_met(Target(share=0.8, per="day"), path, scope="intervals", unit=0) == 0.0


def test_intervals_and_days_without_calls_are_not_judged() -> None:
    assert target_met(Target(share=0.8), calls(AT_ONCE), []) == 1.0
    assert np.isnan(target_met(Target(share=0.8), []))
    assert target_met(Target(share=0.8, per="day"), calls(LATE), [], calls(AT_ONCE)) == 0.5


@pytest.mark.parametrize(
    ("variant", "held"), [("offered", 0.0), ("answered", 1.0), ("excluding_short_abandons", 1.0), ("counting_short_abandons", 0.0)]
)
def test_each_variant_judges_its_own_service_level(variant: Any, held: float) -> None:
    """Of 20, 14 in time, 1 late, 4 gone early, 1 gone late: 70 % of offered, 93 % of answered, 87.5 % without the early, 90 % with."""
    path = calls(*[AT_ONCE] * 14, LATE, *[("hung up", 1.0)] * 4, GONE)
    share = {"counting_short_abandons": 0.91, "excluding_short_abandons": 0.87, "answered": 0.93, "offered": 0.71}[variant]
    assert target_met(Target(share=share, variant=variant, short_abandon=5.0), path) == held


def test_every_aim_given_has_to_hold() -> None:
    path = calls(*[AT_ONCE] * 9, GONE)
    assert target_met(Target(share=0.9, abandoned_fraction=0.1), path) == 1.0
    assert target_met(Target(share=0.9, abandoned_fraction=0.09), path) == 0.0
    assert target_met(Target(share=None, average_speed_of_answer=6.0), calls(*[AT_ONCE] * 9, LATE)) == 1.0
    assert target_met(Target(share=None, average_speed_of_answer=5.9), calls(*[AT_ONCE] * 9, LATE)) == 0.0


def test_each_aim_is_told_by_itself_of_each_day_and_of_each_target_in_force() -> None:
    """Two of three days have callers: one loses too many and is slow, the other answers all at once."""
    floor = floor_of(types=2)
    own = [None, Target(share=None, abandoned_fraction=0.2)]
    common = Target(wait=20.0, share=0.9, abandoned_fraction=0.5)
    yardstick = yardstick_for(floor, common, own=own)
    paths = [calls(*[AT_ONCE] * 6, LATE, GONE) + calls(AT_ONCE, GONE, kind=1), [], calls(AT_ONCE) + calls(AT_ONCE, kind=1)]
    tally = tallied(floor, yardstick, *(path_of(floor, path) for path in paths))
    missed = read_aims(yardstick, tally, 3)
    assert {aim: days[:, 0].tolist() for aim, days in missed.items()} == {"share": [1.0, 0.0, 0.0], "abandoned_fraction": [1.0, 0.0, 0.0]}
    assert aims_of(yardstick) == ["share", "abandoned_fraction"]
    lenient = yardstick_for(floor, common, own=[None, Target(share=None, abandoned_fraction=0.5)])
    assert read_aims(lenient, tally, 3)["abandoned_fraction"].sum() == 0.0


def test_a_ceiling_on_occupancy_looks_at_all_agents() -> None:
    spells = [(0, 0.0, 100.0, 100.0, SHIFT_ENDED)]
    assert target_met(Target(share=None, occupancy=0.85), calls(*[AT_ONCE] * 8), spells=spells) == 1.0
    assert target_met(Target(share=None, occupancy=0.85), calls(*[AT_ONCE] * 9), spells=spells) == 0.0


def test_aims_for_answered_calls_are_missed_when_nobody_is_answered() -> None:
    for target in (Target(share=0.1, variant="answered"), Target(share=None, average_speed_of_answer=600.0)):
        assert target_met(target, calls(GONE, GONE)) == 0.0


def test_a_type_with_its_own_target_is_judged_by_it_and_the_rest_together_by_the_common_one() -> None:
    """Type 0 all in time, type 1 half, 75 % of all: the common 90 % is met where type 1 has an aim of 50 % of its own."""
    path = calls(*[AT_ONCE] * 4) + calls(AT_ONCE, AT_ONCE, LATE, LATE, start=10.0, kind=1)
    common, easy, hard = Target(share=0.9), Target(share=0.5), Target(share=0.6)
    assert target_met(common, path, types=2) == 0.0
    assert target_met(common, path, types=2, own=[None, easy]) == 1.0
    assert target_met(common, path, types=2, own=[None, hard]) == 0.0
    assert target_met(common, path, types=2, own=[None, easy], scope="call_types", unit=1) == 1.0
    assert target_met(common, path, types=2, own=[None, hard], scope="call_types", unit=0) == 1.0
    assert target_met(common, path, types=2, scope="call_types", unit=1) == 0.0


def test_a_types_own_target_by_the_day_counts_for_every_interval_of_that_day() -> None:
    """Type 0 is all in time in both half hours. Type 1 is late in one of two in the first and in time with four in the second: 5 of 6."""
    path = calls(AT_ONCE) + calls(AT_ONCE, LATE, start=10.0, kind=1) + calls(AT_ONCE, start=1800.0)
    path += calls(*[AT_ONCE] * 4, start=1810.0, kind=1)
    common, own = Target(share=0.8), Target(share=0.8, per="day")
    assert target_met(common, path, types=2, own=[None, Target(share=0.8)]) == 0.5
    assert target_met(common, path, types=2, own=[None, own]) == 1.0
    missed = Target(share=0.9, per="day")
    assert target_met(common, path, types=2, own=[None, missed]) == 0.0
    assert target_met(common, path, types=2, own=[None, missed], scope="intervals", unit=1) == 0.0


def test_a_day_that_held_counts_for_its_own_intervals_only() -> None:
    """Two days of two half hours; the type judged by the day is in time on the first and late on the second."""
    floor = floor_of([(0.0, 1800.0), (1800.0, 3600.0), (86400.0, 88200.0), (88200.0, 90000.0)], types=2)
    starts = (0.0, 1800.0, 86400.0, 88200.0)
    path = [
        call
        for start in starts
        for call in calls(AT_ONCE, start=start) + calls(AT_ONCE if start < 80000 else LATE, start=start + 5, kind=1)
    ]
    yardstick = yardstick_for(floor, Target(share=0.8), own=[None, Target(share=0.8, per="day")], day=[0, 0, 1, 1], path_days=2)
    held = [measured(floor, yardstick, path_of(floor, path), scope="intervals", unit=unit)["target_met"] for unit in range(4)]
    assert held == [1.0, 1.0, 0.0, 0.0]
    assert measured(floor, yardstick, path_of(floor, path))["target_met"] == 0.5


def test_where_every_type_has_a_target_by_the_day_so_has_the_whole() -> None:
    """One of two in time in the first half hour, four of four in the second: one day that held, whatever the common target's unit."""
    path = calls(AT_ONCE, LATE) + calls(*[AT_ONCE] * 4, start=1800.0)
    own = Target(share=0.8, per="day")
    assert target_met(Target(share=0.8), path, own=[own]) == target_met(Target(share=0.8), path, own=[own], scope="call_types") == 1.0
    assert target_met(Target(share=0.8, per="day"), path, own=[Target(share=0.8)]) == 0.5


def test_a_common_target_by_the_day_counts_for_the_intervals_of_a_type_judged_by_interval() -> None:
    """The rest is 5 of 6 on the day; the type with its own target is late in the first half hour."""
    path = (
        calls(AT_ONCE, LATE) + calls(LATE, start=10.0, kind=1) + calls(*[AT_ONCE] * 4, start=1800.0) + calls(AT_ONCE, start=1810.0, kind=1)
    )
    assert target_met(Target(share=0.8, per="day"), path, types=2, own=[None, Target(share=0.8)]) == 0.5


def test_the_threshold_of_a_type_is_that_of_its_own_target() -> None:
    floor = floor_of(types=2)
    path = path_of(floor, calls(("answered", 30.0)) + calls(("answered", 30.0), start=10.0, kind=1))
    run = measured(floor, yardstick_for(floor, Target(wait=20.0), own=[None, Target(wait=40.0)]), path)
    assert run["service_level_offered"] == run["over_threshold"] == 0.5
