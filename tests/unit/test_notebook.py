"""What results look like in a notebook: every kind of result has a table, and nothing that a scenario says is read as HTML."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import ccsim
from ccsim.contingent.card import card
from ccsim.inputs import load
from ccsim.inputs.scenario import Scenario, changed
from ccsim.notebook import MOST_ROWS, range_of, shown_in_html, with_unit
from ccsim.staffing import requirement
from ccsim.staffing.headcount import headcount

TEXT = """\
title: <script>alert(1)</script> & Söhne
open: 08:00-10:00
interval: 30 min
target: {wait: 30 s, share: 80 %}
calls:
  a: {volume: 200, handle_time: {mean: 180 s}, patience: {mean: 2 min}}
staff:
  desk: {agents: 8, shift: 08:00-10:00}
contingent:
  home: {agents: 3, accept: 80 %, notice: 10 min, activate: {when: queue, reaches: 6}, release: {when: queue, falls_to: 0}}
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    path: Path = tmp_path_factory.mktemp("shown") / "desk.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return load(path)


def test_every_kind_of_result_shows_a_table_with_the_title_escaped(scenario: Scenario) -> None:
    other = changed(scenario, {"staff.desk.agents": 9})
    found = [
        ccsim.run(scenario, replications=10),
        ccsim.sweep(scenario, {"staff.desk.agents": [8, 9]}, replications=10),
        ccsim.explain(scenario, replications=10),
        ccsim.explain(scenario, other, replications=10),
        requirement(scenario),
        headcount(requirement(scenario)),
        card(scenario),
    ]
    for one in found:
        shown = one._repr_html_()  # type: ignore[attr-defined]
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Söhne" in shown, type(one)
        assert "<script" not in shown, type(one)
        assert shown.count("<tr>") > 1, type(one)
        assert "nan" not in shown.lower().replace("planned", ""), type(one)


def test_a_comparison_shows_its_paired_differences(scenario: Scenario) -> None:
    found = ccsim.compare([scenario, changed(scenario, {"staff.desk.agents": 9})], replications=10)
    row = next(iter(found.differences.values()))["service_level_offered"]
    assert f"{100 * row.mean:.1f} %" in found._repr_html_()


def test_a_range_says_its_unit_once() -> None:
    assert range_of(1.0, 2.5, "s") == "1.0 to 2.5 s"
    assert range_of(0.1, 0.2, "share") == "10.0 to 20.0 %"
    assert range_of(None, 0.2, "share") == range_of(0.1, math.inf, "share") == ""


def test_what_has_no_unit_keeps_its_digits() -> None:
    assert [with_unit(number, "") for number in (0.0842, 1.25, 812.44)] == ["0.0842", "1.25", "812.4"]


def test_a_long_table_is_cut_and_says_so() -> None:
    shown = shown_in_html("long", [], ["n"], [[n] for n in range(MOST_ROWS + 7)])
    assert shown.count("<tr>") == MOST_ROWS + 1
    assert "and 7 more rows" in shown
