"""`ccsim explain` as a user calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Said


@pytest.fixture(autouse=True)
def no_history_of_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are kept in the test's own folder."""
    monkeypatch.setenv("CCSIM_HISTORY", str(tmp_path / "history.db"))


def test_it_leads_from_erlang_c_to_the_simulated_answer(ccsim: Callable[..., Said], twenty: Path) -> None:
    said = ccsim("explain", twenty, "--replications", 32)
    assert said.status == 0
    assert "Twenty [red]people[/red]" in said.out
    for words in ("Erlang C for the day's mean", "Callers hang up", "Absence as luck", "Contingents", "As the file says, simulated"):
        assert words in said.out


def test_json_is_one_object_on_standard_output(ccsim: Callable[..., Said], twenty: Path) -> None:
    said = ccsim("explain", twenty, "--replications", 32, "--json")
    document = json.loads(said.out)
    assert document["explains"] == "erlang"
    assert [step["step"] for step in document["steps"]] == ["hang_ups", "carry_over", "absence", "contingents"]
    assert all(step["says"] for step in document["steps"])


def test_a_second_scenario_is_led_to(ccsim: Callable[..., Said], twenty: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(
        twenty.read_text(encoding="utf-8").replace("volume: 400", "volume: 440").replace("agents: 20", "agents: 21"), encoding="utf-8"
    )
    said = ccsim("explain", twenty, other, "--replications", 32, "--json")
    document = json.loads(said.out)
    assert [step["changed"] for step in document["steps"]] == [["volume"], ["staffing"]]
    averaged = json.loads(ccsim("explain", twenty, other, "--replications", 32, "--json", "--average-orders").out)
    assert averaged["averaged_over_orders"]
    assert averaged["total"] == document["total"]


def test_a_table_of_what_happened_is_led_to(ccsim: Callable[..., Said], twenty: Path, tmp_path: Path) -> None:
    actual = tmp_path / "monday.csv"
    rows = [f"{start},{calls},185,{agents},90 %" for start, calls, agents in (("08:00", 90, 14), ("08:30", 110, 13), ("09:00", 120, 14))]
    actual.write_text("\n".join(["Interval,Calls offered,AHT,Agents,SL", *rows, "09:30,100,180,14,80 %"]) + "\n", encoding="utf-8")
    said = ccsim("explain", twenty, actual, "--replications", 48)
    assert said.status == 0
    assert "As planned" in said.out
    assert "420 calls came in a day" in said.out
    assert "simulated days like this one lie between" in said.out


def test_the_waterfall_is_drawn(ccsim: Callable[..., Said], twenty: Path, tmp_path: Path) -> None:
    picture = tmp_path / "steps.png"
    said = ccsim("explain", twenty, "--replications", 8, "--chart", picture)
    assert said.status == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (("--average-orders",), "about the steps between two scenarios"),
        (("--measure", "mean_weight"), "did you mean mean_wait"),
        (("--replications", "0"), "1 or more"),
        (("nowhere.csv",), "nowhere.csv"),
        (("nowhere.yaml",), "nowhere.yaml"),
        (("--chart", "."), "is a folder"),
    ],
)
def test_faults_are_told_in_a_sentence(ccsim: Callable[..., Said], twenty: Path, arguments: tuple[str, ...], sentence: str) -> None:
    said = ccsim("explain", twenty, *arguments)
    assert said.status == 2
    assert sentence in said.err
    assert "Traceback" not in said.err


def test_it_stands_in_the_help(ccsim: Callable[..., Said]) -> None:
    assert "explain" in ccsim("--help").out
    assert "what happened by interval" in " ".join(ccsim("explain", "--help").out.split())
