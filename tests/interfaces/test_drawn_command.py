"""`ccsim fit --draws` and `ccsim run --draws`: sets of parameters, a second interval, and files that do not belong together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ccsim as library
from ccsim.inputs import changed


def write_calls(path: Path, days: int) -> None:
    """Made calls on the first days of April: thirty or so an hour, a third of them waiting, some of those hanging up."""
    at = (np.arange(40) + 0.5) / 40
    rows = []
    for day in range(days):
        for number in range(120 + 15 * (day % 3)):
            seconds = 9 * 3600 + (number * 7919 + day * 131) % (4 * 3600)
            spread = at[(number * 17 + day) % 40]
            wait = 0 if number % 3 else round(120 * spread) + 1
            gone = wait > 0 and number % 6 == 0
            rows.append(
                {
                    "arrival": pd.Timestamp("2027-04-05") + pd.Timedelta(days=day, seconds=seconds),
                    "queue": "help desk",
                    "outcome": "abandoned" if gone else "answered",
                    "wait": wait,
                    "talk": None if gone else round(150 * np.exp(1.5 * (spread - 0.5))),
                    "acw": None if gone else 20,
                    "agent": None if gone else f"agent {number % 7}",
                    "caller": f"c{number}-{day}",
                }
            )
    pd.DataFrame(rows).to_csv(path, index=False)


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """A fortnight of them."""
    path = tmp_path / "calls.csv"
    write_calls(path, 14)
    return path


@pytest.fixture
def centre(ccsim: Callable[..., Any], calls: Path, tmp_path: Path) -> Path:
    """The scenario fitted to them, with draws beside it."""
    path = tmp_path / "centre.yaml"
    said = ccsim("fit", calls, "-o", path, "--draws", "6")
    assert said.status == 0, said.err
    return path


def test_draws_stand_beside_the_scenario_and_every_set_of_them_is_one(centre: Path) -> None:
    document = json.loads((centre.parent / "centre.draws.json").read_text(encoding="utf-8"))
    scenario = library.load(centre)
    assert len(document["sets"]) == 6
    assert {"calls.help desk.volume", "calls.help desk.handle_time.talk", "calls.help desk.patience.mean"} <= document["fitted"].keys()
    for one in document["sets"]:
        drawn = changed(scenario, one)
        assert drawn.calls["help desk"].volume.sum() > 0
    volumes = {sum(map(float, one["calls.help desk.volume"])) for one in document["sets"]}
    assert len(volumes) == 6


def test_a_run_with_draws_gives_a_wider_interval_beside_that_of_luck(ccsim: Callable[..., Any], centre: Path) -> None:
    draws = centre.parent / "centre.draws.json"
    said = ccsim("run", centre, "--draws", draws, "--replications", "20", "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    alone = json.loads(ccsim("run", centre, "--replications", "20", "--json").out)
    assert alone["measures"] == found["measures"]
    assert found["with_draws"]["sets"] == 6
    offered = found["with_draws"]["measures"]["offered"]
    fitted = offered["as_fitted"]
    assert fitted == {name: found["measures"]["offered"][name] for name in ("mean", "low", "high")}
    assert offered["high"] - offered["low"] > fitted["high"] - fitted["low"]
    assert 0 < offered["share_of_parameters"] < 1
    shown = ccsim("run", centre, "--draws", draws, "--replications", "20")
    assert "With what the records leave open" in shown.out
    assert "6 sets of parameters" in shown.out


def test_targets_and_people_may_be_changed_after_the_fit(ccsim: Callable[..., Any], centre: Path) -> None:
    text = centre.read_text(encoding="utf-8").replace("wait: 20 s", "wait: 45 s")
    centre.write_text(text, encoding="utf-8")
    said = ccsim("run", centre, "--draws", centre.parent / "centre.draws.json", "--replications", "2", "--json")
    assert said.status == 0, said.err


def test_draws_of_another_scenario_are_refused_with_the_key_that_differs(ccsim: Callable[..., Any], centre: Path, tmp_path: Path) -> None:
    draws, other = centre.parent / "centre.draws.json", tmp_path / "other.yaml"
    lines = centre.read_text(encoding="utf-8").splitlines()
    patience = next(number for number, line in enumerate(lines) if "patience: {" in line)
    other.write_text("\n".join([*lines[:patience], "    patience: {mean: 77 s}", *lines[patience + 1 :]]), encoding="utf-8")
    for name, text in (("other", None), ("renamed", centre.read_text(encoding="utf-8").replace("help desk:", "support:"))):
        path = tmp_path / f"{name}.yaml"
        if text is not None:
            path.write_text(text, encoding="utf-8")
        said = ccsim("run", path, "--draws", draws, "--replications", "2")
        assert said.status == 2
        assert "does not belong to this scenario" in said.err
        assert ("patience" if name == "other" else "help desk") in said.err


@pytest.mark.parametrize(
    "text",
    ["", "no json", "[]", "{}", '{"ccsim_draws": 2}', '{"ccsim_draws": 1}', '{"ccsim_draws": 1, "draws_of": {}, "fitted": {"a": 1},'
     ' "held": [], "sets": [{"a": 1}, {"a": 1}, {"a": 1}, {"a": 1}, {"a": 1}]}', '{"ccsim_draws": 1, "draws_of": {}, "fitted": {"a": "1"},'
     ' "held": [], "sets": [{"a": "1"}]}', '{"ccsim_draws": 1, "draws_of": {}, "fitted": {"a": "1"}, "held": [], "sets": [{"b": "1"}]}'],
)  # fmt: skip
def test_a_file_that_holds_no_draws_is_refused_with_a_sentence(ccsim: Callable[..., Any], tmp_path: Path, text: str) -> None:
    scenario, draws = tmp_path / "plain.yaml", tmp_path / "draws.json"
    scenario.write_text(
        "open: 09:00-10:00\ncalls: {help: {volume: 30}}\nstaff: {desk: {agents: 3, shift: 09:00-10:00}}\n", encoding="utf-8"
    )
    draws.write_text(text, encoding="utf-8")
    said = ccsim("run", scenario, "--draws", draws)
    assert said.status == 2
    assert said.err.startswith("ccsim: ")
    assert said.err.count("\n") == 1


def test_what_draws_cannot_do_is_refused(ccsim: Callable[..., Any], calls: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.yaml"
    for arguments in (
        ("fit", calls, "--draws", "40"),
        ("fit", calls, "-o", out, "--draws", "4"),
        ("fit", calls, "-o", out, "--draws", "1000"),
        ("fit", calls, "-o", out, "--draws-to", tmp_path / "draws.json"),
    ):
        said = ccsim(*arguments)
        assert said.status == 2, arguments
        assert said.err.startswith("ccsim: --draws") or "draws are asked for" in said.err
        assert not out.exists()
