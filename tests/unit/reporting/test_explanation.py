"""An explanation before people: every step has its words, tables and pictures hold what was found, JSON is plain."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from ccsim.inputs.scenario import changed, loads
from ccsim.reporting.explanation import explanation_chart, explanation_figure, explanation_json, headline, sentence, show_explanation
from ccsim.reporting.steps import Numbers, because, step_name
from ccsim.staffing.explain import Bar, Explanation, Step, explain
from ccsim.staffing.explain.between import PARTS
from ccsim.staffing.explain.features import FEATURES

TEXT = """
title: "[bold]A $mall centre[/bold]"
date: 2027-03-01
open: 08:00-12:00
interval: 1 h
target: {wait: 20 s, share: 80 %}
calls:
  calls: {volume: 800, handle_time: {mean: 3 min, cv: 1.3}, patience: {mean: 3 min}, busyness_cv: 0.1}
staff:
  team: {agents: 15, shift: 08:00-12:00, breaks: [15 min between 09:00 and 11:00]}
shrinkage:
  sick: {share: 10 %, kind: absence}
"""
FORMULAS = ("ups_and_downs", "hang_ups", "whole_agents", "carry_over")


@pytest.fixture(scope="module")
def alone() -> Explanation:
    return explain(loads(TEXT), replications=40)


@pytest.fixture(scope="module")
def two() -> Explanation:
    base = loads(TEXT)
    return explain(base, changed(base, {"calls.calls.volume": 880, "lines": 40}), replications=40)


@pytest.fixture(scope="module")
def what_happened(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    path = tmp_path_factory.mktemp("actuals") / "monday.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("start", "offered", "aht", "agents", "absent", "service_level"))
        rows.writerows((f"{hour:02d}:00", 230, 190, 12, 2, "35 %") for hour in range(8, 12))
    return explain(loads(TEXT), path, replications=60)


def shown(found: Explanation, width: int = 160) -> str:
    out = Console(file=io.StringIO(), width=width, color_system=None)
    show_explanation(out, found)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def bare(key: str, mean: float, measure: str = "service_level_offered", facts: dict[str, object] | None = None, causes: tuple[str, ...] = ()
         ) -> tuple[Explanation, Step]:  # fmt: skip
    """An explanation of one step."""
    step = Step(key, mean, mean - 0.01, mean + 0.01, facts=facts or {}, causes=causes)
    bars = (Bar("plainest", "simulation", 0.7, 0.69, 0.71), Bar(key, "simulation", 0.7 + mean, 0.6, 0.8))
    kind = "between" if causes else "erlang"
    return Explanation(kind, loads(TEXT), measure, bars, (step,), step, (), 40, 1, "kernel", False, ()), step  # type: ignore[arg-type]


FACTS = {"most": 0.5, "cv": 1.2, "types": 2, "lines": 120, "agents": 12}


@pytest.mark.parametrize("mean", [-0.05, 0.05])
@pytest.mark.parametrize("key", [*FORMULAS, *FEATURES])
def test_every_step_has_a_name_and_a_reason_for_either_way(key: str, mean: float) -> None:
    found, step = bare(key, mean, facts=FACTS)
    assert step_name(found, step)
    said = because(found, step)
    assert "{" not in said
    assert sentence(found, step).endswith(" pt).")


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_a_scenario_has_a_name(part: str) -> None:
    found, step = bare(part, 0.05, causes=(part,))
    assert step_name(found, step)


def test_the_reason_goes_with_the_way_and_the_measure() -> None:
    """More waiting is the worse way, more service the better one."""
    assert because(*bare("hang_ups", 0.05)) == "Callers who hang up shorten the queue for the rest"
    assert because(*bare("hang_ups", -38.0, "mean_wait")) == "Callers who hang up shorten the queue for the rest"
    assert because(*bare("hang_ups", 0.05, "abandoned_fraction")) == "Callers who run out of patience hang up"


def test_a_step_is_written_with_its_sign_and_interval() -> None:
    found, step = bare("absence", -0.0525)
    assert sentence(found, step).endswith(": −5.2 pt (−6.2 to −4.2 pt).") or sentence(found, step).endswith(": −5.3 pt (−6.3 to −4.3 pt).")
    _, small = bare("absence", 0.002)
    assert "these days do not tell it from none" in sentence(found, small)


def test_numbers_of_waits_turn_to_minutes_together() -> None:
    bars = (Bar("erlang_c", "formula", 900.0, 900.0, 900.0), Bar("plainest", "simulation", 60.0, 50.0, 70.0))
    step = Step("carry_over", -840.0, -850.0, -830.0)
    found = Explanation("erlang", loads(TEXT), "mean_wait", bars, (step,), step, (), 40, 1, "kernel", False, ())
    numbers = Numbers(found)
    assert (numbers.bar(900.0), numbers.bar(60.0), numbers.step(-840.0)) == ("15.0 min", "1.0 min", "−14.0 min")
    assert numbers.bar(float("inf")) == "endless"


def test_the_table_holds_all_steps_and_titles_are_no_markup(alone: Explanation) -> None:
    text = shown(alone)
    assert "[bold]A $mall centre[/bold]" in text
    for step in alone.steps:
        assert step_name(alone, step) in text
        assert sentence(alone, step)[:60] in text
    assert "exact" in text


def test_what_is_between_two_scenarios_and_what_happened_are_shown(two: Explanation, what_happened: Explanation) -> None:
    assert "Lines and closing" in shown(two)
    text = shown(what_happened)
    assert "920 calls came in a day, where 800 were expected" in text
    assert "Handling took 190 s on average, where 180 s were planned" in text
    assert "95 % of 60 simulated days like this one lie between" in text


@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_fits_the_terminal(alone: Explanation, width: int) -> None:
    assert max(map(len, shown(alone, width).splitlines())) <= width


def test_json_is_one_plain_object_with_each_step_in_words(alone: Explanation, two: Explanation, what_happened: Explanation) -> None:
    for found in (alone, two, what_happened):
        document = json.loads(explanation_json(found), parse_constant=lambda text: pytest.fail(text))
        assert [step["says"] for step in document["steps"]] == [sentence(found, step) for step in found.steps]
        assert document["says"] == headline(found)
        bars = [bar["mean"] for bar in document["bars"]]
        assert bars[0] + sum(step["mean"] for step in document["steps"]) == pytest.approx(bars[-1], abs=1e-12)


def test_the_waterfall_has_a_row_for_each_step_between_the_answers(alone: Explanation) -> None:
    axes = explanation_figure(alone).axes[0]
    names = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    assert names == ["Erlang C for the day's mean", *(step_name(alone, step) for step in alone.steps), "As the file says, simulated"]
    # each step's box begins where the one before it ended
    boxes = sorted((box.get_y(), box.get_x(), box.get_width()) for box in axes.patches[: len(alone.steps)])
    for (_, x, width), before, after in zip(boxes, alone.bars, alone.bars[1:], strict=False):
        assert (x, x + width) == pytest.approx((100 * before.value, 100 * after.value), abs=1e-9)


def test_pictures_are_written_for_all_three_kinds(alone: Explanation, two: Explanation, what_happened: Explanation, tmp_path: Path) -> None:
    for number, found in enumerate((alone, two, what_happened)):
        path = tmp_path / f"{number}.png"
        explanation_chart(found, path)
        assert path.read_bytes().startswith(b"\x89PNG")


def test_a_day_without_calls_has_nothing_to_explain(tmp_path: Path) -> None:
    found = explain(changed(loads(TEXT), {"calls.calls.volume": 0}), replications=4)
    assert headline(found) == ["No calls came in, so there is nothing to explain."]
    assert "nothing to explain" in shown(found)
    json.loads(explanation_json(found), parse_constant=lambda text: pytest.fail(text))
    explanation_chart(found, tmp_path / "none.png")


def test_one_day_tells_nothing_of_chance() -> None:
    found = explain(loads(TEXT), replications=1)
    assert "one day tells nothing of chance" in shown(found)
