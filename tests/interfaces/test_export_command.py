"""A run as a workbook: its numbers are the run's, as numbers; its charts are native; no text of a scenario is a formula in it."""

from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

import ccsim as package
from ccsim.inputs import loads
from ccsim.reporting.workbook import write_workbook
from tests.interfaces.conftest import TWENTY

HOSTILE = "=cmd|' /C calc'!A0 <script>alert(1)</script>"


def cells(path: Path, sheet: str) -> list[list[Any]]:
    with CalamineWorkbook.from_path(str(path)) as book:
        return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A workbook of a run whose scenario is named like a formula, and the run."""
    scenario = loads(
        TWENTY.replace("Twenty [red]people[/red]", json.dumps(HOSTILE)).replace("day: {agents", f"{json.dumps(HOSTILE)}: {{agents")
    )
    result = package.run(scenario, replications=20, engine="simpy")
    path = tmp_path_factory.mktemp("export") / "book.xlsx"
    write_workbook(result, path)
    return path, result


def test_numbers_are_numbers_and_times_are_times(exported: tuple[Path, Any]) -> None:
    path, result = exported
    rows = cells(path, "Intervals")
    assert rows[1][0] == dt.datetime(2027, 4, 12, 8, 0)
    assert len(rows) == 1 + len(result.intervals)
    column = next(place for place, head in enumerate(rows[0]) if head.startswith("mean_wait ["))
    assert [row[column] for row in rows[1:]] == pytest.approx(result.intervals["mean_wait"].tolist(), rel=1e-12)


def test_every_measure_stands_with_its_interval(exported: tuple[Path, Any]) -> None:
    path, result = exported
    rows = {row[1]: row for row in cells(path, "Measures")[1:]}
    assert set(rows) == set(result.measures.index)
    for name, told in result.measures.iterrows():
        for found, end in zip(rows[name][2:5], ("mean", "low", "high"), strict=True):
            assert found == pytest.approx(told[end], rel=1e-12) if told[end] == told[end] else found == ""


def test_no_text_is_a_formula_and_no_cell_an_error(exported: tuple[Path, Any]) -> None:
    path, _ = exported
    assert cells(path, "Answer")[0][0] == HOSTILE
    assert HOSTILE in [row[0] for row in cells(path, "Groups")]
    with zipfile.ZipFile(path) as book:
        for part in book.namelist():
            if part.startswith("xl/worksheets/sheet"):
                content = book.read(part)
                assert b"<f>" not in content
                assert b't="e"' not in content


def test_charts_are_native_and_the_service_level_has_its_own(exported: tuple[Path, Any]) -> None:
    path, _ = exported
    with zipfile.ZipFile(path) as book:
        charts = [book.read(part).decode() for part in book.namelist() if part.startswith("xl/charts/chart")]
    of_level = [chart for chart in charts if "Service level: offered" in chart]
    assert len(charts) >= 5
    assert len(of_level) == 1
    assert "mean wait" not in of_level[0]
    assert all(len(re.findall("<c:valAx>", chart)) == 1 for chart in charts)


def test_the_command_writes_the_workbook_and_says_where(ccsim: Callable[..., Any], twenty: Path) -> None:
    out = twenty.with_name("out.xlsx")
    said = ccsim("export", twenty, out, "--replications", 5, "--engine", "simpy", "--no-history", "--json")
    assert said.status == 0
    assert json.loads(said.out) == {"workbook": str(out), "replications": 5, "seed": 1}
    assert ["replications", "5, each 1 day"] in cells(out, "How it was computed")
    assert ["seed", 1.0] in cells(out, "How it was computed")
    assert ["calls.support.volume", 400.0] in cells(out, "Assumptions")
    assert ccsim("export", twenty, twenty.with_name("out.csv")).status == 2
