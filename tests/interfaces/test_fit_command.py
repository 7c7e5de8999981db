"""`ccsim fit`: a scenario that loads and runs, what is printed, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ccsim as library


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three weeks of made calls: 40 an hour, a third of them waiting, some of those hanging up; ids, agents, two types."""
    at = (np.arange(40) + 0.5) / 40
    rows = []
    for day in range(21):
        if day % 7 == 6:
            continue
        for number in range(160 + 20 * (day % 3)):
            seconds = 9 * 3600 + (number * 7919 + day * 131) % (4 * 3600)
            spread = at[(number * 17 + day) % 40]
            wait = 0 if number % 3 else round(120 * spread)
            gone = wait > 0 and number % 12 == 0
            rows.append(
                {
                    "arrival": pd.Timestamp("2027-04-05") + pd.Timedelta(days=day, seconds=seconds),
                    "queue": "orders: new" if number % 4 == 0 else "billing",
                    "outcome": "abandoned" if gone else "answered",
                    "wait": wait,
                    "talk": None if gone else round(150 * np.exp(1.5 * (spread - 0.5))),
                    "acw": None if gone else 20,
                    "agent": None if gone else f"agent {number % 7}",
                    "caller": f"c{number}-{day}",
                }
            )
    path = tmp_path / "calls.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.fixture
def attendance(tmp_path: Path) -> Path:
    """The same weeks' shifts; one person in ten away, one in ten late."""
    lines = ["agent,date,shift start,shift end,clock in,clock out"]
    for day in range(19):
        if day % 7 < 6:
            for person in range(10):
                came = "" if (person + day) % 10 == 0 else "08:58" if (person + day) % 10 > 1 else "09:10"
                lines.append(f"p{person},2027-04-{5 + day:02d},09:00,13:00,{came},{'13:00' if came else ''}")
    path = tmp_path / "attendance.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_fitted_scenario_loads_and_runs_with_the_calls_of_the_records(
    ccsim: Callable[..., Any], log: Path, attendance: Path, tmp_path: Path
) -> None:
    made, page = tmp_path / "fitted.yaml", tmp_path / "page.html"
    said = ccsim("fit", log, "--attendance", attendance, "-o", made, "--page", page)
    assert said.status == 0, said.err
    assert "orders: new" in said.out
    assert "plain Poisson" in said.out
    scenario = library.load(made)
    assert str(scenario.date) == "2027-04-26"
    assert scenario.days == 7
    assert scenario.shrinkage["absence"].share == pytest.approx(0.1, abs=0.002)
    assert "late" in scenario.shrinkage
    result = library.run(scenario, replications=20, seed=1)
    offered = float(result.measures.loc["offered", "mean"])
    assert offered * 7 == pytest.approx(sum(160 + 20 * (day % 3) for day in range(21) if day % 7 != 6) / 3, rel=0.05)
    text = page.read_text(encoding="utf-8")
    assert text.count("<svg") == 2
    assert "http" not in text.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    ).replace("https://matplotlib.org", "")


def test_json_gives_every_estimate_with_its_interval(ccsim: Callable[..., Any], log: Path) -> None:
    said = ccsim("fit", log, "--json")
    found = json.loads(said.out)
    billing = found["call_types"]["billing"]
    for key in ("volume", "handle_time", "patience"):
        assert billing[key] is not None
    assert billing["handle_time"]["talk"]["low"] < billing["handle_time"]["talk"]["value"] < billing["handle_time"]["talk"]["high"]
    assert billing["handle_time"]["wrap"]["value"] == 20
    assert billing["redials"] is None
    assert found["agents_on_duty"]["inferred_from_service_records"] is True
    assert found["open"].keys() == {"mon", "tue", "wed", "thu", "fri", "sat"}
    assert found["quality"]["rows_left_out"] == 0


def test_counts_make_a_scenario_that_says_what_they_do_not_hold(ccsim: Callable[..., Any], tmp_path: Path) -> None:
    rows = [
        f"2027-04-{5 + day:02d} {8 + slot // 2:02d}:{30 * (slot % 2):02d};{40 + 5 * slot + 3 * (day % 4)};{2 + day % 2};0:05:00;30"
        for day in range(21)
        for slot in range(8)
    ]
    path, made = tmp_path / "counts.csv", tmp_path / "fitted.yaml"
    path.write_text("Interval;NCO;Aban Calls;AHT;Avg Wait\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert ccsim("fit", path, "-o", made).status == 0
    text = made.read_text(encoding="utf-8")
    assert "mean: 300.0 s, cv: 1.1}   # the cv is not in the records" in text
    assert "abandoned: " in text
    call = library.load(made).calls["calls"]
    assert call.patience is not None


def test_a_fault_is_one_sentence_and_status_2(ccsim: Callable[..., Any], log: Path, tmp_path: Path) -> None:
    for arguments in (
        (tmp_path / "none.csv",),
        (log, "--columns", "arrival"),
        (log, "--columns", "arrival=nothing"),
        (log, "--outcomes", "answered=maybe"),
        (log, "--counted-at", "end"),
        (log, "--activities", log),
        (log, "--announcement", "15"),
        (log, "--sheet", "one"),
        (log, "--leave-out", "colour=red"),
    ):
        said = ccsim("fit", *arguments)
        assert said.status == 2, arguments
        assert said.err.startswith("ccsim: ")
        assert said.err.count("\n") == 1


HEADING = "arrival,type,outcome,wait,handle time,agent,caller\n"
POOR = {
    "one call": "{moment},a,answered,5,100,x,1\n",
    "one hang-up": "{moment},a,abandoned,5,,,1\n",
    "all wait the same": "{moment},a,abandoned,10,,,{number}\n",
    "all hang up at once": "{moment},a,abandoned,0,,,{number}\n",
    "all handled the same": "{moment},a,answered,0,100,x{few},{number}\n",
    "each agent the same": "{moment},a,answered,0,10{few},x{few},{number}\n",
    "all blocked": "{moment},a,busy,,,,{number}\n",
    "one caller": "{moment},a,abandoned,{few},,,7\n",
    "names that YAML could misread": '{moment},"no: [{few} # \\",answered,1,60,x,{number}\n',
}


@pytest.mark.parametrize("name", POOR)
def test_poor_records_make_a_scenario_that_loads_all_the_same(ccsim: Callable[..., Any], tmp_path: Path, name: str) -> None:
    path, made = tmp_path / "calls.csv", tmp_path / "fitted.yaml"
    rows = [
        POOR[name].format(moment=f"2027-04-{1 + n % 20:02d} {9 + n % 8:02d}:{n % 60:02d}:00", number=n, few=n % 5)
        for n in range(1 if name.startswith("one ") and name != "one caller" else 120)
    ]
    path.write_text(HEADING + "".join(rows), encoding="utf-8")
    said = ccsim("fit", path, "-o", made, "--page", tmp_path / "page.html", "--json")
    assert said.status == 0, said.err
    assert "NaN" not in said.out
    assert library.load(made).calls


@pytest.mark.parametrize(
    "text",
    [
        "start,offered\n2027-04-01 09:00,0\n2027-04-01 09:30,0\n",
        "start,offered\n2027-04-01 09:00,-5\n",
        HEADING + "1970-01-01 00:00:00,a,answered,1,1,x,1\n2027-01-01 00:00:00,a,answered,1,1,x,1\n",
        "arrival,arrival,wait\n1,2,3\n",
        "arrival\n2027-04-01 09:00\n",
    ],
)
def test_records_that_cannot_be_fitted_are_refused_with_a_sentence(ccsim: Callable[..., Any], tmp_path: Path, text: str) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(text, encoding="utf-8")
    said = ccsim("fit", path)
    assert said.status == 2
    assert said.err.startswith("ccsim: ")
