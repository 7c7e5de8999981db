"""`ccsim now` and `ccsim card`: what they print and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

STATE = ("--at", "08:40", "--waiting", "5", "--oldest", "40 s", "--agents", "13", "--futures", "20", "--workers", "1")


def test_now_says_how_many_to_call_and_what_that_means(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("now", twenty, *STATE)
    assert said.status == 0
    assert "Twenty [red]people[/red]" in said.out
    assert "5 waiting, the oldest for 40 s, 13 agents on duty" in said.out
    assert "Holds exceed the target if in some quarter hour" in said.out
    assert "Mean wait of the calls that come in each quarter hour" in said.out


def test_now_as_json_is_one_object_with_every_number_called(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("now", twenty, *STATE, "--json")
    found = json.loads(said.out)
    assert said.status == 0
    assert [entry["called"] for entry in found["numbers"]] == [0, 1, 2, 3, 4]
    assert found["state"] == {
        "at": "08:40", "waiting": 5, "oldest": 40.0, "agents": 13, "on": {"home": 0}, "free": None, "calls_so_far": None, "pool": "home",
    }  # fmt: skip
    assert len(found["quarter_hours"]) == len(found["numbers"][0]["mean_wait_by_quarter_hour"])
    assert all(0.0 <= entry[name] <= 1.0 for entry in found["numbers"] for name in ("chance_later", "over_threshold"))


@pytest.mark.parametrize(
    "changed, words",
    [
        (("--at", "06:00"), "the centre is closed"),
        (("--at", "half past"), "--at: "),
        (("--waiting", "many"), "--waiting: found 'many'"),
        (("--waiting", "suport=5"), "did you mean 'support'?"),
        (("--waiting", "support=5,support=6"), "is given twice"),
        (("--oldest", "40"), "--oldest: "),
        (("--oldest", "2 h"), "nobody can have waited longer than that"),
        (("--calls-so-far", "3"), "more cannot wait than have called"),
        (("--free", "2"), "who would take them at once"),
        (("--on", "9"), "it has 4 people"),
        (("--by", "cost"), "needs `cost.abandoned_call`"),
        (("--level", "0 %"), "give a chance between 0 and 1"),
    ],
)
def test_a_state_that_cannot_be_is_one_sentence_and_exit_status_2(
    ccsim: Callable[..., Any], twenty: Path, changed: tuple[str, str], words: str
) -> None:
    said = ccsim("now", twenty, *STATE, *changed)
    assert said.status == 2
    assert words in said.err
    assert "Traceback" not in said.err


def test_a_card_is_printed_and_written_as_one_page(ccsim: Callable[..., Any], twenty: Path, tmp_path: Path) -> None:
    page = tmp_path / "card.html"
    said = ccsim("card", twenty, "-o", page)
    assert said.status == 0
    assert "When to call home" in said.out
    assert "08:30" in said.out
    text = page.read_text(encoding="utf-8")
    assert "When to call home" in text
    assert text.startswith("<!doctype html>")


def test_a_card_as_json_has_a_cell_for_each_number_of_agents(ccsim: Callable[..., Any], twenty: Path) -> None:
    found = json.loads(ccsim("card", twenty, "--json").out)
    assert found["call"] == [2, 3, 4]
    assert [row["start"] for row in found["rows"]] == ["2027-04-12T08:00", "2027-04-12T08:30", "2027-04-12T09:00", "2027-04-12T09:30"]
    assert all(len(cell["queue"]) == len(cell["oldest"]) == 3 for row in found["rows"] for cell in row["cells"])


def test_a_card_of_nobody_is_refused(ccsim: Callable[..., Any], twenty: Path) -> None:
    twenty.write_text(twenty.read_text(encoding="utf-8").replace("agents: 4", "agents: 0"), encoding="utf-8")
    said = ccsim("card", twenty)
    assert said.status == 2
    assert "there is nobody to call" in said.err
