"""The picture of a day: what stands in it, and that it can always be drawn."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ccsim.inputs import loads
from ccsim.reporting.charts import clock_axis, day_chart, day_figure, missed_spans, wait_panel
from ccsim.reporting.course import Course, course
from ccsim.reporting.pictures import waits_panel
from tests.unit.reporting.played import TEXT, entry, result


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
    axes = panels(result())["Mean wait until an answer or hang-up"]
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
    axes = panels(result(days=2))["Mean wait until an answer or hang-up"]
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


def ticks(date: str, days: int, hours: str) -> list[tuple[float, str]]:
    """The labels of a clock axis: seconds of the path, and what stands there; and the horizon's clock must show the same."""
    text = TEXT.format(days=days, more="").replace("2027-04-12", date).replace("08:00-09:30", hours)
    scenario = loads(text.replace("open:", "timezone: Europe/London\nopen:"))
    horizon = scenario.horizon
    figure = Figure()
    axes = figure.subplots()
    clock_axis(axes, Course(scenario, np.asarray(horizon.interval_start), np.asarray(horizon.interval_end), []))
    found = list(zip(axes.get_xticks().tolist(), [axes.xaxis.get_major_formatter()(x) for x in axes.get_xticks()], strict=True))
    for x, label in found:
        shown = horizon.local(x * 3600.0).strftime("%H:%M")
        assert label[:5] == shown or (label, shown) == ("24:00", "00:00")
    return [(x * 3600.0, label) for x, label in found]


def test_ticks_show_what_clocks_show_on_a_day_of_23_hours() -> None:
    labels = dict(ticks("2027-03-28", 1, "00:00-24:00"))
    assert labels[12 * 3600.0 - 3600.0] == "12:00"
    assert labels[23 * 3600.0] == "24:00"
    assert len(labels) == 13  # every other hour; nothing is missing, for 1:00 would have had none
    noon = dict(ticks("2027-03-28", 1, "08:00-18:00"))
    assert noon[12 * 3600.0] == "13:00"


def test_the_hour_that_clocks_leave_out_has_no_tick() -> None:
    assert [label for _, label in ticks("2027-03-28", 1, "00:00-08:00")] == [f"{hour:02d}:00" for hour in (0, 2, 3, 4, 5, 6, 7, 8)]


def test_ticks_show_what_clocks_show_on_a_path_over_a_day_of_25_hours() -> None:
    labels = ticks("2027-10-30", 3, "00:00-24:00")
    assert [label for _, label in labels if "\n" in label] == ["00:00\nSat 30", "00:00\nSun 31", "00:00\nMon 1", "00:00\nTue 2"]
    assert dict(labels)[(24 + 25) * 3600.0] == "00:00\nMon 1"


def test_the_first_tick_of_a_day_is_dated_where_the_centre_opens_later() -> None:
    dated = [label for _, label in ticks("2027-06-01", 2, "08:00-18:00") if "\n" in label]
    assert dated == ["09:00\nTue 1", "00:00\nWed 2"]


def test_what_was_so_on_every_day_has_no_band() -> None:
    """The interval of a share of 100 % tells of days that may yet be otherwise, and is wide beside thousands of calls."""
    played = result()
    played.to_dict()["intervals"][2]["service_level_offered"] = {"mean": 1.0, "low": 0.9851, "high": 1.0, "unit": "share"}
    axes = panels(played)["Answered within 90 s (service level: offered)"]
    corners = axes.collections[0].get_paths()[0].vertices
    assert corners[corners[:, 0] > 9.01][:, 1] == pytest.approx(100.0)
    assert corners[corners[:, 0] < 8.49][:, 1].min() == pytest.approx(94.0)


def test_the_footer_says_what_required_leaves_out() -> None:
    played = result()
    support = played.scenario.calls["support"]
    letters = support.model_copy(update={"name": "letters", "channel": "work"})
    played.scenario = played.scenario.model_copy(update={"calls": {"support": support, "letters": letters}})
    (footer,) = [text.get_text() for text in day_figure(played).texts if text.get_text().startswith("Monday")]
    assert footer.replace("\n", " ").endswith("required: by formula, letters and contingents left out")
    assert "letters" not in day_figure(result()).texts[-1].get_text()


def test_a_long_footer_keeps_clear_of_the_panels() -> None:
    played = result()
    support = played.scenario.calls["support"]
    own = [played.scenario.target.model_copy(update={"wait": 100.0 + number}) for number in range(12)]
    types = {f"type {n}": support.model_copy(update={"name": f"type {n}", "target": target}) for n, target in enumerate(own)}
    played.scenario = played.scenario.model_copy(update={"calls": {"support": support, **types}})
    figure = day_figure(played)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    footer = next(text for text in figure.texts if text.get_text().startswith("Monday"))
    assert footer.get_text().count("\n") >= 3
    assert footer.get_window_extent(renderer).y1 < min(axes.get_tightbbox(renderer).y0 for axes in figure.axes)


def test_intervals_that_miss_the_target_are_hatched_though_their_mean_wait_is_below_it() -> None:
    day = course(result())
    assert day.series("mean_wait").mean.max() < day.scenario.target.wait
    assert missed_spans(day) == [(8.5 * 3600.0, 9.0 * 3600.0)]  # 80 % of callers within 90 s, where 90 % are asked for
    axes = wait_panel(Figure().subplots(), day)
    assert "under 90 % within it" in [text.get_text() for text in axes.get_legend().get_texts()]
    for row in day.rows:
        row["service_level_offered"] = entry(0.5, 0.01, "share")
    assert missed_spans(day) == [(8.0 * 3600.0, 9.5 * 3600.0)]


def test_where_most_callers_wait_not_at_all_their_true_share_stands_there() -> None:
    made = result()
    made.wait_shares = lambda: (np.array([0.0, 40.0, 90.0, 200.0]), np.array([0.752, 0.9, 0.95, 1.0]))
    made.measures = pd.DataFrame({"mean": {"wait_p50": 0.0, "wait_p90": 40.0, "wait_p95": 90.0, "wait_p99": 200.0}})
    said = [text.get_text() for text in waits_panel(Figure().subplots(), made).texts]
    assert said == ["75 % at once", "90 % within 40 s", "95 % within 90 s", "99 % within 200 s"]
