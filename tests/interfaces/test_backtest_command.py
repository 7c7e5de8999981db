"""`ccsim backtest`: what is printed, drawn and refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ccsim.reporting.backtest import _beside

MEASURES = (
    "offered",
    "abandoned_fraction",
    "mean_wait",
    "average_speed_of_answer",
    "service_level_offered",
    "service_level_answered",
    "service_level_excluding_short_abandons",
    "service_level_counting_short_abandons",
)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Five days of a desk of three, first come first served, each caller's patience and handle time from a table of 97; three and two."""
    rows = []
    for day in range(5):
        free = np.full(3, 9 * 3600.0)
        for number in range(220):
            at = 9 * 3600.0 + number * 50.0 + (number * 37 + day * 11) % 40
            share = ((number * 61 + day * 17) % 97 + 0.5) / 97
            patience = -240.0 * np.log(((number * 29 + day * 5) % 97 + 0.5) / 97)
            who = int(free.argmin())
            wait = max(free[who] - at, 0.0)
            gone = wait > patience
            handle = round(-170.0 * np.log(share), 1)
            if not gone:
                free[who] = at + wait + handle
            rows.append(
                {
                    "arrival": pd.Timestamp("2027-04-05") + pd.Timedelta(days=day, seconds=at),
                    "outcome": "abandoned" if gone else "answered",
                    "wait": round(min(wait, patience), 1),
                    "handle time": None if gone else handle,
                    "agent": None if gone else f"agent {who}",
                }
            )
    log = pd.DataFrame(rows)
    folder = tmp_path_factory.mktemp("logs")
    first = log["arrival"] < pd.Timestamp("2027-04-08")
    for name, part in (("train", log[first]), ("test", log[~first])):
        part.to_csv(folder / f"{name}.csv", index=False)
    return folder / "train.csv", folder / "test.csv"


def test_the_object_holds_predicted_and_actual_overall_and_by_interval(ccsim: Callable[..., Any], logs: tuple[Path, Path]) -> None:
    said = ccsim("backtest", "--train", logs[0], "--test", logs[1], "--replications", 40, "--no-causes", "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    for name in ("predicted", "actual", "erlang_c", "erlang_a", "naive"):
        assert set(MEASURES) <= set(found[name])
        assert all(name in row for row in found["intervals"])
    assert found["actual"]["offered"] == found["predicted"]["offered"] == 440
    assert 0.0 <= found["bands"] <= 1.0
    assert found["predicted"]["low"]["mean_wait"] <= found["predicted"]["mean_wait"] <= found["predicted"]["high"]["mean_wait"]
    row = found["intervals"][2]
    assert row["start"] == "2027-04-08T10:00"
    assert row["predicted"]["low"] <= row["predicted"]["high"]
    assert sum(row["actual"]["offered"] for row in found["intervals"]) == 440
    test = pd.read_csv(logs[1])
    assert found["actual"]["mean_wait"] == pytest.approx(test["wait"].mean())
    assert found["actual"]["abandoned_fraction"] == pytest.approx((test["outcome"] == "abandoned").mean())


def test_the_tables_name_every_model_and_the_chart_is_drawn(ccsim: Callable[..., Any], logs: tuple[Path, Path], tmp_path: Path) -> None:
    chart = tmp_path / "chart.svg"
    said = ccsim("backtest", "--train", logs[0], "--test", logs[1], "--replications", 40, "--chart", chart)
    assert said.status == 0, said.err
    for words in ("what came", "predicted", "naive pooled queue", "Erlang A", "Erlang C", "What is left unexplained", "by luck"):
        assert words in said.out
    assert "nan" not in said.out
    assert said.out.index("In short") < said.out.index("All calls")
    assert re.search(r"95 %: \d+\.\d to \d+\.\d\)", said.out)  # bands below 100 s have a decimal, as the means beside them
    assert "<svg" in chart.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "change, sentence",
    [
        (("--threshold", "-1 s"), "negative"),
        (("--interval", "7 min"), "does not part a day evenly"),
        (("--replications", "8"), "hold 78 % of further ones; ask for 40"),
        (("--replications", "-1"), "ask for 40"),
        (("--seed", "-2"), "--seed is -2"),
        (("--workers", "0"), "--workers is 0"),
        (("--activities", "codes.csv"), "name a roster"),
        (("--holidays", "none"), "give --given forecast"),
        (("--given", "forecast"), "the record has calls on mon, tue, wed"),
        (("--given", "forecast", "--holidays", "gone.csv"), "no file of that name"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    ccsim: Callable[..., Any], logs: tuple[Path, Path], change: tuple[str, str], sentence: str
) -> None:
    said = ccsim("backtest", "--train", logs[0], "--test", logs[1], *change)
    assert said.status == 2
    assert sentence in said.err
    assert "Traceback" not in said.err


def test_a_training_log_without_hang_ups_is_told_and_all_wait_until_the_staff_has_gone(
    ccsim: Callable[..., Any], logs: tuple[Path, Path], tmp_path: Path
) -> None:
    """Nobody can wait longer than the four hours that people are there, whatever is not known of patience."""
    train, few = tmp_path / "answered.csv", tmp_path / "few.csv"
    log = pd.read_csv(logs[0])
    log[log["outcome"] == "answered"].to_csv(train, index=False)
    pd.read_csv(logs[1]).head(20).to_csv(few, index=False)
    said = ccsim("backtest", "--train", train, "--test", few, "--replications", 40, "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    for model in (found["predicted"], found["naive"], *found["unexplained"].values()):
        assert 0.0 <= model["mean_wait"] < 4 * 3600.0
    assert found["erlang_a"] == found["erlang_c"]
    assert found["learned"]["hung_up"] == 0
    assert "patience could not be learned" in found["warnings"][0]
    assert "20 calls and 1 interval " in found["warnings"][2]
    said = ccsim("backtest", "--train", train, "--test", few, "--replications", 40, "--no-causes")
    assert said.out.index("Not to be trusted") < said.out.index("In short") < said.out.index("All calls")
    assert "100.0 %" not in said.out.split("Mean error of an interval")[0].split("In short")[1].split("All calls")[0]
    assert "1 of 1" in said.out


def test_an_error_beside_another_is_told_in_percent_or_as_so_many_times() -> None:
    assert _beside(34.0, 45.3) == "25 % closer than that of a"
    assert _beside(1.5, 1.0) == "50 % further off than that of a"
    assert _beside(3145.2, 1.0) == "3,145 times as far as that of a"
    assert _beside(3.0, 0.0) == "much further than that of a"
    assert _beside(0.0, 0.0) == "as is that of a"


def test_the_same_days_twice_are_refused(ccsim: Callable[..., Any], logs: tuple[Path, Path]) -> None:
    said = ccsim("backtest", "--train", logs[0], "--test", logs[0])
    assert said.status == 2
    assert "proves nothing" in said.err


def test_counts_by_interval_are_refused(ccsim: Callable[..., Any], logs: tuple[Path, Path], tmp_path: Path) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text("start,offered,aht\n2027-04-08 09:00,20,180\n2027-04-08 09:30,22,180\n", encoding="utf-8")
    said = ccsim("backtest", "--train", logs[0], "--test", counts)
    assert said.status == 2
    assert "a row a call" in said.err


def test_calls_may_be_foretold_in_place_of_given(ccsim: Callable[..., Any], logs: tuple[Path, Path], tmp_path: Path) -> None:
    """Three days to learn from: those of the week after are forecast from them, and said to be mostly guessed."""
    train, test = pd.read_csv(logs[0]), pd.read_csv(logs[0])
    test["arrival"] = (pd.to_datetime(test["arrival"]) + pd.Timedelta(days=7)).astype(str)
    later = tmp_path / "later.csv"
    test.to_csv(later, index=False)
    asked = ("backtest", "--train", logs[0], "--test", later, "--given", "forecast", "--replications", 40)
    said = ccsim(*asked, "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    assert found["given"] == "forecast"
    assert found["volume"]["training_days"] == 3
    assert found["volume"]["foretold"] == pytest.approx(len(train), rel=0.03)
    assert found["volume"]["came"] == len(train)
    assert len(found["volume"]["intervals"]) == len(found["intervals"])
    assert found["predicted"]["low"]["offered"] < len(train) < found["predicted"]["high"]["offered"]
    assert [one["cause"] for one in found["split"]] == ["volume", "handle_times", "patience", "rest"]
    assert any("asks for 21, with each weekday seen" in sentence for sentence in found["warnings"])
    said = ccsim(*asked)
    for words in (
        "from a forecast of its calls",
        "The calls, as foretold",
        "recorded calls put in",
        "Split by cause",
        "the calls that came",
    ):
        assert words in said.out
    assert "nan" not in said.out


def test_a_roster_says_who_is_there(ccsim: Callable[..., Any], logs: tuple[Path, Path], tmp_path: Path) -> None:
    """With six people in place of the three who were there, hardly anybody waits; a roster of other days is refused."""
    roster = tmp_path / "roster.csv"
    lines = [f"agent {k},2027-04-{day:02d} 09:00,2027-04-{day:02d} 13:00" for day in (8, 9) for k in range(6)]
    roster.write_text("\n".join(["agent,start,end", *lines]) + "\n", encoding="utf-8")
    said = ccsim("backtest", "--train", logs[0], "--test", logs[1], "--staff", roster, "--replications", 40, "--no-causes", "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    assert found["test"]["staff_inferred"] is False
    assert found["predicted"]["mean_wait"] < 0.5 * found["actual"]["mean_wait"]
    roster.write_text(roster.read_text(encoding="utf-8").replace("2027-04", "2027-05"), encoding="utf-8")
    said = ccsim("backtest", "--train", logs[0], "--test", logs[1], "--staff", roster)
    assert said.status == 2
    assert "nobody on duty" in said.err


def test_a_log_without_agents_needs_a_roster(ccsim: Callable[..., Any], logs: tuple[Path, Path], tmp_path: Path) -> None:
    for path in logs:
        pd.read_csv(path).drop(columns="agent").to_csv(tmp_path / path.name, index=False)
    said = ccsim("backtest", "--train", tmp_path / "train.csv", "--test", tmp_path / "test.csv")
    assert said.status == 2
    assert "name a roster" in said.err
    roster = tmp_path / "roster.csv"
    lines = [f"agent {k},2027-04-{day:02d} 09:00,2027-04-{day:02d} 13:00" for day in (8, 9) for k in range(3)]
    roster.write_text("\n".join(["agent,start,end", *lines]) + "\n", encoding="utf-8")
    said = ccsim(
        "backtest", "--train", tmp_path / "train.csv", "--test", tmp_path / "test.csv", "--staff", roster, "--replications", 40,
        "--no-causes", "--json",
    )  # fmt: skip
    assert said.status == 0, said.err
    found = json.loads(said.out)
    assert found["predicted"]["low"]["mean_wait"] * 0.8 < found["actual"]["mean_wait"] < found["predicted"]["high"]["mean_wait"] * 1.2
