"""Recorded calls and rosters through `replay`: what goes in, what comes out, and what is refused with a sentence."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccsim.engine.replay import replay
from ccsim.errors import InputError

INF, NAN = math.inf, math.nan
both_engines = pytest.mark.parametrize("engine", ["kernel", "simpy"])


def calls(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"arrival": [0.0, 5.0, 6.0], "call_type": "a", "handle_time": 10.0, "patience": INF} | columns)


def duty(*rows: tuple[object, ...], **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(rows or [("Ann", "all", 0.0, 100.0)], columns=["agent", "group", "start", "end"])
    return frame.assign(**columns)


# What comes out


@both_engines
def test_the_log_has_one_row_a_call_with_the_columns_of_the_contract(engine: str) -> None:
    log = replay(calls(patience=[INF, 3.0, INF]), duty(), engine=engine)
    assert list(log) == ["arrival", "call_type", "answered_at", "ended_at", "hung_up_at", "blocked", "agent", "wait"]
    expected = pd.DataFrame(
        {
            "arrival": [0.0, 5.0, 6.0],
            "call_type": pd.Series(["a", "a", "a"], dtype=object),
            "answered_at": [0.0, NAN, 10.0],
            "ended_at": [10.0, NAN, 20.0],
            "hung_up_at": [NAN, 8.0, NAN],
            "blocked": [False, False, False],
            "agent": pd.Series(["Ann", None, "Ann"], dtype=object),
            "wait": [0.0, 3.0, 4.0],
        }
    )
    pd.testing.assert_frame_equal(log.frame, expected)
    assert len(log) == 3
    assert log["wait"].tolist() == [0, 3, 4]


@both_engines
def test_rows_out_of_order_come_back_in_the_order_given_under_their_index(engine: str) -> None:
    shuffled = calls(arrival=[6.0, 0.0, 5.0]).set_axis(["x", "y", "z"], axis=0)
    log = replay(shuffled, duty(), engine=engine)
    assert log["answered_at"].to_dict() == {"x": 20, "y": 0, "z": 10}


@both_engines
def test_of_calls_that_arrive_together_the_row_given_first_is_answered_first(engine: str) -> None:
    log = replay(calls(arrival=[5.0, 5.0, 0.0]), duty(), engine=engine)
    assert log["answered_at"].tolist() == [10, 20, 0]


@both_engines
def test_a_blocked_call_has_neither_agent_nor_wait(engine: str) -> None:
    log = replay(calls(), duty(), lines=1, engine=engine)
    assert log["blocked"].tolist() == [False, True, True]
    assert log["agent"].tolist() == ["Ann", None, None]
    assert log["wait"].isna().tolist() == [False, True, True]


@both_engines
def test_the_path_is_cut_at_until(engine: str) -> None:
    # Answered at 0, 10 and 20, each for 10 s; a fourth comes at 50. What happens at `until` itself has happened
    table = pd.concat([calls(), calls(arrival=[50.0] * 3).iloc[:1]], ignore_index=True)
    for until, answered, ended, on_until in ((19.9, 2, 1, 19.9), (20, 3, 2, 20), (INF, 4, 4, 100), (-1, 0, 0, None)):
        log = replay(table, duty(), until=until, engine=engine)
        assert len(log) == 4
        assert log["answered_at"].notna().sum() == answered
        assert log["ended_at"].notna().sum() == ended
        assert log["agent"].notna().sum() == answered
        assert log["wait"].notna().sum() == answered
        assert log.spells["end"].tolist() == ([] if on_until is None else [on_until])


@both_engines
def test_a_hang_up_after_until_has_not_happened(engine: str) -> None:
    log = replay(calls(patience=[INF, 3.0, 3.0]), duty(), until=8.5, engine=engine)
    assert log["hung_up_at"].tolist()[1] == 8
    assert math.isnan(log["hung_up_at"].tolist()[2])
    assert math.isnan(log["wait"].tolist()[2])


@both_engines
def test_overtime_and_occupancy_come_from_the_stretches(engine: str) -> None:
    log = replay(calls(), duty(("Ann", "all", 0.0, 12.0), ("Bob", "all", 20.0, 30.0)), engine=engine)
    # Ann: 0-10 and 10-20, 8 s of overtime; Bob: 20-30
    assert log.overtime.to_dict() == {"Ann": 8, "Bob": 0}
    assert log.occupancy() == 30 / 30
    assert log.spells["group"].tolist() == ["all", "all"]


@both_engines
def test_a_call_in_hand_when_the_path_is_cut_counts_as_handling_so_far(engine: str) -> None:
    log = replay(calls(), duty(), until=16, engine=engine)
    assert log.occupancy() == 16 / 16


def test_nobody_on_duty_has_no_occupancy() -> None:
    log = replay(calls(), duty().iloc[:0], engine="simpy")
    assert math.isnan(log.occupancy())
    assert log.overtime.empty


@both_engines
def test_no_calls_and_no_agents_are_no_fault(engine: str) -> None:
    assert len(replay(calls().iloc[:0], duty(), engine=engine)) == 0
    assert len(replay(calls().iloc[:0], duty().iloc[:0], engine=engine)) == 0
    log = replay(calls(patience=[1.0, INF, 0.0]), duty().iloc[:0], engine=engine)
    assert log["hung_up_at"].fillna(-1).tolist() == [1, -1, 6]


# Who takes what


@both_engines
def test_takes_left_out_is_every_type_in_order_of_first_appearance(engine: str) -> None:
    table = calls(arrival=[0.0, 1.0, 2.0], call_type=["b", "a", "b"])
    assert replay(table, duty(), engine=engine)["answered_at"].tolist() == [0, 20, 10]
    assert replay(table, duty(), pick="longest-waiting", engine=engine)["answered_at"].tolist() == [0, 10, 20]


@both_engines
def test_takes_gives_the_preference_and_inner_lists_are_equal(engine: str) -> None:
    table = calls(arrival=[0.0, 1.0, 2.0], call_type=["b", "b", "a"])
    assert replay(table, duty(takes=[["a", "b"]]), engine=engine)["answered_at"].tolist() == [0, 20, 10]
    assert replay(table, duty(takes=[[["a", "b"]]]), engine=engine)["answered_at"].tolist() == [0, 10, 20]
    only = replay(table, duty(takes=[["b"]]), engine=engine)
    assert only["answered_at"].fillna(-1).tolist() == [0, 10, -1]


@both_engines
def test_a_priority_of_each_call_comes_before_its_type_and_its_wait(engine: str) -> None:
    table = calls(arrival=[0.0, 1.0, 2.0], priority=[0, 0, 1])
    assert replay(table, duty(), engine=engine)["answered_at"].tolist() == [0, 20, 10]


@both_engines
def test_groups_answer_in_order_of_first_appearance_and_people_of_a_group_by_idle_time(engine: str) -> None:
    roster = duty(("Ann", "late", 3.0, 99.0), ("Bob", "early", 0.0, 99.0), ("Cid", "late", 2.0, 99.0))
    log = replay(calls(arrival=[5.0, 6.0, 7.0], handle_time=50.0), roster, engine=engine)
    assert log["agent"].tolist() == ["Cid", "Ann", "Bob"]


@both_engines
def test_stretches_that_touch_are_one_or_change_the_team(engine: str) -> None:
    one = replay(calls(), duty(("Ann", "all", 0.0, 8.0), ("Ann", "all", 8.0, 40.0)), engine=engine)
    assert one.spells[["start", "end", "overtime"]].to_numpy().tolist() == [[0, 40, 0]]
    two = replay(calls(), duty(("Ann", "sales", 0.0, 8.0), ("Ann", "service", 8.0, 40.0)), engine=engine)
    # on a call at 8: the change comes at 10
    assert two.spells[["group", "start", "end", "overtime"]].to_numpy().tolist() == [["sales", 0, 10, 0], ["service", 10, 40, 0]]
    assert one["answered_at"].tolist() == two["answered_at"].tolist() == [0, 10, 20]


@both_engines
def test_names_may_be_any_label(engine: str) -> None:
    roster = duty((7, ("x", 1), 0.0, 100.0), ((1, 2), 3.5, 0.0, 100.0))
    log = replay(calls(call_type=[1, "1", (1, 2)]), roster, engine=engine)
    assert log["agent"].tolist() == [7, (1, 2), 7]
    assert log["call_type"].tolist() == [1, "1", (1, 2)]


@both_engines
def test_whole_numbers_text_columns_and_nullable_columns_are_read_alike(engine: str) -> None:
    plain = replay(calls(), duty(), engine=engine)
    for kind in ("int64", "Int64", "Float64", "object", "float32"):
        other = replay(calls().astype({"arrival": kind, "handle_time": kind}), duty().astype({"start": kind, "end": kind}), engine=engine)
        pd.testing.assert_frame_equal(plain.frame, other.frame)


@given(data=st.data())
@settings(max_examples=60)
def test_both_engines_give_the_same_log(data: st.DataObject) -> None:
    n = data.draw(st.integers(0, 25))
    whole = st.integers(0, 30).map(float)
    table = pd.DataFrame(
        {
            "arrival": data.draw(st.lists(whole, min_size=n, max_size=n)),
            "call_type": data.draw(st.lists(st.sampled_from("ab"), min_size=n, max_size=n)),
            "handle_time": data.draw(st.lists(whole, min_size=n, max_size=n)),
            "patience": data.draw(st.lists(whole | st.just(INF), min_size=n, max_size=n)),
            "priority": data.draw(st.lists(st.integers(-1, 1), min_size=n, max_size=n)),
        }
    )
    rows, takes = [], []
    for agent in range(data.draw(st.integers(1, 3))):
        edges = data.draw(st.lists(whole, min_size=2, max_size=5, unique=True).map(sorted))
        for start, end in pairwise(edges):
            if data.draw(st.integers(0, 3)):
                rows.append((agent, data.draw(st.sampled_from(["early", "late"])), start, end))
                named = sorted(set(table["call_type"]))
                takes.append(data.draw(st.sampled_from([None, named, named[::-1], [named]])) if named else None)
    roster = pd.DataFrame(rows, columns=["agent", "group", "start", "end"]).assign(takes=pd.Series(takes, dtype=object))
    options = {
        "lines": data.draw(st.sampled_from([None, 1, 3])),
        "pick": data.draw(st.sampled_from(["preference", "longest-waiting"])),
        "until": data.draw(st.sampled_from([None, 15.0, 40.0])),
    }
    one, other = (replay(table, roster, engine=engine, **options) for engine in ("kernel", "simpy"))
    pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)
    pd.testing.assert_frame_equal(one.spells, other.spells, check_exact=True)


# What is refused


@pytest.mark.parametrize(
    "table, words",
    [
        (calls(arrival=[0.0, NAN, 1.0]), "calls, row 1: arrival is nan"),
        (calls(arrival=[0.0, INF, 1.0]), "calls, row 1: arrival is inf"),
        (calls(arrival=["0", 1, 2]), "calls, row 0: arrival is '0'"),
        (calls(arrival=pd.Series([0, None, 2], dtype="Int64")), "calls, row 1: arrival is <NA>"),
        (calls(handle_time=[1.0, 2.0, -3.0]), "calls, row 2: handle_time is -3.0; give seconds, 0 or more"),
        (calls(handle_time=[1.0, NAN, 3.0]), "calls, row 1: handle_time is nan"),
        (calls(handle_time=INF), "calls, row 0: handle_time is inf"),
        (calls(handle_time=1e300), "calls, row 0: handle_time is 1e.300"),
        (calls(handle_time=[10**400, 1, 1]), "calls, row 0: handle_time is 1000"),
        (calls(patience=-1.0), "calls, row 0: patience is -1.0; give seconds, 0 or more, or infinity"),
        (calls(patience=NAN), "calls, row 0: patience is nan"),
        (calls(patience=True), "calls, row 0: patience is True"),
        (calls(priority=[0, 0.5, 1]), "calls, row 1: priority is 0.5; give a whole number"),
        (calls(call_type=["a", None, "b"]), "calls, row 1: call_type is .*; every row needs one"),
        (calls(call_type=["a", ["b"], "b"]), r"calls, row 1: call_type is \['b'\]; give a name"),
        (
            calls().drop(columns=["patience", "handle_time"]),
            "calls has no column 'handle_time' and no column 'patience'; its columns are: arrival, call_type",
        ),
        (pd.concat([calls(), calls()[["patience"]]], axis=1), "calls has the column 'patience' more than once"),
        ([1, 2], "calls is a list: give a pandas DataFrame"),
    ],
)
def test_calls_that_cannot_be_played_are_refused_with_a_sentence(table: pd.DataFrame, words: str) -> None:
    with pytest.raises(InputError, match=words):
        replay(table, duty(), engine="simpy")


@pytest.mark.parametrize(
    "roster, words",
    [
        (duty(("Ann", "all", 5.0, 5.0)), "duty, row 0: end is 5.0; a stretch has to end after its start"),
        (duty(("Ann", "all", 5.0, 4.0)), "duty, row 0: end is 4.0"),
        (duty(("Ann", "all", NAN, 4.0)), "duty, row 0: start is nan; give seconds"),
        (duty(("Ann", "all", 0.0, INF)), "duty, row 0: end is inf"),
        (duty((None, "all", 0.0, 4.0)), "duty, row 0: agent is .*; every row needs one"),
        (duty(("Ann", NAN, 0.0, 4.0)), "duty, row 0: group is nan; every row needs one"),
        (
            duty(("Ann", "x", 0.0, 9.0), ("Bob", "x", 0.0, 9.0), ("Ann", "x", 8.0, 12.0)),
            "duty, row 2: 'Ann' starts at 8 s, before the stretch .* 9 s is over",
        ),
        (duty(("Ann", "x", 5.0, 9.0), ("Ann", "x", 0.0, 6.0)), "duty, row 0: 'Ann' starts at 5 s"),
        (duty(takes=[["a", "z"]]), "duty, row 0: takes names 'z', which is no call type of these calls; they are: a"),
        (duty(takes=[["a", ["a"]]]), "duty, row 0: takes names 'a' twice"),
        (duty(takes="a"), "duty, row 0: takes is 'a'; give a list of call types"),
        (duty(takes=[[]]), r"duty, row 0: takes is \[\]"),
        (duty(takes=[["a", []]]), "duty, row 0: takes is"),
        (duty().drop(columns="group"), "duty has no column 'group'; its columns are: agent, start, end"),
        (None, "duty is a NoneType"),
    ],
)
def test_rosters_that_cannot_be_played_are_refused_with_a_sentence(roster: pd.DataFrame, words: str) -> None:
    with pytest.raises(InputError, match=words):
        replay(calls(), roster, engine="simpy")


@pytest.mark.parametrize(
    "options, words",
    [
        ({"lines": -1}, "lines is -1"),
        ({"lines": 2.5}, "lines is 2.5"),
        ({"lines": True}, "lines is True"),
        ({"pick": "random"}, "pick is 'random'"),
        ({"engine": "fast"}, "engine is 'fast'"),
        ({"until": NAN}, "until is nan"),
        ({"until": "noon"}, "until is 'noon'"),
    ],
)
def test_options_that_make_no_sense_are_refused_with_a_sentence(options: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        replay(calls(), duty(), **options)  # type: ignore[arg-type]


def test_the_tables_given_are_left_as_they_were() -> None:
    table, roster = calls(arrival=[6.0, 0.0, 5.0]), duty(takes=[["a"]])
    before = table.copy(), roster.copy()
    log = replay(table, roster, engine="simpy")
    log.frame["arrival"] = np.zeros(3)
    pd.testing.assert_frame_equal(table, before[0])
    pd.testing.assert_frame_equal(roster, before[1])
