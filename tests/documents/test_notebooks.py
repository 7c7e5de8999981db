"""The lessons in `notebooks/` run from top to bottom, say the numbers they promise, and are kept without outputs."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import warnings
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


def test_there_is_a_first_lesson() -> None:
    assert [path.name for path in NOTEBOOKS][:1] == ["01-absence-is-luck.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path) -> None:
    said = printed(executed(path))
    assert said
    if path.stem == "01-absence-is-luck":
        for line in ("14 present:  88.8 %", "to roster, by the book: 20", "<- 19 days in 20"):
            assert line in said
        # What the formula's mixture, the simulation and the law of who is there come to; the last by scipy's binomial law
        assert float(re.search(r"20 rostered, 30 % by luck: +([\d.]+)", said)[1]) == 80.0  # type: ignore[index]
        assert float(re.search(r"([\d.]+) ?% answered within 20 s", said)[1]) == pytest.approx(80.4, abs=2.5)  # type: ignore[index]
        assert [int(n) for n in re.findall(r"(\d+) rostered: .*<- 19 days in 20", said)] == [
            next(n for n in range(14, 40) if binom.sf(13, n, 0.7) >= 0.95)
        ]
