"""The words and numbers of a comparison: signs, digits, units, verdicts that say no more than is known."""

from __future__ import annotations

import io
import math

import pytest
from rich.console import Console

from ccsim.experiment.compare import compare
from ccsim.experiment.comparison import Comparison
from ccsim.experiment.differences import Difference
from ccsim.inputs.scenario import changed
from ccsim.reporting.comparison import answers, show_comparison
from ccsim.reporting.differences import limits, signed, spelled
from tests.unit.experiment.centres import plain, whole


def apart(mean: float, half: float, unit: str) -> Difference:
    return Difference("m", unit, mean, mean - half, mean + half, math.nan, None, None)


def printed(found: Comparison, width: int = 140) -> str:
    out = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)
    show_comparison(out, found)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


@pytest.mark.parametrize(
    ("difference", "text", "interval"),
    [
        (apart(0.0052, 0.0006, "share"), "+0.52 pt", "+0.46 to +0.58 pt"),
        (apart(-0.052, 0.021, "share"), "−5.2 pt", "−7.3 to −3.1 pt"),
        (apart(-0.88, 0.09, "s"), "−0.88 s", "−0.97 to −0.79 s"),
        (apart(105.0, 573.0, "s"), "+2 min", "−8 to +11 min"),
        (apart(250.2, 22.6, "EUR a day"), "+250", "+228 to +273"),
        (apart(-1250.0, 300.0, "EUR a day"), "−1,250", "−1,550 to −950"),
        (apart(0.0, 0.0, "share"), "0.0 pt", "0.0 to 0.0 pt"),
        (apart(0.00001, 0.004, "share"), "0.0 pt", "−0.4 to +0.4 pt"),
        (apart(math.nan, math.nan, "share"), "–", "–"),
        (apart(0.1, math.nan, "share"), "+10.0 pt", "–"),
    ],
)
def test_a_difference_is_written_in_one_unit_with_the_digits_that_it_bears(difference: Difference, text: str, interval: str) -> None:
    assert spelled(difference, difference.mean, True) == text
    assert limits(difference) == interval


def test_half_the_interval_stands_behind() -> None:
    assert signed(apart(0.0052, 0.0006, "share")) == "+0.52 pt (± 0.06)"


def test_what_the_days_do_not_tell_is_not_told() -> None:
    few = compare([whole(), changed(whole(), {"staff.early.breaks": ["09:10 for 15 min"]})], replications=6)
    said = " ".join(answers(few))
    assert "these days do not tell which of them is ahead" in said
    assert "is better." not in said


def test_one_day_tells_nothing_of_chance() -> None:
    said = answers(compare([plain(), plain(("agents: 2", "agents: 3"))], replications=1))
    assert any("one day tells nothing of chance" in sentence for sentence in said)
    assert not any("On a given day" in sentence for sentence in said)


def test_no_calls_are_no_comparison() -> None:
    none = plain(("volume: 20", "volume: 0"))
    assert answers(compare([none, none], replications=3)) == ["No calls came in, so there is nothing to compare."]
    assert "No calls came in" in printed(compare([none, none, none], replications=3))


def test_two_scenarios_stand_side_by_side_and_more_in_rows() -> None:
    scenarios = [changed(whole(), {"staff.early.agents": agents}) for agents in (8, 9, 10)]
    two, three = (printed(compare(scenarios[:count], replications=20)) for count in (2, 3))
    assert "B less A" in two
    assert "Less A, day by day" in three
    assert "Ranked by: answered within the threshold, of all offered (higher is better)" in three
    assert "nan" not in two + three


def test_the_price_is_told_with_its_currency() -> None:
    said = " ".join(answers(compare([whole(), changed(whole(), {"staff.early.agents": 9})], replications=30)))
    assert "EUR more a day" in said or "EUR less a day" in said


def test_a_path_of_days_is_called_one() -> None:
    week = plain(("open:", "days: 3\nopen:"))
    said = " ".join(answers(compare([week, changed(week, {"staff.desk.agents": 3})], replications=10)))
    assert "On a given path of 3 days" in said


def test_a_title_cannot_steer_the_terminal() -> None:
    steering = plain().model_copy(update={"title": "quiet\x1b[2J\x07day"})
    assert not {"\x1b", "\x07"} & set(printed(compare([steering, plain(("agents: 2", "agents: 3"))], replications=2)))


def test_very_many_changes_are_cut_and_that_is_said() -> None:
    few = "".join(f"  t{n}: {{volume: 9, handle_time: 60 s, patience: 30 s}}\n" for n in range(60))
    many = "".join(f"  t{n}: {{volume: 8, handle_time: 60 s, patience: 30 s}}\n" for n in range(60))
    text = "  a: {volume: 20, handle_time: {mean: 3 min}, patience: {mean: 2 min}}\n"
    found = compare([plain((text, text + few)), plain((text, text + many))], replications=2)
    assert "and 20 more keys (--json gives them all)" in printed(found)


def test_a_long_value_that_was_changed_is_shown_whole() -> None:
    """Eight types that one group takes and the other does not: every name can be read, over as many lines as it takes."""
    names = [f"a rather long name of type {number}" for number in range(8)]
    text = "  a: {volume: 20, handle_time: {mean: 3 min}, patience: {mean: 2 min}}\n"
    types = "".join(f"  {name}: {{volume: 9, handle_time: 60 s, patience: 30 s}}\n" for name in names)
    base = plain((text, text + types))
    found = compare([base, changed(base, {"staff.desk.takes": names})], replications=2)
    told = " ".join(printed(found).partition("What was changed")[2].partition("Over the open hours")[0].split())
    for name in names:
        assert all(word in told for word in name.split())
        assert f"type {name[-1]}" in told
    assert "..." not in told


def test_work_alone_is_compared_without_callers_and_with_what_was_left_undone() -> None:
    text = "  a: {volume: 20, handle_time: {mean: 3 min}, patience: {mean: 2 min}}\n"
    base = plain((text, "  letters: {channel: work, volume: 60, handle_time: 6 min}\n"))
    said = printed(compare([base, changed(base, {"staff.desk.agents": 3})], replications=5))
    assert "of all work was taken up within" in said
    assert "work left undone when the path was over" in said
    assert "hung up" not in said
    assert "callers" not in said
