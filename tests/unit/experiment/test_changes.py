"""What differs between scenarios, which cannot be compared, and how values are written down again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccsim.errors import InputError
from ccsim.experiment.changes import Change, changes, check_comparable, notes_on, same_days, written
from ccsim.inputs.document import Plain, read_value
from ccsim.inputs.scenario import changed, load, loads
from tests.unit.experiment.centres import PLAIN, WHOLE, plain, whole


def keys(*scenarios: Any) -> dict[str, tuple[str | None, ...]]:
    return {change.key: change.values for change in changes(scenarios)}


def test_the_keys_that_differ_are_told_with_both_values() -> None:
    other = changed(whole(), {"staff.early.agents": 9, "calls.sales.handle_time.mean": "5 min"})
    assert changes([whole(), other]) == [
        Change("calls.sales.handle_time.mean", ("4 min", "5 min")),
        Change("staff.early.agents", ("8", "9")),
    ]


def test_a_group_that_only_one_has_is_told_whole() -> None:
    other = changed(whole(), {"staff.desk": None})
    assert keys(whole(), other) == {"staff.desk": ("{agents: [1, 1, 2, 2], takes: [help]}", None)}
    assert keys(other, whole()) == {"staff.desk": (None, "{agents: [1, 1, 2, 2], takes: [help]}")}


def test_a_key_that_one_leaves_out_is_told_too() -> None:
    assert keys(plain(), changed(plain(), {"lines": 5})) == {"lines": (None, "5")}


def test_of_three_scenarios_all_values_are_told() -> None:
    several = [changed(plain(), {"staff.desk.agents": agents}) for agents in (2, 2, 3)]
    assert keys(*several) == {"staff.desk.agents": ("2", "2", "3")}


def test_a_key_spelt_otherwise_is_no_change() -> None:
    assert keys(plain(), plain(("handle_time", "handle-time"))) == {}


def test_anchors_are_no_change() -> None:
    assert keys(plain(), plain(("title:", "x-mine: {a: 1}\ntitle:"))) == {}


def test_the_same_days_may_be_written_otherwise() -> None:
    assert same_days(plain(), plain(("20 s", "0 min 20 s"), ("title: one desk", "title: another")))
    assert not same_days(plain(), plain(("20 s", "21 s")))


def test_files_that_are_named_alike_and_hold_other_numbers_are_told(tmp_path: Path) -> None:
    scenarios = []
    for name, second in (("one", 11), ("other", 12)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "calls.csv").write_text(f"n\n10\n{second}\n", encoding="utf-8")
        (folder / "s.yaml").write_text(PLAIN.replace("volume: 20", "volume: {file: calls.csv}"), encoding="utf-8")
        scenarios.append(load(folder / "s.yaml"))
    (found,) = changes(scenarios)
    assert found.key == "file calls.csv"
    assert found.values[0] != found.values[1]
    assert changes([scenarios[0], load(tmp_path / "one" / "s.yaml")]) == []


texts = st.one_of(
    st.sampled_from(
        ["90 s", "90 %", "12", "mon-fri", "07:00-21:00", "- x", "a: b", "it's", "[1]", "null", "", " x", "%a", "ü", "#", "a,b", "\x85"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
)
values = st.recursive(
    st.one_of(texts, texts.map(Plain)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts.filter(str.strip), inner, max_size=3)),
    max_leaves=8,
)


@given(values)
def test_a_value_written_down_reads_as_it_was(value: Any) -> None:
    assert read_value(written([value]), "it") == [value]


def test_a_number_stays_a_number_and_quoted_text_stays_text() -> None:
    back = read_value(written([Plain("12"), "12", Plain("90 %")]), "it")
    assert [isinstance(one, Plain) for one in back] == [True, False, True]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("open:", "days: 2\nopen:"), "`days` is 1 in one and 2 in the other"),
        (("2027-04-12", "2027-04-13"), "`date` is 2027-04-12 in one and 2027-04-13 in the other"),
    ],
)
def test_paths_that_are_not_the_same_days_are_not_compared(change: tuple[str, str], sentence: str) -> None:
    with pytest.raises(InputError, match=f"A and B cannot be compared day by day: {sentence}"):
        check_comparable({"A": plain(), "B": plain(change)})


def test_a_holiday_in_one_of_them_is_told_by_its_date() -> None:
    three = ("open:", "days: 3\nopen:")
    with pytest.raises(InputError, match="only one of them is open on 2027-04-13"):
        check_comparable({"A": plain(three), "B": plain(three, ("open:", "holidays: [2027-04-13]\nopen:"))})


def test_a_warm_up_of_a_day_in_one_of_them_is_refused() -> None:
    two = ("open:", "days: 2\nopen:")
    with pytest.raises(InputError, match="`warm_up` leaves 2 measured days in one and 1 in the other"):
        check_comparable({"A": plain(two), "B": plain(two, ("open:", "warm_up: 1 day\nopen:"))})


def test_other_types_groups_and_intervals_can_be_compared() -> None:
    check_comparable(
        {
            "A": plain(("08:00-09:00", "08:00-10:00")),
            "B": whole(),
            "C": loads(WHOLE.replace("30 min\nlines", "60 min\nlines").replace("[1, 1, 2, 2]", "[1, 2]")),
        }
    )


def test_what_to_mind_is_said() -> None:
    notes = notes_on({"A": plain(), "B": plain(("wait: 20 s", "wait: 30 s")), "C": plain(("08:00-09:00", "08:00-10:00")), "D": plain()})
    assert notes == [
        "A and B have other target waits: each has its service levels at its own",
        "A and C are not measured over the same hours: each has its own",
        "A and D say the same, so every difference between them is 0",
    ]


def test_costs_of_one_alone_or_in_two_currencies_are_said_not_to_be_compared() -> None:
    euros, dollars = (changed(plain(), {"cost": {"agent_hour": 26, "currency": unit}}) for unit in ("EUR", "USD"))
    assert "costs are given by B alone, so they are not compared" in notes_on({"A": plain(), "B": euros})
    assert "costs are not in the same currency, so they are not compared" in notes_on({"A": dollars, "B": euros})
