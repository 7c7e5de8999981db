"""The form is the table of keys, a change leaves the rest of the file alone, and what is wrong is said at its key."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccsim.errors import ScenarioError
from ccsim.inputs import loads
from ccsim.inputs.document import read_document
from ccsim.inputs.key_table import key_table
from ccsim.web.edit import edited, numbers_pasted
from ccsim.web.form import Draft, parts
from tests.web.conftest import SCENARIO


def drafted() -> Draft:
    return Draft(SCENARIO, None)


def test_every_key_of_the_table_has_a_field() -> None:
    data = read_document(SCENARIO, "x").data
    names = {"calls": "support", "staff": "day", "shrinkage": "sickness", "contingent": "home", "events": "final"}
    data["events"] = {"final": {}}
    shown = {".".join("NAME" if part in names.values() else part for part in one.path) for part in parts(data) for one in part.fields}
    above = {row.path.rpartition(".")[0] for row in key_table()}
    sections = ("calls", "staff", "shrinkage", "contingent", "events")
    single = (
        "target",
        "cost",
        "fte",
        "known",
        "schedule",
        "title",
        "date",
        "days",
        "open",
        "interval",
        "warm_up",
        "close",
        "lines",
        "route",
        "holidays",
        "timezone",
    )
    for row in key_table():
        if not row.built or row.path in sections or row.path in above:
            continue
        top, deeper = row.path.partition(".")[0], row.path.rpartition(".")[0]
        if top in sections and f"{top}.NAME" != deeper:
            continue  # below a key that stands for itself until it has keys in the file
        if top in (*sections, *single):
            assert row.path.partition(".NAME")[0] in shown or row.path in shown


def test_starting_values_are_told_and_never_filled_in() -> None:
    patience = [one for part in parts(read_document(SCENARIO, "x").data) for one in part.fields if one.path[-1] == "busyness_cv"]
    assert [(one.value, one.row.start) for one in patience] == [("", "0.12")]


def test_a_change_leaves_comments_and_everything_else_alone() -> None:
    draft = drafted()
    draft.type(("calls", "support", "patience", "mean"), "4 min")
    before, after = SCENARIO.splitlines(), draft.current.splitlines()
    assert [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == [
        (line, line.replace("patience: {mean: 5 min}", "patience: {mean: 4 min}")) for line in before if "patience" in line
    ]


def test_what_is_wrong_is_said_at_its_key_and_goes_when_it_is_mended() -> None:
    draft = drafted()
    draft.type(("staff", "day", "shift"), "8-10")
    assert draft.fault_at == ("staff", "day", "shift")
    assert "not a clock time" in draft.fault
    draft.type(("staff", "day", "shift"), "08:00-10:00")
    assert (draft.fault, draft.fault_at) == ("", ())


@pytest.mark.parametrize(
    "typed", ["{", "[1, 2", "*x", "!!python/object:os.system x", "&a [*a]", '"', "%TAG", "- a", "a: b: c", "\t", "@x", "`"]
)
def test_whatever_is_typed_is_told_as_wrong_and_breaks_nothing(typed: str) -> None:
    draft = drafted()
    draft.type(("calls", "support", "volume"), typed)
    if typed.strip():
        assert draft.fault
    draft.undo()
    assert draft.fault == ""
    assert draft.current == SCENARIO


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_any_title_comes_back_as_it_was_typed_or_is_refused(title: str) -> None:
    draft = drafted()
    draft.type(("title",), title)
    if not draft.fault:
        assert draft.scenario().title == (" ".join(title.split()) or "Scenario")
        assert draft.built == draft.scenario().model_copy(update={"text": draft.text})  # what was checked is what would be saved


def test_names_are_added_and_taken_out() -> None:
    draft = drafted()
    draft.add("staff", "evening: late?")
    draft.type(("staff", "evening: late?", "agents"), "3")
    assert draft.scenario().data["staff"]["evening: late?"]["agents"] == "3"
    assert list(draft.scenario().staff) == ["day", "evening: late?"]
    draft.take_out("contingent", "home")
    assert not draft.scenario().contingent
    with pytest.raises(ScenarioError, match="already"):
        draft.add("staff", "day")


def test_a_column_pasted_from_a_spreadsheet_becomes_a_list() -> None:
    draft = drafted()
    assert draft.type(("calls", "support", "volume"), "80\n120\n1,100\n90,5\n") == "[80, 120, 1100, 90.5]"
    assert draft.scenario().data["calls"]["support"]["volume"] == ["80", "120", "1100", "90.5"]
    assert draft.fault == ""


@pytest.mark.parametrize(
    "typed, asked",
    [
        ("4.400", "4.4 calls a day? Write 4400 for thousands."),
        ("12.000", "12 calls a day? Write 12000 for thousands."),
        ("[4.400, 3.950]", "4.4 calls in an interval? Write 4400 for thousands."),
        ("4.400\n3.950\n", "4.4 calls in an interval? Write 4400 for thousands."),
        ("4400", ""),
        ("4.4", ""),
        ("0.125", ""),
        ("[12.375, 9.5, 8]", ""),
        ("{file: 4.400.csv, column: calls}", ""),
    ],
)
def test_thousands_written_with_a_point_are_asked_about(typed: str, asked: str) -> None:
    draft = drafted()
    draft.type(("calls", "support", "volume"), typed)
    assert draft.doubts.get(("calls", "support", "volume"), "") == asked
    draft.undo()
    assert draft.doubts == {}


def test_a_file_with_such_thousands_is_asked_about_when_it_is_opened() -> None:
    draft = Draft(SCENARIO.replace("volume: 400", "volume: 4.400"), None)
    assert list(draft.doubts) == [("calls", "support", "volume")]


def test_what_stands_over_a_part_is_what_was_typed() -> None:
    draft = drafted()
    draft.type(("calls", "support", "volume"), "12000")
    (part,) = [part for part in parts(draft.data()) if part.section == "calls"]
    assert "volume 12000" in part.summary


def test_a_pasted_column_with_words_in_it_is_no_list() -> None:
    assert numbers_pasted("80\nmany\n90") is None
    assert numbers_pasted("80\n\n90") is None
    assert numbers_pasted("=1+1\n=2+2") is None


def test_an_empty_cell_of_a_pasted_column_is_named_by_its_row_and_mended_where_it_is() -> None:
    draft, path = drafted(), ("calls", "support", "volume")
    shown = draft.type(path, "80\n\n90,5\n70\n")
    assert shown == "[80, empty, 90.5, 70]"
    assert draft.fault_at == path
    assert draft.fault == "Row 2 of what was pasted is empty; write 0 in place of “empty” where no calls come"
    with pytest.raises(ScenarioError, match="Row 2 of what was pasted is empty"):
        draft.scenario()
    draft.type(path, shown.replace("empty", "0"))
    assert draft.fault == ""
    assert draft.scenario().data["calls"]["support"]["volume"] == ["80", "0", "90.5", "70"]
    draft.type(("title",), "80\n\n90")
    assert draft.scenario().title == "80 90"


def test_a_file_that_repeats_parts_of_itself_is_changed_in_one_place_only() -> None:
    text = (
        "open: 08:00-10:00\nx-both: &both {handle_time: 3 min, patience: 5 min}\n"
        "calls:\n  a: {volume: 10, <<: *both}\n  b: {volume: 20, <<: *both}\nstaff: {all: {agents: 3}}\n"
    )
    found = loads(edited(text, {("calls", "a", "patience"): "1 min"}))
    assert found.data["calls"]["a"]["patience"] == "1 min"
    assert found.data["calls"]["b"]["patience"] == "5 min"


def test_a_key_below_a_value_is_refused() -> None:
    with pytest.raises(ScenarioError, match="would have keys below it"):
        edited(SCENARIO, {("calls", "support", "volume", "file"): "a.csv"})
