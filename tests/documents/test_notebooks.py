"""The lessons in `notebooks/` run from top to bottom, say the numbers they promise, and are kept without outputs."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binom

from tests.house.sources import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def executed(path: Path) -> Any:
    """The notebook after all its cells, run in its own folder by the Python that runs the tests."""
    with warnings.catch_warnings():
        # what the notebook libraries themselves warn of is no business of a lesson
        warnings.simplefilter("ignore")
        import nbformat
        from nbclient import NotebookClient

        if sys.platform == "win32":
            asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())  # type: ignore[attr-defined]
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    return notebook


def printed(notebook: Any) -> str:
    """All that the cells printed or ended in."""
    said = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            said.append(output.get("text", "") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(said)


LESSONS = [
    "01-erlang-and-its-lies",
    "02-absence-is-luck",
    "03-sizing-a-centre",
    "04-when-to-call-the-contingents",
    "05-sizing-the-pool",
    "06-living-by-the-card",
    "07-from-your-records",
]


def number(pattern: str, said: str) -> float:
    """The number that a pattern finds in what a lesson printed."""
    found = re.search(pattern, said)
    assert found, pattern
    return float(found[1])


def test_the_lessons_are_there() -> None:
    assert [path.stem for path in NOTEBOOKS] == LESSONS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]


def lesson(stem: str) -> str:
    """What a lesson says, run from top to bottom."""
    said = printed(executed(ROOT / "notebooks" / f"{stem}.ipynb"))
    assert said
    return said


def test_erlang_and_its_lies() -> None:
    said = lesson("01-erlang-and-its-lies")
    assert "14 agents: 88.8 % within 20 s" in said
    assert number(r"simulated: ([\d.]+) %", said) == pytest.approx(88.8, abs=0.8)
    assert "10 agents: Erlang C  0.0 %, Erlang A 64.0 %" in said


def test_absence_is_luck() -> None:
    said = lesson("02-absence-is-luck")
    for line in ("14 present:  88.8 %", "to roster, by the book: 20", "<- 19 days in 20"):
        assert line in said
    # What the formula's mixture, the simulation and the law of who is there come to; the last by scipy's binomial law
    assert number(r"20 rostered, 30 % by luck: +([\d.]+)", said) == 80.0
    assert number(r"([\d.]+) ?% answered within 20 s", said) == pytest.approx(80.4, abs=2.5)
    assert [int(n) for n in re.findall(r"(\d+) rostered: .*<- 19 days in 20", said)] == [
        next(n for n in range(14, 40) if binom.sf(13, n, 0.7) >= 0.95)
    ]


def test_sizing_a_centre() -> None:
    said = lesson("03-sizing-a-centre")
    assert "four separate: 20 agents; together: 14" in said


def test_when_to_call_the_contingents() -> None:
    said = lesson("04-when-to-call-the-contingents")
    rules = ("never", "wait 90 s, home at 20 s", "wait 90 s, stay", "wait 45 s, stay", "always")
    over = [number(rf"(?m)^{name} +([\d.]+) % of callers over 90 s", said) for name in rules]
    assert over == sorted(over, reverse=True)
    assert over[0] > over[-1]


def test_sizing_the_pool() -> None:
    said = lesson("05-sizing-the-pool")
    shares = [float(share) for share in re.findall(r"on the day shift, no pool: ([\d.]+) % over 90 s", said)]
    assert shares == sorted(shares, reverse=True)
    assert number(r"twelve at home: +([\d.]+) % over 90 s", said) < shares[0]
    recruits = next(n for n in range(12, 40) if binom.sf(11, n, 0.75) >= 0.95)
    assert f"{recruits} recruited: twelve or more ready with a chance of 9" in said


def test_living_by_the_card() -> None:
    said = lesson("06-living-by-the-card")
    called = [[int(n) for n in row.split()] for row in re.findall(r"(?m)^ *\d+ on +([\d ]+)$", said)]
    assert len(called) > 3
    assert all(row == sorted(row) for row in called)  # more waiting never means calling fewer
    assert all(above >= below for some, fewer in pairwise(called) for above, below in zip(some, fewer, strict=True))
    never, card = (number(rf"(?m)^{name} +([\d.]+) % of callers over 90 s", said) for name in ("nobody called", "the card"))
    assert card < never


def test_from_your_records() -> None:
    said = lesson("07-from-your-records")
    low, high = (number(rf"patience, estimated: .*\({which}", said) for which in (r"(\d+)", r"\d+ to (\d+)"))
    assert low <= 150 <= high
    assert number(r"mean wait of those who hung up: (\d+)", said) < 60
