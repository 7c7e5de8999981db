"""The chart of a sweep: panels, places of the values, and that it can always be drawn."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from rich.console import Console

from ccsim.experiment.sweep import Sweep, sweep
from ccsim.reporting.sweeps import key_head, positions, show_sweep, sweep_chart, sweep_figure
from tests.unit.experiment.centres import plain, whole


@pytest.fixture(scope="module")
def found() -> Sweep:
    return sweep(whole(), {"contingent.home.agents": [0, 2, 6], "staff.early.agents": [7, 9]}, replications=10)


def panels(swept: Sweep) -> dict[str, Axes]:
    return {axes.get_title(loc="left"): axes for axes in sweep_figure(swept).axes if axes.get_visible()}


def test_each_panel_draws_the_measures_themselves(found: Sweep) -> None:
    axes = panels(found)["Mean wait, answered and hung up"]
    lines = {str(line.get_label()): line for line in axes.get_lines()}
    for agents in ("7", "9"):
        line = lines[agents]
        waits = [one.measures["mean_wait"]["mean"] for values, one in zip(found.values, found.played, strict=True) if values[1] == agents]
        assert np.asarray(line.get_ydata()) == pytest.approx(waits)
        assert np.asarray(line.get_xdata()) == pytest.approx([0, 2, 6])


def test_lines_are_told_apart_without_colour(found: Sweep) -> None:
    lines = [line for line in panels(found)["Mean wait, answered and hung up"].get_lines() if line.get_label() in ("7", "9")]
    assert len({line.get_marker() for line in lines}) == 2
    assert len({str(line.get_linestyle()) for line in lines}) == 2


def test_every_panel_says_its_unit_and_what_was_set(found: Sweep) -> None:
    drawn = panels(found)
    assert [axes.get_ylabel() for axes in drawn.values()][:3] == ["per cent", "seconds", "per cent"]
    assert {axes.get_xlabel() for title, axes in drawn.items() if title != "What the money buys"} == {"contingent.home.agents"}


def test_service_levels_stand_against_the_target(found: Sweep) -> None:
    axes = panels(found)["Answered within their target wait"]
    assert "target 80 %" in [text.get_text() for text in axes.texts]


@pytest.mark.parametrize(
    ("texts", "places"),
    [
        (["4", "0", "12"], [4.0, 0.0, 12.0]),
        (["30 s", "2 min"], [30.0, 120.0]),
        (["5 %", "20 %"], [0.05, 0.2]),
        (["serve", "hang-up"], [0.0, 1.0]),
        (["60 s", "1 min"], [0.0, 1.0]),
    ],
)
def test_values_stand_at_their_size_where_they_have_one(texts: list[str], places: list[float]) -> None:
    swept = Sweep(plain(), ["x"], [(text,) for text in texts], [], "mean_wait", False)
    assert [positions(swept)[0][text] for text in texts] == pytest.approx(places)


@pytest.mark.parametrize("volume", ["20", "0"])
def test_it_can_be_drawn_with_one_day_and_without_calls(volume: str, tmp_path: Path) -> None:
    swept = sweep(plain(("volume: 20", f"volume: {volume}")), {"staff.desk.agents": [2, 3]}, replications=1)
    sweep_chart(swept, tmp_path / "s.png")
    assert (tmp_path / "s.png").read_bytes().startswith(b"\x89PNG")


def test_names_in_any_script_and_mathematics_are_drawn(tmp_path: Path) -> None:
    swept = sweep(plain(("one desk", "'$x_1$ 日本'")), {"title": ["$a$", "日"], "lines": [4, 5]}, replications=1)
    sweep_chart(swept, tmp_path / "s.png")
    assert (tmp_path / "s.png").exists()


def test_long_keys_are_broken_at_their_dots() -> None:
    assert key_head("contingent.home.activate.reaches") == "contingent.home.\nactivate.reaches"
    assert key_head("lines") == "lines"


def test_where_the_target_wait_is_set_no_head_names_one_wait() -> None:
    out = Console(record=True, width=200, file=io.StringIO())
    show_sweep(out, sweep(plain(), {"target.wait": ["10 s", "30 s"]}, replications=4))
    text = out.export_text()
    assert "within the wait" in " ".join(text.split())
    assert "Each row is held against the target set in it." in text
    assert "within 10 s" not in text.partition("Target")[0]
