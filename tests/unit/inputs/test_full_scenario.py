"""A file that uses every key of this version is read, and each key arrives where it belongs."""

from __future__ import annotations

import datetime as dt
import pathlib
import pickle

import numpy as np
import pytest
from pydantic import ValidationError

from ccsim.errors import ScenarioError
from ccsim.inputs import Break, Scenario, changed, load, loads
from ccsim.inputs.faults import plain
from ccsim.inputs.key_table import key_table

HERE = pathlib.Path(__file__).parent
FULL = HERE / "full.yaml"


@pytest.fixture(scope="module")
def full() -> Scenario:
    return load(FULL)


def paths_in(data: object, above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Where keys stand in what was read, entries of a list at the place of the list."""
    if isinstance(data, list):
        return set().union(*(paths_in(entry, above) for entry in data))
    if not isinstance(data, dict):
        return set()
    here = {(*above, plain(key)): value for key, value in data.items()}
    return set(here).union(*(paths_in(value, path) for path, value in here.items()))


def stands_for(path: str, written: tuple[str, ...]) -> bool:
    """Whether a path of the table, in which NAME is any name, is that of a key in a file."""
    words = path.split(".")
    return len(words) == len(written) and all(word == "NAME" or plain(word) == one for word, one in zip(words, written, strict=True))


def test_the_full_scenario_uses_every_key_that_is_built():
    # what callers do, and what concerns people, each stand in a file of their own
    written = set().union(*(paths_in(load(file).data) for file in sorted(HERE.glob("full*.yaml"))))
    table = {row.path for row in key_table() if row.built}
    missing = {path for path in table if not any(stands_for(path, one) for one in written)}
    # laws and columns have the same keys wherever they stand, and so have targets: each key is used at one of the places
    shared = {path.rpartition(".")[0] for path in table if path.endswith((".phases", ".column"))} | {"target", "calls.NAME.target"}
    apart = {path for path in table if path.rpartition(".")[0] in shared}
    assert missing - apart == set()
    # `phases` excludes the other ways to give a width
    assert {path.rpartition(".")[2] for path in apart} - {path.rpartition(".")[2] for path in apart - missing} == {"phases"}


def test_the_head_of_the_file_is_read_in_seconds_and_fractions(full):
    assert (full.title, full.date, full.days) == ("Two-day centre", dt.date(2027, 4, 12), 2)
    assert (full.interval, full.warm_up, full.close, full.lines, full.route) == (3600, 3600, "hang-up", 120, "longest-idle")
    assert (full.fte.hours, full.fte.per) == (38.5, "week")
    assert full.cost is not None
    assert (full.cost.agent_hour, full.cost.overtime_factor, full.cost.abandoned_call, full.cost.currency) == (26, 1.5, 4, "EUR")
    assert full.warnings == ()
    assert full.path == FULL


def test_the_target_is_read_and_a_type_may_have_its_own(full):
    target = full.target
    assert (target.wait, target.share, target.variant, target.short_abandon, target.per) == (90, 0.9, "excluding_short_abandons", 5, "day")
    assert (target.average_speed_of_answer, target.abandoned_fraction, target.occupancy) == (45, 0.05, 0.85)
    own = full.target_of("english")
    # Aims are replaced; how the service level is counted is taken over.
    assert (own.wait, own.share, own.average_speed_of_answer) == (30, 0.8, None)
    assert (own.variant, own.short_abandon, own.per) == ("excluding_short_abandons", 5, "day")
    assert full.target_of("800") is full.target


def test_a_number_a_day_is_spread_by_its_profile_and_the_weekdays_factor(full):
    profile = np.array([1, 2, 3, 4, 4, 3, 2, 2, 3, 3, 2, 1, 1, 1])
    monday = 5200 * 1.2 * profile / profile.sum()
    np.testing.assert_allclose(full.calls["english"].volume, np.concatenate([monday, monday / 1.2]), rtol=1e-12)


def test_volumes_and_means_come_from_columns_and_are_repeated_each_day(full):
    calls = full.calls["800"]
    np.testing.assert_array_equal(calls.volume, np.tile(np.arange(20, 34), 2))
    np.testing.assert_array_equal(calls.handle_time.mean, np.tile(np.arange(240, 310, 5), 2))
    assert (calls.handle_time.kind, calls.handle_time.cv) == ("lognormal", 0.8)


def test_talk_hold_and_wrap_add_up_and_the_line_is_held_for_talk_and_hold(full):
    english = full.calls["english"]
    assert (english.handle_time.kind, english.handle_time.mean, english.handle_time.cv) == ("gamma", 300, 1.1)
    assert english.line_share == 260 / 300
    assert full.calls["800"].line_share == 1


def test_patience_as_planners_know_it_is_the_mean_wait_over_the_share_who_hang_up(full):
    # Exponential patience: hang-ups = total wait / mean, so the mean is 25 s / 6 % = 417 s.
    patience = full.calls["english"].patience
    assert (patience.kind, patience.mean) == ("exponential", 25 / 0.06)


def test_the_rest_of_a_call_type_is_read(full):
    english = full.calls["english"]
    assert (english.busyness_cv, english.balk, english.priority) == (0.1, 0.05, 1)
    billing = full.calls["billing & co."]
    np.testing.assert_array_equal(billing.handle_time.values, [60, 120, 180, 240])
    assert (billing.handle_time.kind, billing.handle_time.mean) == ("values", 150)
    assert (billing.patience.kind, billing.patience.low, billing.patience.high, billing.patience.mean) == ("uniform", 60, 540, 300)


def test_groups_are_people_on_shifts_or_positions_by_interval(full):
    early, split, desk = full.staff.values()
    assert (early.people, early.positions, early.shift, early.days) == (40, None, ((25200, 55800),), (0, 1, 2, 3, 4))
    assert early.breaks == (
        Break(length=900, paid=True, at=36000),
        Break(length=1800, paid=False, earliest=41400, latest=48600),
        Break(length=900, paid=True, earliest=25200, latest=28800, after_start=True),
    )
    assert early.takes == (("english",), ("800", "billing & co."))
    assert (early.pick, early.handle_time_factor) == ("longest-waiting", 1.3)
    assert split.shift == ((43200, 57600), (64800, 75600))
    assert split.takes == (("english",), ("800",), ("billing & co.",))
    assert (desk.people, desk.shift, desk.takes) == (None, (), (("english",),))
    np.testing.assert_array_equal(desk.positions, ([2] * 8 + [30] * 6) * 2)


def test_shrinkage_is_read(full):
    leave, sickness = full.shrinkage.values()
    assert (leave.kind, leave.share, leave.of, leave.groups, leave.paid) == ("planned", 0.07, "paid", ("early",), True)
    assert (sickness.kind, sickness.share, sickness.correlation, sickness.of, sickness.groups, sickness.paid) == (
        "absence",
        0.05,
        0.02,
        "remaining",
        None,
        False,
    )
    assert [sickness.applies_to(group) for group in full.staff.values()] == [True, True, False]


def test_contingents_are_read(full):
    home, second = full.contingent.values()
    assert (home.agents, home.takes, home.available, home.accept, home.block, home.handle_time_factor) == (
        12,
        (("english",),),
        (28800, 72000),
        0.75,
        7200,
        1.1,
    )
    assert (home.notice.kind, home.notice.mean, home.notice.cv) == ("lognormal", 1200, 0.5)
    (rule,) = home.activate
    assert (rule.when, rule.reaches, rule.call_up, rule.every, rule.over, home.check) == ("estimated_wait", 90, 4, 600, 900, 60)
    (release,) = home.release
    assert (release.when, release.falls_to, release.over) == ("estimated_wait", 20, 600)
    pay = home.pay
    assert (pay.hour, pay.activation, pay.standby_hour, pay.from_, pay.called_off) == (24, 5, 1.5, "logged in", 3600)
    assert (second.notice.kind, second.notice.mean, second.activate[0].reaches, second.activate[0].call_up) == ("constant", 300, 12, "all")
    assert (second.release, second.pay, second.available, second.accept) == ((), None, (25200, 75600), 1)


def test_a_scenario_cannot_be_changed_in_place(full):
    with pytest.raises(ValidationError, match="frozen"):
        full.lines = 3
    with pytest.raises(ValueError, match="read-only"):
        full.calls["english"].volume[0] = 0


def test_the_same_text_gives_the_same_scenario_and_another_gives_another():
    text = FULL.read_text(encoding="utf-8")
    assert loads(text, HERE) == loads(text, HERE)
    assert loads(text, HERE) != loads(text.replace("volume: 5200", "volume: 5201"), HERE)


def test_a_changed_scenario_is_the_file_with_those_keys_set(full):
    changes = {"contingent.home.agents": 8, "calls.800.balk": "10 %", "warm_up": "0 s", "calls.billing & co..priority": 2}
    other = changed(full, changes)
    assert other.contingent["home"].agents == 8
    assert other.calls["800"].balk == 0.1
    assert other.calls["billing & co."].priority == 2
    assert other.warm_up == 0
    assert other.calls["english"] == full.calls["english"]
    assert full.contingent["home"].agents == 12


def test_a_change_may_take_a_key_out_and_give_lists_and_names(full):
    other = changed(
        full,
        {
            "staff.split.shift": None,
            "staff.split.breaks": None,
            "staff.split.agents": np.arange(14),
            "staff.desk.takes": ["billing & co.", 800],
        },
    )
    np.testing.assert_array_equal(other.staff["split"].positions, np.tile(np.arange(14), 2))
    assert other.staff["desk"].takes == (("billing & co.",), ("800",))


def test_a_scenario_travels_to_another_process_unchanged(full):
    assert pickle.loads(pickle.dumps(full)) == full


def test_a_change_to_what_is_not_there_names_what_is(full):
    with pytest.raises(ScenarioError, match="no 'hom' to change; did you mean 'home'"):
        changed(full, {"contingent.hom.agents": 8})
    with pytest.raises(ScenarioError, match=f"there is no 'zzzzz' to change; there are {next(iter(full.staff))}, "):
        changed(full, {"staff.zzzzz.agents": 8})
    with pytest.raises(ScenarioError, match=r"`contingent\.home\.agents`: found -1"):
        changed(full, {"contingent.home.agents": -1})
    with pytest.raises(ScenarioError, match="no keys below"):
        changed(full, {"lines.x": 1})


SMALL = "open: 08:00-18:00\ncalls: {a: {volume: 100, handle_time: 5 min}}\n"


def test_what_is_left_out_has_its_documented_default_and_what_matters_is_said():
    scenario = loads(SMALL)
    assert (scenario.title, scenario.interval, scenario.close, scenario.lines, scenario.route) == (
        "Scenario",
        1800,
        "serve",
        None,
        "preference",
    )
    assert (scenario.target.wait, scenario.target.share, scenario.target.variant, scenario.target.per) == (20, 0.8, "offered", "interval")
    assert scenario.staff == {}
    assert (scenario.calls["a"].handle_time.kind, scenario.calls["a"].patience) == ("constant", None)
    assert [warning.split(" is left out")[0] for warning in scenario.warnings] == ["`target`", "`calls.a.patience`"]


def test_a_key_may_be_written_with_hyphens_and_a_name_stays_as_it_is():
    scenario = loads(SMALL.replace("handle_time", "handle-time").replace("a:", "after-sales_1:") + "warm-up: 30 min\n")
    assert list(scenario.calls) == ["after-sales_1"]
    assert scenario.warm_up == 1800


def test_the_examples_of_the_yaml_traps_stay_text():
    scenario = loads(
        "title: 2027-04-12\nopen: 20:00-22:00\ncalls: {no: {volume: 1e2, handle_time: 5 min}, 007: {volume: 0.5e1, handle_time: 5 min}}\n"
    )
    assert list(scenario.calls) == ["no", "007"]
    assert scenario.title == "2027-04-12"
    assert scenario.horizon.spans == ((0, 72000, 79200),)
    assert [call_type.volume.sum() for call_type in scenario.calls.values()] == [pytest.approx(100), pytest.approx(5)]
