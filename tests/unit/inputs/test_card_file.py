"""A card in a file: what of it a pool goes by, and what is refused, in which words."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ccsim.engine import duty
from ccsim.engine.floor import CARD
from ccsim.errors import ScenarioError
from ccsim.inputs import Scenario, load, loads

HEAD = """date: 2027-04-12
days: 2
open: 08:00-20:00
target: {wait: 60 s, share: 80 %}
calls: {a: {volume: 500, handle_time: 4 min, patience: 5 min}}
staff: {g: {agents: 9, shift: 08:00-20:00}}
contingent:
  home:
    agents: 6
    available: 09:00-18:00
    notice: 20 min
"""
CARD_FILE: dict[str, Any] = {
    "call": [2, 6],
    "row_length": 1800,
    "rows": [
        {
            "start": "2027-04-12T09:00",
            "cells": [
                {"agents": 7, "queue": [0, 4], "oldest": [0.0, 41.5]},
                {"agents": 9, "queue": [3, None], "oldest": [30.0, None]},
            ],
        },
        {"start": "2027-04-12T09:30", "cells": [{"agents": 8, "queue": [2, 5]}]},
    ],
}
Edit = Callable[[dict[str, Any]], Any]


def scenario(tmp_path: Path, told: str = "activate: {card: card.json}", card: object = CARD_FILE) -> Scenario:
    (tmp_path / "card.json").write_text(card if isinstance(card, str) else json.dumps(card), encoding="utf-8")
    (tmp_path / "centre.yaml").write_text(f"{HEAD}    {told}\n", encoding="utf-8")
    return load(tmp_path / "centre.yaml")


def test_a_card_is_read_as_rows_of_the_day_and_cells(tmp_path: Path) -> None:
    pool = scenario(tmp_path, "activate: {card: card.json}\n    release: {falls_to: 0}").contingent["home"]
    (rule,), (release,) = pool.activate, pool.release
    assert (rule.when, rule.reaches, rule.every, pool.check) == ("card", 2.0, None, 60.0)
    table = rule.card
    assert table is not None
    assert table.call == (2, 6)
    assert (table.start.tolist(), table.end.tolist()) == ([32400.0, 34200.0], [34200.0, 36000.0])
    assert table.agents.tolist() == [[7.0, 9.0], [8.0, math.inf]]
    assert table.queue[0].tolist() == [[0.0, 4.0], [3.0, math.inf]]
    assert table.oldest[0].tolist() == [[0.0, 41.5], [30.0, math.inf]]
    assert np.isinf(table.oldest[1]).all()
    assert (release.when, release.falls_to, release.card) == ("card", 0.0, table)


def test_each_number_to_call_is_a_level_on_every_open_day(tmp_path: Path) -> None:
    rules = duty.build(scenario(tmp_path, "activate: {card: card.json}\n    release: {falls_to: 0}")).rules
    assert rules is not None
    assert rules.when.tolist() == [CARD, CARD, CARD]
    assert rules.call_up.tolist() == [2, 6, 0]
    assert rules.limit.tolist() == [1.0, 1.0, 0.0]
    assert rules.first_row.tolist() == [0, 4, 8, 12]
    assert rules.row_start[:4].tolist() == [32400.0, 34200.0, 118800.0, 120600.0]
    assert rules.row_queue[[0, 4, 8], 0].tolist() == [0.0, 4.0, 0.0]


def test_a_card_may_stand_among_other_levels(tmp_path: Path) -> None:
    told = "activate: [{when: queue, reaches: 5, call_up: 1}, {card: card.json, check: 2 min}]\n    release: {when: card, falls_to: 0}"
    pool = scenario(tmp_path, told).contingent["home"]
    assert [rule.when for rule in pool.activate] == ["queue", "card"]
    assert (pool.check, pool.release[0].when) == (120.0, "card")
    assert pool.release[0].card == pool.activate[1].card


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("activate: {when: card}", "`contingent.home.activate.card`: this key is missing"),
        ("activate: {card: card.json, call_up: 3}", "the card says when to call, and how many; leave `call_up` out"),
        ("activate: {card: card.json, every: 10 min}", "leave `every` out"),
        ("activate: {when: queue, reaches: 3, card: card.json}", "`card` belongs to `when: card`, and this rule looks at `queue`"),
        ("activate: {card: card.json}\n    release: {falls_to: 20 s}", "`card` counts people"),
        ("activate: {card: card.json}\n    release: {falls_to: 3}", "the release level 3 is above the trigger 2"),
        ("activate: {when: queue, reaches: 3}\n    release: {when: card, falls_to: 0}", "no level of `activate` goes by a card"),
        ("activate: {card: nowhere.json}", "nowhere.json is not there"),
        ("activate: {card: ../card.json}", "leads out of the scenario's folder"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(tmp_path: Path, told: str, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario(tmp_path, told)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def _cell(row: int, cell: int, **told: object) -> Edit:
    return lambda card: card["rows"][row]["cells"][cell].update(told)


WRONG: list[tuple[Edit, str]] = [
    (lambda card: card.pop("call"), "card.json: there is no `call`"),
    (lambda card: card.update(call=[6, 2]), "card.json, `call`: the numbers of people to call must be 1 or more, and ascend"),
    (lambda card: card.update(call=[0, 2]), "must be 1 or more"),
    (lambda card: card.update(call=[2, 6.5]), "found 6.5, where a whole number of 0 or more belongs"),
    (lambda card: card.update(row_length=0), "found 0; a row is some seconds long"),
    (lambda card: card.update(row_length=True), "found True, where a number belongs"),
    (lambda card: card.update(rows={}), "`rows`: found names and values, where a list belongs"),
    (lambda card: card.update(rows=[]), "a card needs at least one row"),
    (lambda card: card["rows"][1].update(start="09:30"), "row 2, `start`: found '09:30', where date and time belong"),
    (lambda card: card["rows"][1].update(start="2027-04-12T09:10"), "it begins before the row above it"),
    (lambda card: card["rows"][1].update(start="2027-04-14T09:30"), "past the end of the second day"),
    (lambda card: card["rows"][1].update(cells=[]), "row 2 (09:30), `cells`: the list is empty"),
    (_cell(0, 1, agents=7), "row 1 (09:00), cell 2, `agents`: found 7 after 7"),
    (_cell(0, 1, agents=8.5), "found 8.5, where a whole number"),
    (_cell(0, 0, queue=[0]), "row 1 (09:00), cell 1 (7 agents), `queue`: found 1 levels, where `call` has 2"),
    (_cell(0, 0, queue=[4, 0]), "more people would be called at a lower level than fewer"),
    (_cell(0, 0, queue=[None, 4]), "more people would be called at a lower level than fewer"),
    (_cell(0, 0, queue=[4, 5]), "with more agents on duty more people would be called"),
    (_cell(0, 0, oldest=[50.0, 60.0]), "row 1 (09:00), cell 2 (9 agents), `oldest`: a level is below that of the cell before"),
    (_cell(0, 0, queue=[-1, 4]), "found -1, where a whole number of 0 or more belongs"),
    (_cell(0, 0, queue=["two", 4]), "found 'two', where a number belongs"),
    (_cell(0, 0, queue=[10**400, 4]), "where a number belongs"),
    (lambda card: card["rows"][0].update(calls_per_first_call=[1.1]), "two numbers, above 0 and at most 1000"),
    (lambda card: card["rows"][0].update(calls_per_first_call=[1.1, 0]), "row 1, `calls_per_first_call`: found"),
]


@pytest.mark.parametrize(("edit", "says"), WRONG, ids=[says[:50] for _, says in WRONG])
def test_a_card_that_cannot_be_followed_is_refused_with_its_place(tmp_path: Path, edit: Edit, says: str) -> None:
    card = json.loads(json.dumps(CARD_FILE))
    edit(card)
    with pytest.raises(ScenarioError) as caught:
        scenario(tmp_path, card=card)
    assert says in str(caught.value)
    assert "centre.yaml, line 12" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "queue,agents\n1,2\n", "[1, 2]", '{"call": [NaN]}', '{"call": [' + "[" * 100_000, '{"call": ' + "9" * 5000 + "}", "null"]
)
def test_what_is_no_card_gets_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(ScenarioError, match=r"card\.json") as caught:
        scenario(tmp_path, card=text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_without_a_folder_there_is_no_card() -> None:
    with pytest.raises(ScenarioError, match="there is no folder to look in"):
        loads(f"{HEAD}    activate: {{card: card.json}}\n")
