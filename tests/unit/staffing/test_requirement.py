"""How many agents by formula, before and after shrinkage, and what the formula says of a roster."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.experiment.replicate import run
from ccsim.inputs import Scenario, loads
from ccsim.staffing import beside, planned_on_duty, requirement
from ccsim.staffing.crews import crews, load, paid_shift, shrinkage_of
from ccsim.theory import ErlangA, ErlangC

TWENTY = """
title: The textbook's twenty
date: 2027-04-12
open: 08:00-10:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: 400, handle_time: {mean: 180 s, cv: 1, dist: exponential}}
staff:
  day: {agents: 20, shift: 08:00-10:00}
shrinkage:
  sickness: {share: 30 %, kind: absence}
"""
TWO_TYPES = """
title: Two types
date: 2027-04-12
open: 08:00-09:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  english: {volume: 200, handle_time: 180 s}
  spanish: {volume: 100, handle_time: 300 s, target: {wait: 60 s, share: 90 %}}
staff:
"""
APART = TWO_TYPES + "  a: {agents: 14, shift: 08:00-09:00, takes: [english]}\n  b: {agents: 12, shift: 08:00-09:00, takes: [spanish]}\n"
CHAINED = APART.replace("[spanish]", "[spanish, english]")


def scenario(text: str = TWENTY, *changes: tuple[str, str]) -> Scenario:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return loads(text)


def test_a_hundred_calls_of_three_minutes_in_half_an_hour_take_fourteen_agents_and_twenty_on_the_roster() -> None:
    # 10 erlangs, 80 % in 20 s: 14 agents give 88.835 % by Erlang C; 14 / 0.7 is 20, and 14 x 1.3 = 18.2 would be the commonest error
    need = requirement(scenario())
    assert need.model == "Erlang C"
    assert need.required_agents.tolist() == [14.0] * 4
    assert need.scheduled_agents.tolist() == [20.0] * 4
    assert need.predicted["service_level_offered"] == pytest.approx([0.888350019179467] * 4, rel=1e-12)
    assert ErlangC(100 / 1800, 180.0, 13).service_level(20.0) < 0.8


def test_shares_of_paid_time_add_and_stages_multiply() -> None:
    # 11 + 5 + 3 + 8 + 2 % add to 29 % and compound to 26.1 %
    shares = (11, 5, 3, 8, 2)
    lines = "".join(f"  part {n}: {{share: {share} %, kind: absence}}\n" for n, share in enumerate(shares))
    used, added, compounded = shrinkage_of(scenario(TWENTY, ("  sickness: {share: 30 %, kind: absence}\n", lines)))
    assert used == added == pytest.approx(0.29)
    assert compounded == pytest.approx(1 - 0.89 * 0.95 * 0.97 * 0.92 * 0.98)
    assert round(100 * compounded, 1) == 26.1


def test_a_category_of_the_remaining_time_multiplies_with_the_rest() -> None:
    text = TWENTY + "  training: {share: 10 %, kind: absence, of: remaining}\n"
    used, added, compounded = shrinkage_of(loads(text))
    assert used == pytest.approx(1 - 0.7 * 0.9) == pytest.approx(compounded)
    assert added == pytest.approx(0.4)


def test_shrinkage_counts_only_for_the_groups_it_names() -> None:
    text = TWENTY.replace("  sickness: {share: 30 %, kind: absence}", "  sickness: {share: 30 %, kind: absence, groups: [late]}")
    text = text.replace("staff:\n", "staff:\n  late: {agents: 10, shift: 08:00-10:00}\n")
    found = loads(text)
    assert shrinkage_of(found, "late")[0] == pytest.approx(0.3)
    assert shrinkage_of(found, "day")[0] == 0.0
    # A third of the people lose 30 %: 10 % of all
    assert requirement(found).crews[0].shrinkage[0] == pytest.approx(0.1)


def test_shrinkage_of_everybody_is_refused() -> None:
    # With staff the file itself is refused; without, only a requirement needs to know who loses the time.
    lines = "shrinkage:\n  sickness: {share: 60 %, kind: absence}\n  leave: {share: 40 %, kind: absence}\n"
    with pytest.raises(InputError, match="nobody would ever be on duty"):
        requirement(loads(TWENTY[: TWENTY.index("staff:")] + lines))


def test_types_with_agents_of_their_own_stand_alone() -> None:
    found = scenario(APART)
    assert [crew.types for crew in crews(found)] == [("english",), ("spanish",)]
    need = requirement(found)
    # 10 erlangs at 80 % in 20 s: 14 agents. 50 calls of 300 s are 8 1/3 erlangs; 90 % in 60 s:
    fewest = next(n for n in range(9, 40) if ErlangC(50 / 1800, 300.0, n).service_level(60.0) >= 0.9)
    assert [part.required_agents[0] for part in need.crews] == [14.0, fewest]
    assert need.required_agents[0] == 14.0 + fewest


def test_types_that_share_agents_are_pooled_and_the_strictest_target_rules() -> None:
    found = scenario(CHAINED)
    assert [(crew.types, crew.groups) for crew in crews(found)] == [(("english", "spanish"), ("a", "b"))]
    need = requirement(found)
    handle = (100 * 180.0 + 50 * 300.0) / 150

    def enough(agents: int) -> bool:
        queue = ErlangC(150 / 1800, handle, agents)
        return bool(queue.service_level(20.0) >= 0.8 and queue.service_level(60.0) >= 0.9)

    assert need.required_agents[0] == next(n for n in range(19, 60) if enough(n))
    assert any("counted as one queue" in note for note in need.notes)


def test_without_staff_all_types_are_one_crew() -> None:
    found = loads(TWO_TYPES.replace("staff:\n", ""))
    assert [crew.types for crew in crews(found)] == [("english", "spanish")]
    assert (requirement(found).required_agents > 18.0).all()


def test_callers_who_hang_up_are_staffed_for_by_erlang_a() -> None:
    need = requirement(scenario(TWENTY, ("support: {", "support: {patience: {mean: 5 min}, ")))
    assert need.model == "Erlang A"
    fewest = next(n for n in range(1, 40) if ErlangA(100 / 1800, 180.0, n, 300.0).service_level(20.0) >= 0.8)
    assert need.required_agents.tolist() == [fewest] * 4
    assert fewest < 14


def test_intervals_without_calls_need_nobody_and_say_nothing() -> None:
    need = requirement(scenario(TWENTY, ("volume: 400", "volume: [100, 0, 100, 0]")))
    assert need.required_agents.tolist() == [14.0, 0.0, 14.0, 0.0]
    row = need.to_dict()["intervals"][1]
    assert row["mean_wait"] is None
    assert row["service_level_offered"] is None
    assert row["required_agents"] == 0.0


def test_a_target_that_nobody_can_meet_is_refused_with_a_sentence() -> None:
    with pytest.raises(InputError, match="100 % of callers cannot be met"):
        requirement(scenario(TWENTY, ("share: 80 %", "share: 100 %")))


@pytest.mark.parametrize("aim", ["average_speed_of_answer: 10 s", "occupancy: 70 %"])
def test_other_aims_are_staffed_for_too(aim: str) -> None:
    need = requirement(scenario(TWENTY, ("{wait: 20 s, share: 80 %}", "{" + aim + "}")))
    fewest = need.required_agents[0]
    name, limit = ("average_speed_of_answer", 10.0) if "speed" in aim else ("occupancy", 0.7)
    assert getattr(ErlangC(100 / 1800, 180.0, fewest), name) <= limit
    assert getattr(ErlangC(100 / 1800, 180.0, fewest - 1), name) > limit


def test_the_tables_and_the_json_hold_the_same_numbers() -> None:
    need = requirement(scenario(CHAINED))
    frame, rows = need.to_frame(), need.to_dict()["intervals"]
    assert frame["start"].tolist() == ["2027-04-12T08:00", "2027-04-12T08:30"] == [row["start"] for row in rows]
    assert frame["required_agents"].tolist() == [row["required_agents"] for row in rows]


def test_the_formula_beside_a_roster_is_erlang_c_of_the_planned_agents() -> None:
    said = beside(scenario(), [[14.0, 13.5, 10.0, 9.0]])
    assert said.agents.tolist() == [14.0, 13.5, 10.0, 9.0]
    queue = ErlangC(100 / 1800, 180.0, np.array([14.0, 13.5]))
    assert said.service_level[:2] == pytest.approx(np.asarray(queue.service_level(20.0)))
    assert said.mean_wait[:2] == pytest.approx(np.asarray(queue.mean_wait))
    assert said.overloaded.tolist() == [False, False, True, True]
    assert said.service_level[2:].tolist() == [0.0, 0.0]
    assert np.isinf(said.mean_wait[2:]).all()


def test_twenty_people_at_thirty_per_cent_are_planned_as_fourteen() -> None:
    assert planned_on_duty(scenario()) == pytest.approx(np.full((1, 4), 14.0))


def test_positions_are_planned_as_they_are() -> None:
    text = TWENTY.replace("{agents: 20, shift: 08:00-10:00}", "{agents: [14, 15, 16, 17]}")
    assert planned_on_duty(loads(text)).tolist() == [[14.0, 15.0, 16.0, 17.0]]


ON_THE_HOUR = """
title: Four parts of a shift
date: 2027-04-12
open: 08:00-16:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: 160, handle_time: 60 s}
staff:
  day: {agents: 60, shift: 08:00-16:00, breaks: [10:00 for 15 min, 12:00 for 30 min unpaid], adherence: 90 %, break_overrun: {mean: 5 min}}
shrinkage:
  leave: {share: 10 %, kind: planned}
  sickness: {share: 10 %, kind: absence}
  coaching: {share: 5 %, kind: in-shift, pieces: 15 min}
  late: {chance: 50 %, kind: late, by: {mean: 30 min}}
  early: {chance: 20 %, kind: early, by: 45 min}
"""


def test_minutes_lost_by_those_who_come_are_part_of_the_shrinkage_and_adherence_is_of_what_is_left() -> None:
    found = loads(ON_THE_HOUR)
    paid = 7.5 * 3600.0
    assert paid_shift(found, "day") == paid
    late, early, overrun = 0.5 * 1800.0 / paid, 0.2 * 2700.0 / paid, 2 * 300.0 / paid
    used, added, compounded = shrinkage_of(found, "day")
    assert 1 - used == pytest.approx((1 - 0.25 - 0.8 * (late + early + overrun)) * 0.9)
    assert added == pytest.approx(0.25 + late + early + overrun + 0.1)
    assert 1 - compounded == pytest.approx(0.9 * 0.9 * 0.95 * (1 - late) * (1 - early) * (1 - overrun) * 0.9)
    need = requirement(found)
    assert need.scheduled_agents == pytest.approx(np.ceil(need.required_agents / (1 - used) - 1e-9))
    assert any("at their mean" in note for note in need.notes)


def test_of_two_kinds_of_lateness_the_first_that_strikes_counts() -> None:
    more = "  snow: {chance: 40 %, kind: late, by: 1 h}\n"
    paid = 7.5 * 3600.0
    plain, snowed = (shrinkage_of(loads(text), "day")[1] for text in (ON_THE_HOUR, ON_THE_HOUR + more))
    assert snowed - plain == pytest.approx(0.5 * 0.4 * 3600.0 / paid)


def test_as_many_are_planned_on_duty_as_a_run_has_on_average() -> None:
    found = loads(ON_THE_HOUR)
    played = run(found, replications=200).to_dict()["groups"]["day"]["agents_on_duty"]["mean"]
    assert planned_on_duty(found)[0].mean() == pytest.approx(played, rel=0.01)


def test_without_a_shift_lateness_is_of_a_day_of_a_full_time_job_and_that_is_said() -> None:
    text = TWENTY[: TWENTY.index("staff:")] + "shrinkage:\n  late: {chance: 50 %, kind: late, by: {mean: 48 min}}\n"
    assert shrinkage_of(loads(text))[0] == pytest.approx(0.5 * 48 / (8 * 60))
    assert any("8 paid hours" in note for note in requirement(loads(text)).notes)
    assert shrinkage_of(loads("fte: {hours: 6, per: day}\n" + text))[0] == pytest.approx(0.5 * 48 / (6 * 60))


def test_work_is_no_part_of_the_formula_and_chats_count_for_what_they_take_of_an_agent() -> None:
    text = TWENTY.replace("staff:", "  letters: {channel: work, volume: 900, handle_time: 10 min}\nstaff:")
    need = requirement(loads(text))
    assert need.required_agents.tolist() == [14.0] * 4
    assert [part.crew.types for part in need.crews] == [("support",)]
    assert any("Work is left out (letters)" in note for note in need.notes)
    chats = requirement(scenario(TWENTY, ("support: {volume: 400, handle_time: {mean: 180 s", "support: {channel: chat, at_once: 3, "
                                          "volume: 400, handle_time: {mean: 540 s")))  # fmt: skip
    assert chats.offered_load.tolist() == pytest.approx([10.0] * 4)
    assert any("handle time ÷ 3" in note for note in chats.notes)


def test_work_joins_no_crews_and_alone_it_is_what_agents_are_counted_for() -> None:
    letters = "  letters: {channel: work, volume: 90, handle_time: 60 s}\n"
    shared = (
        APART.replace("[english]", "[english, letters]").replace("[spanish]", "[spanish, letters]").replace("staff:", letters + "staff:")
    )
    assert [crew.types for crew in crews(loads(shared))] == [("english",), ("spanish",)]
    alone = TWENTY.replace("support: {", "support: {channel: work, ")
    assert requirement(loads(alone)).required_agents.tolist() == [14.0] * 4


def test_certain_events_multiply_the_volume_for_as_long_as_they_last_and_others_are_told() -> None:
    events = """
events:
  match: {from: 08:15, to: 09:00, volume: 0.5}
  storm: {from: 08:30, to: 09:00, volume: 3}
  strike: {from: 09:00, to: 10:00, volume: 2, chance: 30 %}
  slow: {from: 09:00, to: 10:00, handle_time: 2}
"""
    found = loads(TWENTY + events)
    assert load(found, ("support",)).calls.tolist() == pytest.approx([75.0, 150.0, 100.0, 100.0])
    notes = " ".join(requirement(found).notes)
    assert "certain to happen: match and storm." in notes
    assert "left out of the volume: strike." in notes
    assert "absence and leave is left out: slow." in notes


def test_a_volume_is_taken_as_it_stands_whatever_it_counts() -> None:
    redial = "patience: {mean: 5 min}, redial: {chance: 0.5, after: {mean: 10 min}}, "
    first, offered = (
        requirement(scenario(TWENTY, ("support: {", "support: {" + redial + counts))) for counts in ("", "volume_counts: offered, ")
    )
    assert first.calls.tolist() == offered.calls.tolist() == [100.0] * 4
    assert any("come on top are left out" in note for note in first.notes)
    assert any("later calls are in it already" in note for note in offered.notes)


def test_intervals_are_named_by_the_clock_on_the_night_it_is_put_back() -> None:
    text = TWENTY.replace("2027-04-12", "2027-10-31\ntimezone: Europe/London").replace("open: 08:00-10:00", "open: 00:00-03:00")
    text = text.replace("interval: 30 min", "interval: 1 h").replace("08:00-10:00}", "00:00-03:00}")
    said = [row["start"] for row in requirement(loads(text)).to_dict()["intervals"]]
    assert said == ["2027-10-31T00:00", "2027-10-31T01:00+01:00", "2027-10-31T01:00+00:00", "2027-10-31T02:00"]
