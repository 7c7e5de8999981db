"""`ccsim contingent`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccsim.contingent.policies import table
from ccsim.inputs import load

FEW = ("--replications", "20", "--workers", "1")


def test_the_answer_is_a_rule_a_table_a_picture_and_a_scenario_that_runs(
    ccsim: Callable[..., Any], twenty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # among the ends and a quarter of the other rules: that all are looked at, another test sees
    monkeypatch.setattr("ccsim.contingent.frontier.table", lambda *told: [*table(*told)[:4], *table(*told)[4::4]])
    picture, written = tmp_path / "frontier.png", tmp_path / "better.yaml"
    said = ccsim("contingent", twenty, *FEW, "--chart", picture, "-o", written)
    assert said.status == 0
    assert "Twenty [red]people[/red]" in said.out
    for words in ("full-time agents", "Who knew each day beforehand", "no pool", "own rule ●", "◀", "beaten for certain", "no `pay`"):
        assert words in " ".join(said.out.split())
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert written.read_text(encoding="utf-8").startswith("\ntitle: Twenty")
    assert load(written).staff == load(twenty).staff
    assert ccsim("run", written, "--replications", "2", "--no-history").status == 0


def test_as_json_it_is_one_object_with_every_rule(ccsim: Callable[..., Any], twenty: Path) -> None:
    text = twenty.read_text(encoding="utf-8").replace("    block: 1 h\n", "    block: 1 h\n    pay: {hour: 20, activation: 5}\n")
    ready = "    ready: {by: 2027-04-12, start: 2027-03-01, recruits: 5, training: 3 weeks, completes: 80 %}\n"
    twenty.write_text(text.replace("    pay:", ready + "    pay:"), encoding="utf-8")
    said = ccsim("contingent", twenty, *FEW, "--json", "--miss", "30 %")
    found = json.loads(said.out)
    assert said.status == 0
    assert found["rules"] == len(found["frontier"]) + len(found["dropped"]) >= 60
    assert found["recommended"]["why"] in ("target", "nobody", "nearest", "knee", "straight", "nothing helps")
    assert sum(entry["own"] for entry in found["frontier"]) == 1
    assert found["ready"]["needed"] == found["recommended"]["agents"]
    lines = found["clairvoyant"]["lines"]
    for entry in found["frontier"]:
        share, cost = entry["over_threshold"]["mean"], entry["contingent_cost"]["mean"]
        assert all(share >= line["level"] - line["slope"] * cost - 1e-12 for line in lines)
        assert entry["over_threshold"]["low"] <= share <= entry["over_threshold"]["high"]


@pytest.mark.parametrize(
    "old, new, words",
    [
        ("    agents: 4", "    agents: 0", "the pool is nobody"),
        ("accept: 75 %", "accept: 0", "nobody ever says yes"),
        ("notice: 10 min", "notice: 5 h", "longer than the 2 h in which the pool is available"),
        ("falls_to: 10 s", "falls_to: 90 s", "the release level 90 s is above the trigger 60 s"),
        ("contingent:\n", "x-contingent:\n", "no contingent pool"),
        ("takes: [support]", "takes: [suport]", "did you mean 'support'"),
    ],
)
def test_a_pool_that_cannot_be_called_is_refused_in_a_sentence(
    ccsim: Callable[..., Any], twenty: Path, old: str, new: str, words: str
) -> None:
    text = twenty.read_text(encoding="utf-8")
    assert old in text
    twenty.write_text(text.replace(old, new), encoding="utf-8")
    said = ccsim("contingent", twenty, *FEW)
    assert (said.status, said.out) == (2, "")
    assert words in said.err.replace("1 min 30 s", "90 s").replace("1 min", "60 s")
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    "option, value, words",
    [
        ("--miss", "often", "--miss: "),
        ("--miss", "0", "between 0 and 1"),
        ("--replications", "5", "replications is 5"),
        ("--pool", "hme", "did you mean 'home'"),
        ("--seed", "-1", "seed is -1"),
        ("-o", "/nowhere/at/all/x.yaml", "nothing can be written"),
    ],
)
def test_options_that_make_no_sense_are_refused_in_a_sentence(
    ccsim: Callable[..., Any], twenty: Path, option: str, value: str, words: str
) -> None:
    if option == "-o":
        value = str(twenty / "x.yaml")  # below a file, where nothing can be
        words = ""
    said = ccsim("contingent", twenty, *FEW, option, value)
    assert said.status == 2
    assert words in said.err
    assert said.out == ""
