"""The waterfall of paid hours, printed and drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ccsim.reporting import waterfall
from ccsim.reporting.charts import day_figure
from ccsim.reporting.waterfall import waterfall_chart, waterfall_figure
from tests.unit.reporting.played import entry, result
from tests.unit.reporting.test_tables import printed

# 100 paid hours: 7 on leave, 5 ill, 3 coached, 4 on breaks, one gap hour; 80.5 on the queue, half an hour of them in unpaid breaks
STEPS = [
    ("annual [b]leave[/b]", "planned", True, "out", 7.0),
    ("sickness", "absence", False, "out", 5.0),
    ("coaching", "in-shift", True, "in", 3.0),
    ("paid breaks", "breaks", True, "in", 4.0),
    ("gaps", "gaps", False, "in", 1.0),
]


def block(scale: float = 1.0, steps: Any = STEPS, worked: float = 0.5) -> dict[str, Any]:
    def share(*chosen: bool) -> dict[str, Any]:
        return entry(sum(step[4] for step, kept in zip(steps, chosen, strict=True) if kept) / 100.0, 0.002, "share")

    lost = sum(step[4] for step in steps)
    left = 1.0
    for step in steps:
        left *= 1.0 - step[4] / 100.0
    return {
        "scheduled": entry(100.0 * scale, 0.0, "hours a day"),
        "on_queue": entry((100.0 + worked - lost) * scale, 0.3, "hours a day"),
        "unpaid_breaks_worked": entry(worked * scale, 0.1, "hours a day"),
        "overtime": entry(1.25 * scale, 0.1, "hours a day"),
        "steps": [
            {"name": name, "kind": kind, "planned": planned, "office": office, "hours": entry(hours * scale, 0.1, "hours a day"),
             "share": entry(hours / 100.0, 0.001, "share")}
            for name, kind, planned, office, hours in steps
        ],
        "planned_share": share(*(step[2] for step in steps)), "unplanned_share": share(*(not step[2] for step in steps)),
        "in_office_share": share(*(step[3] == "in" for step in steps)), "out_of_office_share": share(*(step[3] == "out" for step in steps)),
        "shares_added": share(*(True for _ in steps)), "shares_multiplied": 1.0 - left,
    }  # fmt: skip


def played(groups: int = 2) -> Any:
    made = result()
    made.to_dict()["shrinkage"] = {**block(), "groups": {f"group {n}": block(0.5, STEPS[n % 2 :], 0.0) for n in range(groups)}}
    return made


def test_the_rows_lead_from_the_paid_hours_to_those_on_the_queue() -> None:
    lines = waterfall.rows(block())
    assert [line[:2] for line in lines] == [
        ("scheduled, paid", "100"), ("− annual [b]leave[/b]", "−7.0"), ("− sickness", "−5.0"), ("− coaching", "−3.0"),
        ("− paid breaks", "−4.0"), ("− gaps", "−1.0"), ("+ unpaid breaks worked", "0.50"), ("= on the queue", "80.5"), ("overtime", "1.2"),
    ]  # fmt: skip
    assert lines[1][2:] == ("7.0 % (± 0.1)", "planned, out of the office")
    assert lines[7][2] == "80.5 %"


def test_an_unpaid_break_that_everybody_takes_is_not_spoken_of() -> None:
    assert not any(name.startswith("+") for name, *_ in waterfall.rows(block(worked=0.0)))


def test_shares_are_told_added_and_multiplied_and_by_heading() -> None:
    assert waterfall.sentence(block()) == (
        "Shrinkage: 20.0 % of paid time, the shares added; multiplied they would be 18.6 %. Planned 14.0 %, unplanned 6.0 %; "
        "out of the office 12.0 %, in the office 8.0 %."
    )


def test_the_table_stands_in_a_run_and_its_names_are_never_markup() -> None:
    text = printed(played())
    assert "From the paid hours on the roster to the hours on the queue" in text
    assert "− annual [b]leave[/b]" in text
    assert "Shrinkage: 20.0 % of paid time" in text


def test_groups_stand_side_by_side_with_a_dash_for_a_step_that_one_does_not_have() -> None:
    names, lines = waterfall.group_rows(played().to_dict()["shrinkage"])
    assert names == ["group 0", "group 1"]
    assert lines[0] == ("scheduled, paid, h a day", "50.0", "50.0")
    assert lines[1] == ("− annual [b]leave[/b]", "7.0 %", "–")
    assert lines[-1] == ("= on the queue", "80.0 %", "87.0 %")
    assert "The same by group" in printed(played())


@pytest.mark.parametrize("groups", [1, waterfall.MOST_GROUPS + 1])
def test_one_group_or_very_many_are_not_put_side_by_side(groups: int) -> None:
    assert waterfall.group_rows(played(groups).to_dict()["shrinkage"]) == ([], [])
    assert "The same by group" not in printed(played(groups))


def test_without_shifts_there_is_no_waterfall() -> None:
    assert "From the paid hours" not in printed(result())
    assert waterfall_figure(result()) is None


def test_the_bars_lead_from_the_scheduled_hours_to_those_on_the_queue() -> None:
    figure = waterfall_figure(played())
    assert figure is not None
    axes = figure.axes[0]
    bars = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in axes.patches]  # type: ignore[attr-defined]
    assert np.array(bars) == pytest.approx(np.array([(0, 100), (93, 100), (88, 93), (85, 88), (81, 85), (80, 81), (0, 80.5)]))
    legend = axes.get_legend()
    assert legend is not None
    assert {text.get_text() for text in legend.get_texts()} == {"planned", "unplanned"}


def test_planned_and_unplanned_are_told_apart_without_colour() -> None:
    figure = waterfall_figure(played())
    assert figure is not None
    hatches = {patch.get_hatch() for patch in figure.axes[0].patches[1:-1]}
    assert hatches == {None, "////"}


def test_the_waterfall_stands_below_the_day() -> None:
    titles = [axes.get_title(loc="left") for axes in day_figure(played()).axes]
    assert titles[-1] == "From the hours on the roster to the hours on the queue"
    assert len(titles) == len(day_figure(result()).axes) + 1


def test_the_picture_is_written(tmp_path: Path) -> None:
    assert waterfall_chart(played(), tmp_path / "waterfall.png")
    assert (tmp_path / "waterfall.png").read_bytes().startswith(b"\x89PNG")
    assert not waterfall_chart(result(), tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()


def ended(people: float = 0.9, hours: float = 2.5) -> dict[str, Any]:
    return {"people": entry(people, 0.2, "people a path"), "hours": entry(hours, 0.4, "hours a day")}


def test_employments_that_ended_stand_between_the_roster_as_written_and_the_paid_hours() -> None:
    lines = waterfall.rows({**block(), "employments_ended": ended()})
    assert [line[:2] for line in lines[:3]] == [
        ("scheduled, whole roster", "102"),
        ("− employments ended", "−2.5"),
        ("= scheduled, paid", "100"),
    ]
    assert lines[3][2] == "7.0 % (± 0.1)"  # shares are of the paid hours all the same
    assert waterfall.rows({**block(), "employments_ended": ended(0.0, 0.0)}) == waterfall.rows(block())


def test_the_number_of_employments_that_ended_is_told_with_its_path() -> None:
    (said,) = waterfall.ended_words({**block(), "employments_ended": ended()}, 7)
    assert said.startswith("In the 7 days the employment of 0.90 (± 0.2) people ends with shifts still to come")
    assert waterfall.ended_words({**block(), "employments_ended": ended(0.0, 0.0)}, 7) == waterfall.ended_words(block(), 7) == []


def test_employments_that_ended_have_a_bar_of_their_own() -> None:
    made = played()
    made.to_dict()["shrinkage"]["employments_ended"] = ended()
    figure = waterfall_figure(made)
    assert figure is not None
    bars = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in figure.axes[0].patches]  # type: ignore[attr-defined]
    assert np.array(bars[:4]) == pytest.approx(np.array([(0, 102.5), (100, 102.5), (0, 100), (93, 100)]))
    assert "In the 7 days" not in printed(made)
    assert "On the day the employment of 0.90" in printed(made)


def test_where_nothing_is_lost_there_is_no_line_and_no_picture_of_it() -> None:
    made = result()
    nothing = {**block(1.0, [], 0.0), "overtime": entry(0.0, 0.0, "hours a day")}
    made.to_dict()["shrinkage"] = {**nothing, "groups": {}}
    text = printed(made)
    assert "Shrinkage" not in text
    assert "From the paid hours" not in text
    assert len(day_figure(made).axes) == len(day_figure(result()).axes)
