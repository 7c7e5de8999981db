"""The picture of a day: what stands in it, and that it can always be drawn."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from matplotlib.axes import Axes

from ccsim.reporting.charts import day_chart, day_figure
from tests.unit.reporting.played import entry, result


def panels(played: object) -> dict[str, Axes]:
    return {axes.get_title(loc="left"): axes for axes in day_figure(played).axes}  # type: ignore[arg-type]


def words(axes: Axes) -> set[str]:
    legend = axes.get_legend()
    assert legend is not None
    return {text.get_text() for text in legend.get_texts()}


def test_every_panel_has_a_unit_and_they_share_one_clock() -> None:
    found = panels(result())
    assert [axes.get_ylabel() for axes in found.values()] == ["calls per 30 min", "agents", "agents", "seconds", "per cent"]
    assert {axes.get_xlim() for axes in found.values()} == {(8.0, 9.5)}
    assert list(found.values())[-1].get_xlabel() == "clock time"


def test_the_waits_stand_against_the_target_wait() -> None:
    axes = panels(result())["Wait until an agent answers or the caller hangs up"]
    mean, target = axes.get_lines()
    assert np.asarray(mean.get_ydata()) == pytest.approx([10, 10, 40, 40, 2, 2])
    assert np.asarray(target.get_ydata()) == pytest.approx([90, 90])
    assert "target wait 90 s" in words(axes)


def test_over_and_understaffing_are_shaded_apart() -> None:
    # 14 on duty against 13, 14 and 15 required
    assert {"surplus", "shortfall", "required", "scheduled"} <= words(panels(result())["Agents"])


def test_without_contingents_there_is_no_panel_for_them() -> None:
    assert "Contingents on call" in panels(result())
    assert "Contingents on call" not in panels(result(pool=False))


def test_nights_between_days_are_gaps() -> None:
    axes = panels(result(days=2))["Wait until an agent answers or the caller hangs up"]
    x = np.asarray(axes.get_lines()[0].get_xdata(), dtype=float)
    assert np.isnan(x).sum() == 1
    assert np.nanmax(x) == 33.5


def test_a_single_day_without_calls_in_some_interval_can_be_drawn(tmp_path: Path) -> None:
    played = result(replications=1)
    for name in ("mean_wait", "service_level_offered", "abandoned_fraction", "target_met"):
        played.to_dict()["intervals"][1][name] = entry(None, None, "s")
    day_chart(played, tmp_path / "day.png")
    height, width, _ = matplotlib.image.imread(tmp_path / "day.png").shape
    assert height > 1000
    assert width > 1000
    assert [path.name for path in tmp_path.iterdir()] == ["day.png"]


def test_nothing_to_draw_is_drawn_as_empty_panels(tmp_path: Path) -> None:
    played = result()
    for row in played.to_dict()["intervals"]:
        for name in row:
            if name != "start":
                row[name] = entry(None, None, "s")
    day_chart(played, tmp_path / "day.png")
    assert (tmp_path / "day.png").exists()


def test_a_title_in_any_script_and_of_any_length_can_be_drawn(tmp_path: Path) -> None:
    played = result()
    played.scenario = played.scenario.model_copy(update={"title": "呼叫中心 $x^ \\frac{ " * 30})
    day_chart(played, tmp_path / "day.png")
    assert (tmp_path / "day.png").exists()
