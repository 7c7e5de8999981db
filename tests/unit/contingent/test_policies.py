"""The table of rules for calling contingents, their words, and the files that hold them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ccsim
from ccsim.contingent.policies import applied, carded, fitting, table, variations
from ccsim.contingent.policies_said import sentence_of
from ccsim.contingent.policies_written import scenario_text
from ccsim.errors import InputError
from ccsim.inputs import Scenario, loads
from ccsim.inputs.scenario import changed


def centre() -> Scenario:
    return ccsim.load("scenarios/appointment-centre.yaml")


def test_every_rule_of_the_table_fits_the_appointment_centre_and_each_is_another() -> None:
    scenario = centre()
    rows = table(scenario, scenario.contingent["home"])
    kept, scenarios = fitting(scenario, scenario.contingent["home"], rows)
    assert len(kept) == len(rows) >= 60
    assert len({row.name for row in kept}) == len(kept)
    own = [one.contingent["home"] for row, one in zip(kept, scenarios, strict=True) if not row.own]
    assert len({(pool.agents, pool.activate, pool.release) for pool in own}) == len(own)
    assert {rule.when for pool in own for rule in pool.activate} == {
        "estimated_wait", "longest_wait", "queue", "average_wait", "forecast_wait", "plan_gap", "windows", "always", "never",
    }  # fmt: skip


def test_a_rule_is_told_in_a_sentence_that_a_supervisor_can_follow() -> None:
    pool = centre().contingent["home"]
    assert sentence_of(pool) == (
        "Call four people when the estimated wait reaches 90 s, and four more every 10 min while it is there; send them home when the "
        "estimated wait falls to 20 s, after 2 h at the soonest."
    )
    scenario = centre()
    kept, _ = fitting(scenario, pool, table(scenario, pool))
    said = {row.name: row.sentence for row in kept}
    assert said["estimated wait 60 s: all, stay"] == "Call everybody when the estimated wait reaches 60 s; they stay until 20:00."
    assert said["all day: 4"] == "Ask four people to be on from 08:00 to 20:00."
    assert said["never"] == "Have the pool and never call it."


def test_a_card_that_the_scenario_goes_by_is_tried_with_three_ways_home(tmp_path: Path) -> None:
    cell = {"agents": 30, "queue": [4, 9], "oldest": [None, None]}
    card = {"call": [4, 12], "row_length": 36_000, "rows": [{"start": "2027-04-12T09:00", "cells": [cell]}]}
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    text = Path("scenarios/appointment-centre.yaml").read_text(encoding="utf-8")
    old = "{when: estimated_wait, reaches: 90 s, call_up: 4, every: 10 min}"
    assert old in text
    for released, names in (
        ("{falls_to: 0}", ["the card, stay", "the card, until quiet"]),
        ("{when: average_wait, falls_to: 20 s}", ["the card, stay", "the card, until it falls", "the card, until quiet"]),
    ):
        told = text.replace(old, "{card: card.json}").replace("{when: estimated_wait, falls_to: 20 s}", released)
        scenario = loads(told, tmp_path)
        pool = scenario.contingent["home"]
        rows = [row for row in table(scenario, pool) if row.own or row.name.startswith("the card")]
        kept, made = fitting(scenario, pool, rows)
        by_card = {row.name: one for row, one in zip(kept, made, strict=True) if not row.own}
        assert list(by_card) == names
        assert kept[0].sentence.startswith("Call as many as the card says; send them home when ")
        for one in by_card.values():
            assert loads(scenario_text(one, "home"), tmp_path).contingent == one.contingent


def test_cards_of_several_strictnesses_are_rows_though_they_stand_in_no_file() -> None:
    scenario = centre()
    pool = scenario.contingent["home"]
    rows = carded(scenario, pool)
    kept, made = fitting(scenario, pool, rows)
    assert [row.name for row in kept] == [row.name for row in rows]
    assert len({row.share for row in rows}) * 2 == len(rows) >= 8
    for row, one in zip(kept, made, strict=True):
        (rule,), release = one.contingent["home"].activate, one.contingent["home"].release
        assert rule.when == "card"
        assert rule.card is not None
        assert list(rule.card.call) == [4, 8, 12]
        assert rule.card.by_calls
        assert [each.when for each in release] == (["card"] if row.release else [])
        assert one.data["contingent"]["home"]["activate"] == row.activate
        assert variations(row, pool) == []
    strict, lax = (made[place].contingent["home"].activate[0].card for place in (0, len(made) - 1))
    assert strict is not None
    assert lax is not None
    for r in range(len(strict.start)):  # where both have a cell for as many agents; one for rounding
        both, a, b = np.intersect1d(strict.agents[r], lax.agents[r], return_indices=True)
        known = np.isfinite(both)
        assert (strict.queue[r][a[known]] <= lax.queue[r][b[known]] + 1.0).all()
    assert scenario.data["contingent"]["home"]["activate"] != made[0].data["contingent"]["home"]["activate"]


def test_cards_fit_where_few_are_on_duty_and_each_strictness_is_there_once() -> None:
    text = (
        "date: 2027-04-12\nopen: 08:00-18:00\ntarget: {wait: 60 s, share: SHARE}\n"
        "calls: {sales: {volume: 300, busyness_cv: 0.15, handle_time: 4 min, patience: 4 min}}\n"
        "staff: {desk: {agents: 3, shift: 08:00-18:00}}\n"
        "contingent: {home: {agents: 6, notice: {mean: 20 min, cv: 0.5}, activate: {when: queue, reaches: 9}}}\n"
    )
    for share, number in (("90 %", 10), ("0 %", 8), ("100 %", 0)):
        scenario = loads(text.replace("SHARE", share))
        rows = carded(scenario, scenario.contingent["home"])
        kept, _ = fitting(scenario, scenario.contingent["home"], rows)
        assert len(kept) == len({row.name for row in kept}) == len({row.share for row in kept}) * 2 == number


def test_a_card_that_the_reader_refuses_is_left_out_and_one_of_no_file_says_how_it_is_made() -> None:
    scenario = centre()
    pool = scenario.contingent["home"]
    row = carded(scenario, pool)[0]
    told = row.to_dict()
    assert (told["card"], told["share"]) == (True, row.share)
    assert "card" not in table(scenario, pool)[0].to_dict()
    broken = replace(row, card=row.card.replace('"row_length": 1800.0', '"row_length": 0.0'))
    assert broken.card != row.card
    assert fitting(scenario, pool, [broken]) == ([], [])


def test_variations_have_other_sizes_and_never_fewer_people_than_are_asked_at_a_time() -> None:
    scenario = centre()
    pool = scenario.contingent["home"]
    row = next(row for row in table(scenario, pool) if row.name.startswith("estimated wait 60 s: 4 and again, stay"))
    varied, made = fitting(scenario, pool, variations(row, pool))
    assert sorted({one.contingent["home"].agents for one in made}) == [4, 8, 16]
    assert all(one.activate == row.activate for one in varied)


def test_a_file_with_another_rule_keeps_all_else_and_reads_as_the_scenario() -> None:
    scenario = centre()
    pool = scenario.contingent["home"]
    _, scenarios = fitting(scenario, pool, table(scenario, pool)[::6])
    for made in scenarios:
        text = scenario_text(made, "home")
        again = loads(text)
        assert again.contingent["home"] == made.contingent["home"]
        assert again.data == made.data
        assert text.startswith("# Invented:")
    assert scenario_text(scenario, "home") == scenario.text


@pytest.mark.parametrize("pool", ["{agents: 5, notice: 10 min, activate: {when: queue, reaches: 9}}", None])
def test_a_file_whose_pool_stands_on_one_line_or_is_called_otherwise_reads_as_the_scenario_as_well(pool: str | None) -> None:
    body = f" {pool}" if pool else "\n    # people\n    agents: 5\n    notice: 10 min\n    activate:\n      when: queue\n      reaches: 9"
    text = f"""
date: 2027-04-12
open: 08:00-10:00
target: {{wait: 20 s, share: 80 %}}
calls: {{support: {{volume: 100, handle_time: 180 s}}}}
staff: {{day: {{agents: 8, shift: 08:00-10:00}}}}
contingent:
  "at 7: home":{body}
"""
    scenario = loads(text)
    found = scenario.contingent["at 7: home"]
    _, scenarios = fitting(scenario, found, table(scenario, found))
    for made in scenarios:
        assert loads(scenario_text(made, found.name)).data == made.data


def test_a_pool_that_takes_nothing_but_work_has_no_rules() -> None:
    text = """
date: 2027-04-12
open: 08:00-10:00
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: 100, handle_time: 180 s}
  mail: {volume: 20, handle_time: 180 s, channel: work}
staff: {day: {agents: 8, shift: 08:00-10:00}}
contingent: {home: {agents: 3, takes: [mail], notice: 10 min, activate: {when: always}}}
"""
    scenario = loads(text)
    with pytest.raises(InputError, match="no callers, only work"):
        table(scenario, scenario.contingent["home"])


def test_a_pool_of_one_has_no_thirds() -> None:
    scenario = changed(
        centre(), {"contingent.home.agents": 1, "contingent.home.activate": {"when": "never"}, "contingent.home.release": None}
    )
    pool = scenario.contingent["home"]
    kept, made = fitting(scenario, pool, table(scenario, pool))
    assert {row.agents for row in kept} == {0, 1, 2}  # two are tried as a larger pool
    assert "never" not in {row.name for row in kept}  # it is the scenario's own rule
    assert applied(scenario, pool, kept[0]) is scenario
    assert len(made) == len(kept)
