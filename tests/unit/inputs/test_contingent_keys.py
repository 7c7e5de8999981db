"""What a file says of when contingents are called up: levels, releases, limits; and what is refused, in which words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ccsim.errors import ScenarioError
from ccsim.inputs import Scenario, load, loads

FULL = Path(__file__).parent / "full-contingent.yaml"
HEAD = """date: 2027-04-12
open: 08:00-20:00
target: {wait: 60 s, share: 80 %}
calls: {a: {volume: 500, handle_time: 4 min, patience: 5 min}}
staff: {g: {agents: 9, shift: 08:00-20:00}}
contingent:
  home:
    agents: 6
    available: 09:00-18:00
    notice: 20 min
"""
QUEUE = "activate: {when: queue, reaches: 5}\n    "


def scenario(told: str) -> Scenario:
    return loads(f"{HEAD}    {told}\n")


@pytest.fixture(scope="module")
def full() -> Scenario:
    return load(FULL)


def test_levels_are_read_in_seconds_and_people(full):
    levels = full.contingent["home"].activate
    assert [(rule.when, rule.reaches, rule.call_up, rule.every, rule.ahead) for rule in levels] == [
        ("estimated_wait", 60, 4, 600, 0),
        ("estimated_wait", 120, "all", None, 0),
        ("forecast_wait", 90, 2, None, 1200),
        ("plan_gap", 3, 2, None, 0),
        ("windows", 0, 2, None, 0),
    ]
    assert levels[3].required[:3].tolist() == [8, 9, 10]
    assert levels[4].windows == ((39600, 46800), (61200, 64800))
    assert full.contingent["booked"].activate[0].when == "always"
    assert full.contingent["spare"].never_asks


def test_releases_are_read_and_take_what_they_leave_out_from_the_levels(full):
    home = full.contingent["home"]
    assert [(release.when, release.falls_to, release.ahead) for release in home.release] == [
        ("estimated_wait", 20, 0),
        ("forecast_wait", 45, 600),
        ("plan_gap", 1, 0),
    ]
    (release,) = (
        scenario("activate: {when: forecast_wait, ahead: 30 min, reaches: 60 s}\n    release: {falls_to: 10 s}").contingent["home"].release
    )
    assert (release.when, release.ahead) == ("forecast_wait", 1800)
    required = ", ".join(["7"] * 24)
    gap = scenario(f"activate: {{when: plan_gap, reaches: 2, required: [{required}]}}\n    release: {{falls_to: 1}}").contingent["home"]
    np.testing.assert_array_equal(gap.release[0].required, gap.activate[0].required)


def test_limits_are_read(full):
    home = full.contingent["home"]
    assert (home.accept, home.accept_again, home.log_in_fails) == (0.8, (0.6, 0.4), 0.03)
    assert home.hours == ((28800, 50400), (50400, 72000), (25200, 75600))
    assert home.available == (25200, 75600)
    assert (home.at_most.activations, home.at_most.seconds, home.at_most.per) == (3, 72000, "day")
    evening, weekend = home.pay.premiums
    assert (evening.span, evening.days, evening.hour) == ((64800, 75600), None, 6.0)
    assert (weekend.days, weekend.hour) == ((5, 6), 6.0)


def test_a_pool_that_looks_ahead_or_at_the_plan_looks_every_minute_unless_told(full):
    assert full.contingent["home"].check == 60
    assert full.contingent["spare"].check is None
    assert scenario("activate: {when: plan_gap, reaches: 2}").contingent["home"].check == 60
    assert scenario("activate: {when: plan_gap, reaches: 2, check: 5 min}").contingent["home"].check == 300
    assert scenario(QUEUE).contingent["home"].check is None


def test_a_booked_time_after_midnight_is_one_of_the_evening_before():
    told = loads(
        HEAD.replace("08:00-20:00", "00:00-24:00").replace("09:00-18:00", "22:00-06:00") + "    activate: {windows: [01:00-03:00]}\n"
    )
    assert told.contingent["home"].activate[0].windows == ((90000, 97200),)


WRONG = [
    ("activate: []", "the list is empty"),
    ("activate: [5]", "found '5', where keys and values belong"),
    ("activate: {reaches: 5}", "`contingent.home.activate.when`: this key is missing"),
    ("activate: {when: queue}", "`contingent.home.activate.reaches`: this key is missing"),
    ("activate: [{when: queue, reaches: 3}, {when: queue, reaches: 0}]", "`contingent.home.activate.reaches`, entry 2: found 0"),
    ("activate: [{when: queue, reaches: 5}, {when: always}]", "let it stand alone"),
    ("activate: {when: never, call_up: 3}", "with `when: never` nobody is ever asked; leave `call_up` out"),
    ("activate: {when: always}\n    release: {when: queue, falls_to: 1}", "there is nothing that could fall; leave `release` out"),
    ("activate: {windows: 08:00-10:00}", "08:00-10:00 does not lie within `available` 09:00-18:00"),
    ("activate: {when: queue, reaches: 3, windows: 11:00-12:00}", "`windows` belongs to `when: windows`, and this rule looks at `queue`"),
    ("activate: {when: windows}", "give the booked times"),
    ("activate: {windows: 11:00-12:00, reaches: 5}", "`windows` has no level to reach"),
    ("activate: {when: forecast_wait, reaches: 60 s}", "say how far `forecast_wait` looks ahead"),
    ("activate: {when: forecast_wait, reaches: 60 s, ahead: 30 h}", "24 h at most"),
    ("activate: {when: forecast_wait, reaches: 5, ahead: 20 min}", "`forecast_wait` is a time"),
    ("activate: {when: plan_gap, reaches: 60 s}", "`plan_gap` counts people"),
    ("activate: {when: plan_gap, reaches: 2, required: [1, 2, 3]}", "the list has 3 numbers; give 24"),
    ("activate: [{when: queue, reaches: 5, check: 1 min}, {when: queue, reaches: 9, check: 2 min}]", "different times for `check`"),
    (
        "activate: [{when: queue, reaches: 5}, {when: queue, reaches: 9}]\n    release: {when: queue, falls_to: 7}",
        "the release level 7 is above the trigger 5",
    ),
    (QUEUE + "release: []", "the list is empty"),
    (QUEUE + "at_most: {per: day}", "there is no limit here"),
    (QUEUE + "at_most: {hours: 20}", "number without a unit"),
    (QUEUE + "accept: [80 %, 120 %]", "`contingent.home.accept`, entry 2"),
    (QUEUE + "pay: {hour: 20, premium: []}", "the list is empty"),
    (QUEUE + "pay: {hour: 20, premium: {span: 18:00-20:00}}", "there is no more pay here"),
    (QUEUE + "pay: {hour: 20, premium: [{span: 18:00-20:00, factor: 1.5, hour: 3}]}", "both `factor` and `hour` are given"),
]


@pytest.mark.parametrize(("told", "says"), WRONG, ids=[says[:40] for _, says in WRONG])
def test_what_cannot_be_meant_is_refused_in_a_sentence(told, says):
    with pytest.raises(ScenarioError) as caught:
        scenario(told)
    assert says in str(caught.value)
    assert "line 1" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (QUEUE + "accept: [0, 0 %]", "nobody ever says yes"),
        (QUEUE + "log_in_fails: 1", "nobody who says yes is ever there"),
        (QUEUE + "at_most: {activations: 0}", "the pool is never called up"),
    ],
)
def test_what_can_never_help_gets_a_warning(told, says):
    assert any(says in warning for warning in scenario(told).warnings)


def test_more_hours_than_people_and_hours_while_closed_get_a_warning():
    told = loads(HEAD.replace("09:00-18:00", f"[{', '.join(['09:00-18:00'] * 6)}, 21:00-22:00]") + f"    {QUEUE}\n")
    assert any("available` has 7 spans for 6 people" in warning for warning in told.warnings)
    assert any("21:00-22:00 lies outside the opening hours: who has these hours can never help" in warning for warning in told.warnings)
    early = loads(HEAD.replace("09:00-18:00", "06:00-18:00") + "    activate: {windows: [06:00-07:00]}\n")
    assert any("06:00-07:00 lies outside the opening hours: nobody comes then" in warning for warning in early.warnings)


def test_nobody_booked_is_given_notice_so_a_long_one_is_no_fault():
    long = HEAD.replace("notice: 20 min", "notice: 12 h")
    assert any("nobody is ever on in time" in warning for warning in loads(long + f"    {QUEUE}\n").warnings)
    assert not any("in time" in warning for warning in loads(long + "    activate: {windows: [11:00-12:00]}\n").warnings)
