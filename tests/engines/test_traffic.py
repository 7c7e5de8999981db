"""From what a planner writes of callers and events to the tables that the engines play by."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.engine import duty, happenings, streams, traffic
from ccsim.engine.floor import (
    ACCEPT,
    AVERAGE_WAIT,
    ESTIMATED_WAIT,
    HANG_UP,
    IN_SERVICE,
    LONGEST_IDLE,
    LONGEST_WAIT,
    OUT_OF_SERVICE,
    PACE,
    PREFERENCE,
    QUEUE,
    RANDOM,
    SERVE,
)
from ccsim.engine.more import NEVER, UNLIMITED
from ccsim.inputs import Scenario, loads

HEAD = "date: 2027-04-12\nopen: 08:00-18:00\ninterval: 5 h\ntarget: {wait: 20 s, share: 80 %}\n"
CENTRE = """calls:
  a: {volume: 100, handle_time: {mean: 5 min, cv: 1.2}, patience: {mean: [100 s, 200 s]}, balk: 5 %, announcement: 10 s, A}
  b: {volume: 100, handle_time: 4 min, B}
  c: {channel: chat, at_once: 3, slower: 20 %, volume: 100, handle_time: 6 min, patience: 60 s}
  w: {channel: work, reserve: 2, volume: 100, handle_time: 10 min}
staff:
  g: {agents: 5, takes: [a, w]}
  h: {agents: 5, takes: [b, c], handle_time_factor: {b: 1.5}}
  k: {agents: 5, takes: [w]}
contingent:
  p: {agents: 5, takes: [a, w], notice: 5 min, activate: {when: queue, reaches: 3}}
  q: {agents: 5, takes: [w, c], notice: 5 min, activate: {when: queue, reaches: 3}}
"""


def centre(a: str = "priority: 0", b: str = "priority: 0", rest: str = "") -> Scenario:
    return loads(HEAD + CENTRE.replace("A}", a + "}").replace("B}", b + "}") + rest)


def test_a_scenario_that_has_nothing_of_it_has_no_further_tables():
    plain = loads(HEAD + "calls: {a: {volume: 9, handle_time: 60 s, patience: 60 s, balk: 5 %, priority: 2}}\nstaff: {g: {agents: 3}}")
    assert traffic.more(plain, []) == (None, None)
    assert duty.build(plain).service is None


@pytest.mark.parametrize(
    "key",
    [
        "channel: chat",
        "channel: work",
        "announcement: 5 s",
        "callback: {offer_at: 5 s, accept: 1}",
        "redial: {chance: 0.1, after: 5 s}",
        "repeat: {chance: 0.1, after: 5 s}",
        "transfer: {a: 0.1}",
        "overflow: {groups: g, after: 5 s}",
    ],
)
def test_each_key_by_itself_brings_the_further_tables(key):
    scenario = loads(HEAD + f"calls: {{a: {{volume: 9, handle_time: 60 s, {key}}}}}\nstaff: {{g: {{agents: 3}}}}")
    service, later = traffic.more(scenario, [])
    assert service is not None
    assert later is not None


@pytest.mark.parametrize("factor, there", [("serve: none", True), ("handle_time: 2", True), ("accept: 2", True), ("volume: 2", False)])
def test_events_bring_them_where_they_change_the_floor(factor, there):
    text = HEAD + f"calls: {{a: {{volume: 9, handle_time: 60 s}}}}\nstaff: {{g: {{agents: 3}}}}\nevents: {{e: {{{factor}}}}}"
    assert (duty.build(loads(text)).service is not None) == there


def test_who_may_serve_whom_and_from_when():
    floor = duty.build(centre(a="overflow: {groups: [p], after: 30 s}", b="announcement: 20 s"))
    service = floor.service
    assert service is not None
    np.testing.assert_array_equal(service.announcement, [10, 20, 0, 0])
    np.testing.assert_array_equal(service.serve_after[:, 0], [10, 10, 10, 30, 10])
    np.testing.assert_array_equal(service.serve_after[:, 1], [20] * 5)
    np.testing.assert_array_equal(service.team_factor, [[1, 1, 1, 1], [1, 1.5, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]])
    np.testing.assert_array_equal(service.at_once, [1, 1, 3, 1])
    np.testing.assert_array_equal(service.slower, [0, 0, 0.2, 0])
    np.testing.assert_array_equal(service.kept, [0, 0, 0, 1])
    np.testing.assert_array_equal(service.reserve, [0, 0, 0, 2])
    np.testing.assert_array_equal(service.holds_line, [1, 1, 0, 0])
    # g and p answer a, h and q chats; k answers work alone, which counts for nobody
    counts = np.array([[1, 0, 0, 1, 0], [0, 1, 0, 0, 1], [0, 0, 0, 0, 0], [1, 0, 0, 1, 0], [0, 1, 0, 0, 1]])
    np.testing.assert_array_equal(service.reserve_counts, counts)


def test_an_overflow_sooner_than_the_end_of_the_announcement_waits_for_it():
    service = duty.build(centre(a="overflow: {groups: [p], after: 5 s}")).service
    assert service is not None
    np.testing.assert_array_equal(service.serve_after[:, 0], [10] * 5)


def test_pools_look_at_callers_and_chats_weigh_what_they_take_of_an_agent():
    floor = duty.build(centre())
    np.testing.assert_array_equal(floor.pool_takes_queue, [[1, 0, 0, 0], [0, 0, 1, 0]])
    np.testing.assert_array_equal(floor.pool_counts_team, [[1, 0, 0, 1, 0], [0, 1, 0, 0, 1]])
    np.testing.assert_allclose(floor.pool_mean_handle, [[300, 300], [120, 120]])


def test_a_pool_of_work_alone_looks_at_nobody():
    scenario = loads(
        HEAD + "calls: {w: {channel: work, volume: 9, handle_time: 60 s}}\nstaff: {g: {agents: 3}}\n"
        "contingent: {p: {agents: 5, notice: 5 min, activate: {when: queue, reaches: 3}}}"
    )
    floor = duty.build(scenario)
    assert not floor.pool_takes_queue.any()
    assert not floor.pool_mean_handle.any()


def test_call_backs():
    service = duty.build(centre(a="callback: {offer_at: 3 min, accept: 50 %, reached: 80 %, ring: 20 s}")).service
    assert service is not None
    np.testing.assert_array_equal(service.callback_from, [180, np.inf, np.inf, np.inf])
    np.testing.assert_array_equal(service.callback_accept, [0.5, 0, 0, 0])
    np.testing.assert_array_equal(service.callback_reached, [0.8, 1, 1, 1])
    np.testing.assert_array_equal(service.callback_ring, [20, 0, 0, 0])
    np.testing.assert_array_equal(service.mean_handle[0], [300, 300])


def test_later_calls():
    redial = "redial: {chance: [50 %, 20 %], after: {mean: 10 min}, attempts: 4, redraw: false}"
    floor = duty.build(centre(a=redial, b="redial: {chance: 10 %, after: 60 s, after_closing: true}, transfer: {a: 0.25, w: 0.5}"))
    later = floor.later
    assert later is not None
    assert later.end == 86400
    np.testing.assert_array_equal(later.type_name, [streams.name_key(name) for name in "abcw"])
    np.testing.assert_array_equal(later.redial_chance, [[0.5, 0.2], [0.1, 0.1], [0, 0], [0, 0]])
    np.testing.assert_array_equal(later.redial_most, [4, UNLIMITED, UNLIMITED, UNLIMITED])
    np.testing.assert_array_equal(later.redial_keeps, [1, 0, 0, 0])
    np.testing.assert_array_equal(later.redial_after_closing, [0, 1, 0, 0])
    np.testing.assert_array_equal(later.redial_after[:2, :2], [[streams.EXPONENTIAL, 600], [streams.CONSTANT, 60]])
    np.testing.assert_array_equal(later.transfer_upto, [[0, 0, 0, 0], [0.25, 0.25, 0.25, 0.75], [0, 0, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_array_equal(later.balk, [0.05, 0, 0, 0])
    # a mean by interval stands beside a law of mean 1; a law with one mean beside ones
    np.testing.assert_array_equal(later.patience[:, 0], [streams.EXPONENTIAL, NEVER, streams.CONSTANT, NEVER])
    assert later.patience[0, 1] == 1
    np.testing.assert_array_equal(later.patience_mean[:2], [[100, 200], [1, 1]])
    assert later.handle[0, 1] == 300
    np.testing.assert_array_equal(later.handle_mean, np.ones((4, 2)))


def test_the_path_ends_at_its_midnight_or_at_a_later_closing():
    text = "calls: {a: {volume: 9, handle_time: 60 s, repeat: {chance: 0.1, after: 60 s}}}\nstaff: {g: {agents: 3}}"
    for hours, end in (("08:00-18:00", 86400), ("18:00-02:00", 93600)):
        later = duty.build(loads(HEAD.replace("08:00-18:00", hours) + text)).later
        assert later is not None
        assert later.end == end


def test_recorded_values_of_all_laws_stand_in_one_list(tmp_path):
    (tmp_path / "x.csv").write_text("s\n10\n20\n30\n")
    text = (
        HEAD
        + "calls: {a: {volume: 9, handle_time: {values: x.csv}, redial: {chance: 0.5, after: {values: x.csv}}}}\nstaff: {g: {agents: 3}}\n"
    )
    text += "contingent: {p: {agents: 5, notice: {values: x.csv}, activate: {when: queue, reaches: 3}}}"
    floor = duty.build(loads(text, tmp_path))
    assert floor.later is not None
    laws = [floor.pool_notice[0], floor.later.handle[0], floor.later.redial_after[0]]
    assert all(law[0] == streams.VALUES for law in laws)
    for law in laws:
        np.testing.assert_array_equal(floor.values[int(law[2]) : int(law[2] + law[3])], [10, 20, 30])


EVENTS = """events:
  slow: {from: 10:00, to: 12:00, types: [a], handle_time: 2}
  slower: {from: 11:00, to: 13:00, types: [a, b], handle_time: 1.5}
  dead: {from: 12:00, to: 12:30, types: [a, w], serve: none, call_again: {chance: 80 %, after: 5 min}}
  quiet: {from: 12:10, to: 13:00, types: [a], serve: none}
  busy: {from: 12:00, to: 14:00, groups: [p], accept: 0.5}
"""


def rows_of(scenario: Scenario, *names: str) -> list[tuple[float, int, int, float]]:
    which = np.array([event.name in names and span[0] == 0 for event, span in happenings.pairs(scenario)])
    return [(time / 3600, kind, number, value) for time, kind, number, value in traffic.event_rows(scenario, which)]


def test_paces_multiply_while_events_overlap_and_end_at_exactly_1():
    rows = rows_of(centre(rest=EVENTS), "slow", "slower")
    assert rows == [(10, PACE, 0, 2), (11, PACE, 0, 3), (11, PACE, 1, 1.5), (12, PACE, 0, 1.5), (13, PACE, 0, 1), (13, PACE, 1, 1)]


def test_outages_say_what_callers_are_told_and_nobody_is_told_anything_of_work():
    scenario = centre(rest=EVENTS)
    rows = rows_of(scenario, "dead", "quiet")
    assert rows == [
        (12, OUT_OF_SERVICE, 0, 0),
        (12, OUT_OF_SERVICE, 3, -1),
        (12 + 1 / 6, OUT_OF_SERVICE, 0, -1),
        (12.5, IN_SERVICE, 0, 0),
        (12.5, IN_SERVICE, 3, 0),
        (13, IN_SERVICE, 0, 0),
    ]
    service = duty.build(scenario).service
    assert service is not None
    np.testing.assert_array_equal(service.told_chance, [0.8])
    np.testing.assert_array_equal(service.told_after[0, :2], [streams.CONSTANT, 300])


def test_acceptance_is_that_of_the_pools_named():
    assert rows_of(centre(rest=EVENTS), "busy") == [(12, ACCEPT, 0, 0.5), (14, ACCEPT, 0, 1)]
    everywhere = centre(rest=EVENTS.replace("groups: [p], ", ""))
    assert rows_of(everywhere, "busy") == [(12, ACCEPT, 0, 0.5), (12, ACCEPT, 1, 0.5), (14, ACCEPT, 0, 1), (14, ACCEPT, 1, 1)]


def test_at_one_instant_pace_and_acceptance_change_first_and_an_outage_begins_before_one_ends():
    rest = "events:\n  x: {from: 12:00, to: 13:00, serve: none, types: [a]}\n  y: {from: 13:00, to: 14:00, serve: none, types: [a]}\n"
    rest += "  z: {from: 13:00, to: 14:00, handle_time: 2, types: [a], accept: 2, groups: [p]}\n"
    rows = rows_of(centre(rest=rest), "x", "y", "z")
    assert [kind for time, kind, _, _ in rows if time == 13] == [PACE, ACCEPT, OUT_OF_SERVICE, IN_SERVICE]


def test_an_event_of_some_chance_is_on_the_floor_only_on_days_on_which_it_happens():
    scenario = centre(rest=EVENTS.replace("handle_time: 2}", "handle_time: 2, chance: 30 %}"))
    assert happenings.uncertain(scenario)
    floor = duty.build(scenario)
    assert 2.0 not in floor.event_value[floor.event_kind == PACE]
    key = streams.seed_key(3)
    happened = np.array([happenings.happen(scenario, np.uint64(streams.replication_key(key, path))) for path in range(4000)])
    sure = happenings.certain(scenario)
    assert happened[:, sure].all()
    assert abs(happened[:, ~sure].mean() - 0.3) < 4.5 * np.sqrt(0.21 / happened[:, ~sure].size)


POOLS = """contingent:
  one:
    {agents: 5, notice: 5 min, block: 1 h, available: 09:00-17:00, accept: 60 %,
     activate: {when: longest_wait, reaches: 70 s, call_up: 2, every: 11 min, check: 3 min},
     release: {when: average_wait, over: 7 min, falls_to: 13 s}}
  two:
    {agents: 4, notice: 6 min, block: 2 h, available: 10:00-16:00, accept: 70 %,
     activate: {when: average_wait, over: 9 min, reaches: 80 s, call_up: all},
     release: {when: longest_wait, falls_to: 14 s}}
  three:
    {agents: 3, notice: 7 min, block: 3 h, accept: 80 %,
     activate: {when: estimated_wait, reaches: 90 s, call_up: 1, every: 12 min}, release: {when: queue, falls_to: 2}}
  four: {agents: 2, notice: 8 min, block: 4 h, activate: {when: queue, reaches: 6}}
"""


def test_every_number_of_a_pool_s_rule_reaches_the_floor():
    calls = "calls: {a: {volume: 100, handle_time: 60 s}}\nstaff: {g: {agents: 3}}\n"
    floor = duty.build(loads(HEAD + calls + POOLS))
    asks, inf = floor.pool_call_up.tolist(), np.inf
    assert floor.pool_when.tolist() == [LONGEST_WAIT, AVERAGE_WAIT, ESTIMATED_WAIT, QUEUE]
    assert floor.pool_reaches.tolist() == [70, 80, 90, 6]
    assert asks[:3:2] == [2, 1]
    assert asks[1] >= 4
    assert floor.pool_every.tolist() == [660, inf, 720, inf]
    assert floor.pool_over[1] == 540
    assert floor.pool_release_when[:3].tolist() == [AVERAGE_WAIT, LONGEST_WAIT, QUEUE]
    assert floor.pool_release_over[0] == 420
    assert floor.pool_falls_to[:3].tolist() == [13, 14, 2]
    assert floor.pool_falls_to[3] < 0
    assert floor.pool_block.tolist() == [3600, 7200, 10800, 14400]
    assert floor.pool_check.tolist() == [180, inf, inf, inf]
    assert floor.pool_accept.tolist() == [0.6, 0.7, 0.8, 1.0]
    assert floor.pool_window[:3, 0].tolist() == [[32400, 61200], [36000, 57600], [28800, 64800]]


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("route: preference", "route", PREFERENCE),
        ("route: longest-idle", "route", LONGEST_IDLE),
        ("route: random", "route", RANDOM),
        ("lines: 7", "lines", 7),
        ("interval: 5 h", "lines", -1),
        ("close: serve", "close", SERVE),
        ("close: hang-up", "close", HANG_UP),
    ],
)
def test_what_holds_for_the_whole_centre_reaches_the_floor(line, name, value):
    head = HEAD if line in HEAD else f"{HEAD}{line}\n"
    floor = duty.build(loads(head + "calls: {a: {volume: 100, handle_time: 60 s}}\nstaff: {g: {agents: 3}}"))
    assert getattr(floor, name) == value
