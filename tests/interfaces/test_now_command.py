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


def test_agents_of_some_groups_alone_are_not_said_to_be_all(ccsim: Callable[..., Any], twenty: Path) -> None:
    text = twenty.read_text(encoding="utf-8")
    twenty.write_text(text.replace("staff:\n", "staff:\n  others: {agents: 2, shift: 08:00-18:00}\n", 1), encoding="utf-8")
    group = next(line.split(":")[0].strip() for line in text.split("staff:\n")[1].splitlines())
    said = ccsim("now", twenty, *STATE[:7], f"{group}=11", *STATE[8:])
    assert said.status == 0
    assert "11 agents on duty, besides those of others, as the roster has them" in " ".join(said.out.split())


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
        (("--calls-so-far", "999999"), "where about 133 are expected"),
        (("--agents", "6000"), "6,000 are on duty, and the scenario has 20 in `staff` and 4 in the pools"),
        (("--free", "2"), "who would take them at once"),
        (("--on", "9"), "it has 4 people"),
        (("--by", "cost"), "needs `cost.abandoned_call`"),
        (("--calls-so-far", "support=4"), "5 callers wait, and 4 calls have come so far"),
        (("--waiting", "support=5", "--calls-so-far", "support=4"), "more cannot wait than have called"),
        (("--on", "home=5"), "it has 4 people"),
        (("--on", "hone=1"), "did you mean 'home'?"),
        (("--agents", "-3"), "--agents: found '-3'"),
        (("--agents", "nights=3"), "there is no group 'nights'"),
        (("--waiting", "0"), "nobody waits, and the oldest of them"),
        (("--waiting", "100000"), "from 0 to 10,000"),
        (("--asked", "-1"), "asked is -1"),
        (("--free", "-1"), "give a number from 0 to 13"),
        (("--at", "10:00"), "the centre is closed"),
        (("--span", "1 min"), "look from 15 min to 4 h ahead"),
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


BAD_POOLS = [
    ("agents: 4", "agents: 0", "the pool is nobody"),
    ("notice: 10 min", "notice: 30 h", "nobody is ever on in time"),
    ("notice: 10 min", "notice: {mean: 30 h, cv: 0.1}", "ever on in time"),
    ("accept: 75 %", "accept: 0 %", "nobody ever says yes"),
    ("accept: 75 %", "accept: [0 %, 0 %]", "nobody ever says yes"),
    ("accept: 75 %", "accept: 75 %\n    log_in_fails: 100 %", "nobody who says yes is ever there"),
]


@pytest.mark.parametrize("good, bad, words", BAD_POOLS)
@pytest.mark.parametrize("command", ["now", "card", "run"])
def test_a_pool_that_can_never_help_is_refused_where_it_is_to_be_called_and_a_run_warns(
    ccsim: Callable[..., Any], twenty: Path, command: str, good: str, bad: str, words: str
) -> None:
    text = twenty.read_text(encoding="utf-8")
    assert good in text
    twenty.write_text(text.replace(good, bad), encoding="utf-8")
    said = ccsim(command, twenty, *{"now": STATE, "card": (), "run": ("--replications", "2")}[command])
    assert said.status == (0 if command == "run" else 2)
    assert words in (said.out if command == "run" else said.err)
    assert "Traceback" not in said.err


@pytest.mark.parametrize("command", ["now", "card", "run"])
def test_a_release_level_above_the_trigger_is_refused_everywhere(ccsim: Callable[..., Any], twenty: Path, command: str) -> None:
    twenty.write_text(twenty.read_text(encoding="utf-8").replace("falls_to: 10 s", "falls_to: 90 s"), encoding="utf-8")
    said = ccsim(command, twenty, *(STATE if command == "now" else ()))
    assert said.status == 2
    assert "the release level 1 min 30 s is above the trigger 1 min" in said.err


def test_a_notice_that_is_mostly_too_long_is_said(ccsim: Callable[..., Any], twenty: Path) -> None:
    twenty.write_text(twenty.read_text(encoding="utf-8").replace("notice: 10 min", "notice: {mean: 5 h, cv: 1}"), encoding="utf-8")
    said = ccsim("now", twenty, *STATE)
    assert said.status == 0
    assert "few are ever on in time" in " ".join(said.out.split())


def test_more_agents_than_rostered_are_played_and_said(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("now", twenty, *STATE, "--agents", "23")
    assert said.status == 0
    before, _, _ = said.out.partition("If so many are called now")
    assert "3 more agents are on duty than the roster has" in " ".join(before.split())


def test_nobody_on_duty_and_the_last_minute_of_the_day_are_played(ccsim: Callable[..., Any], twenty: Path) -> None:
    for changed in (("--agents", "0"), ("--at", "09:59"), ("--at", "08:01", "--calls-so-far", "9")):
        said = ccsim("now", twenty, *STATE, *changed, "--json")
        assert said.status == 0, said.err
        found = json.loads(said.out)
        assert all(0.0 <= line["chance_later"] <= 1.0 and line["mean_wait"] >= 0.0 for line in found["numbers"])


def test_a_card_is_printed_and_written_as_one_page(ccsim: Callable[..., Any], twenty: Path, tmp_path: Path) -> None:
    page = tmp_path / "card.html"
    said = ccsim("card", twenty, "-o", page)
    assert said.status == 0
    assert "When to call contingents: home" in said.out
    assert "For example, from " in " ".join(said.out.split())
    assert "08:30" in said.out
    text = page.read_text(encoding="utf-8")
    assert "When to call contingents: home" in text
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
