"""A run as a workbook: the figures as numbers to work on, native charts beside them. All text goes in as text, whatever it begins with."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccsim import __version__
from ccsim.inputs.yaml_text import flow
from ccsim.reporting.answer import answer, common_in_force, left_words, required_words, work_words
from ccsim.reporting.files import replacing
from ccsim.reporting.risk import known_figure, rows_of
from ccsim.reporting.risk import sentences as risk_sentences
from ccsim.reporting.style import BLACK, BLUE, GREEN, GREY, SKY, VERMILION
from ccsim.reporting.terms import label_in
from ccsim.reporting.waterfall import sentence, tells
from ccsim.reporting.wording import duration, number_of, plain_percent, played_words

if TYPE_CHECKING:
    from ccsim.experiment.result import Result
    from ccsim.staffing import Beside

_ENDS = ("mean", "low", "high")
_CHART = {"width": 900, "height": 320}
# Numbers as their unit shows them; seconds stay seconds, so that they can be reckoned with
_FORMATS = {"share": "0.0%", "s": "#,##0.0", "agents": "0.0", "clock": "hh:mm", "": "#,##0.00"}

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def write_workbook(result: Result, path: str | Path, formula: Beside | None = None) -> None:
    """Write a run into a workbook at `path`, Erlang's answer for the planned agents beside it if given.

    Sheets: Answer, Measures, Intervals, Charts, Call types, Groups, Contingents, Shrinkage, Risk, Assumptions, and How it was computed;
    those that have nothing to say are left out. Raises `ResultError` where it cannot be written.
    """
    import xlsxwriter

    told = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with replacing(path) as partial, xlsxwriter.Workbook(str(partial), told) as book:
        book.set_properties({"title": result.scenario.title, "comments": f"Made by ccsim {__version__}"})
        _Writer(book, result, formula).write()


class _Writer:
    """Fills one workbook."""

    def __init__(self, book: Any, result: Result, formula: Beside | None) -> None:
        self.book, self.result, self.formula = book, result, formula
        self.scenario, self.document = result.scenario, result.to_dict()
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.looks = {unit: book.add_format({"num_format": told}) for unit, told in _FORMATS.items()}
        self.left = book.add_format({"align": "left"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})

    def write(self) -> None:
        """All sheets."""
        document = self.document
        self._answer()
        self._long("Measures", "", {"": document["measures"]})
        columns = self._intervals()
        self._charts(columns)
        for sheet, first, scope in (
            ("Call types", "call type", "call_types"),
            ("Groups", "group", "groups"),
            ("Contingents", "pool", "contingent"),
        ):
            if document[scope]:
                self._long(sheet, first, document[scope])
        if "shrinkage" in document and tells(document["shrinkage"]):
            self._shrinkage(document["shrinkage"])
        if document.get("risk", {}).get("days"):
            self._risk()
        self._assumptions()
        self._computed()

    def _page(self, name: str, heads: Sequence[str], widths: Iterable[float]) -> Any:
        page = self.book.add_worksheet(name)
        page.freeze_panes(1, 1)
        for column, (head, width) in enumerate(zip(heads, widths, strict=False)):
            page.set_column(column, column, width)
            page.write_string(0, column, head, self.head)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        return page

    def _number(self, page: Any, row: int, column: int, number: Any, unit: str) -> None:
        """A number in its unit's format; nothing where it is not known; a clock time as a time."""
        if number is None:
            page.write_blank(row, column, None, self.looks[""])
        elif unit == "clock" or isinstance(number, str):
            hours, minutes = (int(part) for part in str(number).split(":")[:2])
            page.write_number(row, column, (60 * hours + minutes) / 1440.0, self.looks["clock"])
        else:
            page.write_number(row, column, float(number), self.looks.get(unit, self.looks[""]))

    def _lines(self, name: str, lines: Sequence[str]) -> Any:
        page = self.book.add_worksheet(name)
        page.set_column(0, 0, 120)
        page.hide_gridlines(2)
        for row, words in enumerate(lines):
            page.write_string(row, 0, words, self.wrapped if row else self.title)
        return page

    def _answer(self) -> None:
        scenario, measures = self.scenario, self.document["measures"]
        said = [scenario.title, played_words(self.result), "", *answer(self.result), *left_words(scenario, measures)]
        said += risk_sentences(self.result)
        account = self.document.get("shrinkage")
        said += [sentence(account)] if account is not None and account["steps"] else []
        said += [f"Note: {warning}" for warning in scenario.warnings]
        if any(number_of(row.get("required_agents")) is not None for row in self.document["intervals"]):
            said.append(required_words(scenario))
        said += work_words(scenario)
        said.append("Shares are of 1, waits in seconds; low and high are the ends of 95 % intervals.")
        if self.document.get("risk", {}).get("days"):
            said.append("Figures of the sheet Risk that are no shares are known to three digits, and rounded to them.")
        self._lines("Answer", said)

    def _long(self, sheet: str, first: str, scopes: dict[str, dict[str, Any]]) -> None:
        """A row for each measure of each unit."""
        lead = [first] if first else []
        page = self._page(sheet, [*lead, "what", "measure", *_ENDS, "unit"], [*([18] if first else []), 58, 40, 12, 12, 12, 18])
        row = 0
        for unit, measures in scopes.items():
            for name, entry in measures.items():
                row += 1
                for column, words in enumerate([*([unit] if first else []), label_in(self.scenario, name), name]):
                    page.write_string(row, column, words)
                for column, end in enumerate(_ENDS, start=len(lead) + 2):
                    self._number(page, row, column, entry[end], entry["unit"])
                page.write_string(row, len(lead) + 5, "of 1" if entry["unit"] == "share" else entry["unit"])
        page.autofilter(0, 0, row, len(lead) + 5)

    def _intervals(self) -> dict[str, int]:
        """A row an interval; gives the column of each figure."""
        rows = self.document["intervals"]
        names = [name for name in rows[0] if name != "start" and any(number_of(row[name]) is not None for row in rows)]
        columns = {"start": 0}
        heads, units = ["start"], [""]
        for name in names:
            unit = next(row[name]["unit"] for row in rows if row[name]["mean"] is not None)
            for end in _ENDS if any(row[name]["low"] != row[name]["high"] for row in rows) else _ENDS[:1]:
                key = name if end == "mean" else f"{name}_{end}"
                columns[key] = len(heads)
                heads.append(f"{key} [{'of 1' if unit == 'share' else unit}]" if unit else key)
                units.append(unit)
        target = self.scenario.target
        for key, number, unit in (("target_wait", target.wait, "s"), ("target_share", target.share, "share")):
            if number is not None and common_in_force(self.scenario):
                columns[key] = len(heads)
                heads.append(f"{key} [{'of 1' if unit == 'share' else unit}]")
                units.append(unit)
        beside = {} if self.formula is None else {"agents": "agents", "service_level": "share", "mean_wait": "s"}
        for name, unit in beside.items():
            columns[f"formula_{name}"] = len(heads)
            heads.append(f"{self.formula.model if self.formula else ''}: {name} [{'of 1' if unit == 'share' else unit}]")
            units.append(unit)
        page = self._page("Intervals", heads, [17] + [14] * (len(heads) - 1))
        page.set_row(0, 48)
        for place, row in enumerate(rows, start=1):
            page.write_datetime(place, 0, dt.datetime.fromisoformat(row["start"]).replace(tzinfo=None), self.moment)
            for key, column in columns.items():
                self._number(page, place, column, self._figure(row, key, place - 1), units[column]) if column else None
        page.autofilter(0, 0, len(rows), len(heads) - 1)
        return columns

    def _figure(self, row: dict[str, Any], key: str, place: int) -> float | None:
        if key in ("target_wait", "target_share"):
            return self.scenario.target.wait if key == "target_wait" else self.scenario.target.share
        if key.startswith("formula_") and self.formula is not None:
            number = float(getattr(self.formula, key.removeprefix("formula_"))[self.result.measured[place]])
            return number if abs(number) < float("inf") else None
        name, end = key, "mean"
        for other in _ENDS[1:]:
            if key not in row and key.endswith(f"_{other}"):
                name, end = key.removesuffix(f"_{other}"), other
        found: float | None = row[name][end]
        return found

    def _charts(self, columns: dict[str, int]) -> None:
        """Charts that a spreadsheet draws from the intervals; the service level has one of its own, since axes are not mixed everywhere."""
        page = self.book.add_worksheet("Charts")
        page.hide_gridlines(2)
        level = f"service_level_{self.scenario.target.variant}"
        wait, share = duration(self.scenario.target.wait), self.scenario.target.share
        named = {
            "Agents": (
                "agents",
                (("required_agents", "required", BLACK, "dash"), ("agents_scheduled", "scheduled", GREY, "round_dot"),
                 ("agents_on_duty", "on duty, mean", BLUE, "solid"), ("agents_on", "of them contingents", GREEN, "long_dash")),
            ),
            "Mean wait by interval of arrival": (
                "seconds",
                (("mean_wait", "mean wait", BLUE, "solid"), ("mean_wait_low", "95 % interval, low", SKY, "round_dot"),
                 ("mean_wait_high", "95 % interval, high", SKY, "round_dot"), ("target_wait", f"target wait {wait}", VERMILION, "dash")),
            ),
            f"Service level: {self.scenario.target.variant.replace('_', ' ')}, within {wait}": (
                "share of 1",
                ((level, "service level", BLUE, "solid"), (f"{level}_low", "95 % interval, low", SKY, "round_dot"),
                 (f"{level}_high", "95 % interval, high", SKY, "round_dot"),
                 ("target_share", f"target {plain_percent(share) if share is not None else ''}", VERMILION, "dash")),
            ),
            "Calls": ("calls an interval", (("offered", "offered", BLUE, "solid"), ("abandoned", "hung up", VERMILION, "dash"))),
        }  # fmt: skip
        last = len(self.document["intervals"])
        row = 0
        for title, (unit, series) in named.items():
            chart = self.book.add_chart({"type": "line"})
            drawn = 0
            for key, name, colour, dash in series:
                if key in columns:
                    place = columns[key]
                    line = {"color": colour, "width": 2.0 if dash == "solid" else 1.25, "dash_type": dash}
                    where = ["Intervals", 1, place, last, place]
                    chart.add_series({"name": name, "categories": ["Intervals", 1, 0, last, 0], "values": where, "line": line})
                    drawn += 1
            if drawn:
                hours = "hh:mm" if self.scenario.days == 1 else "ddd hh:mm"
                chart.set_title({"name": title, "name_font": {"size": 12}})
                chart.set_x_axis({"name": "start of the interval", "num_format": hours, "text_axis": True, "num_font": {"rotation": -45}})
                axis: dict[str, Any] = {"name": unit, "major_gridlines": {"visible": True, "line": {"color": "#E6E6E6"}}, "min": 0}
                chart.set_y_axis(axis | ({"max": 1, "num_format": "0%"} if unit == "share of 1" else {"num_format": "#,##0"}))
                chart.set_legend({"position": "bottom"})
                chart.set_size(_CHART)
                page.insert_chart(row, 0, chart)
                row += 17

    def _shrinkage(self, block: dict[str, Any]) -> None:
        heads = ["entry", "hours a day", "low", "high", "share of paid time", "low", "high", "kind", "heading"]
        page = self._page("Shrinkage", heads, (34, 12, 12, 12, 16, 12, 12, 12, 28))
        rows: list[tuple[str, Any, Any, str, str]] = [("scheduled, paid", block["scheduled"], None, "", "")]
        for step in block["steps"]:
            heading = f"{'planned' if step['planned'] else 'unplanned'}, {step['office']} of office".replace("in of", "in")
            rows.append((f"- {step['name']}", step["hours"], step["share"], step["kind"], heading))
        rows += [("= on the queue", block["on_queue"], None, "", ""), ("overtime, beside it", block["overtime"], None, "", "")]
        for row, (name, hours, share, kind, heading) in enumerate(rows, start=1):
            page.write_string(row, 0, name)
            for first, entry, unit in ((1, hours, ""), (4, share, "share")):
                for place, end in enumerate(_ENDS):
                    self._number(page, row, first + place, None if entry is None else entry[end], unit)
            page.write_string(row, 7, kind)
            page.write_string(row, 8, heading)
        steps = len(block["steps"])
        chart = self.book.add_chart({"type": "bar"})
        names, values = (["Shrinkage", 1, column, steps + 2, column] for column in (0, 1))
        labels = {"value": True, "num_format": "#,##0.0"}
        chart.add_series({"name": "hours a day", "categories": names, "values": values, "fill": {"color": BLUE}, "data_labels": labels})
        chart.set_title({"name": "From the hours on the roster to the hours on the queue", "name_font": {"size": 12}})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"name": "paid hours a day", "num_format": "#,##0"})
        chart.set_legend({"none": True})
        chart.set_size({"width": 760, "height": 140 + 34 * (steps + 2)})
        page.insert_chart(len(rows) + 3, 0, chart)

    def _risk(self) -> None:
        page = self._page("Risk", ["measure", "which", "value", "low", "high", "unit", "worse", "of"], (40, 14, 12, 12, 12, 16, 10, 10))
        for row, told in enumerate(rows_of(self.document), start=1):
            for column, name in enumerate(("measure", "which", "value", "low", "high", "unit", "worse", "of")):
                if name in ("value", *_ENDS[1:]):
                    figure = told[name] if told["which"] == "chance" else known_figure(told[name], told["unit"])
                    self._number(page, row, column, figure, told["unit"])
                else:
                    page.write_string(row, column, str(told[name] or ""))

    def _assumptions(self) -> None:
        """What the scenario says, key by key, as it was written."""
        page = self._page("Assumptions", ["key", "value"], (50, 90))
        for row, (key, value) in enumerate(assumptions(self.scenario.data), start=1):
            page.write_string(row, 0, key)
            self._written(page, row, value[:32_000], number=key != "title")

    def _computed(self) -> None:
        page = self._page("How it was computed", ["what", "value"], (40, 90))
        for row, (what, value) in enumerate(computed(self.result), start=1):
            page.write_string(row, 0, what)
            self._written(page, row, value)

    def _written(self, page: Any, row: int, value: str, number: bool = True) -> None:
        """A value as it was written; a number as a number, as far as a spreadsheet holds all its digits."""
        if number and _NUMBER.fullmatch(value) and len(value) <= 15:
            page.write_number(row, 1, float(value), self.left)
        else:
            page.write_string(row, 1, value)


def assumptions(data: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Keys and values of a scenario as they were written, a row for each key that has a value."""
    rows: list[tuple[str, str]] = []
    for key, value in data.items():
        path = f"{before}{key}"
        if isinstance(value, dict) and value:
            rows += assumptions(value, f"{path}.")
        elif not path.startswith("x-"):
            rows.append((path, str(value) if isinstance(value, str) else flow(value)))
    return rows


def computed(result: Result) -> list[tuple[str, str]]:
    """How a run was computed, for whoever wants to play it again."""
    import platform
    from importlib import metadata

    scenario = result.scenario
    file = "a text" if scenario.path is None else scenario.path.name
    days = f"{scenario.days} days, played as one path" if scenario.days > 1 else "1 day"
    played = f"{result.replications:,}, each {days}"
    confidence = "95 %, over replications: Student's t for means, the delta method for ratios, sectioning for percentiles"
    if result.batches is not None:
        played = f"1 of {scenario.days} days, cut into {result.batches.count} batches"
        confidence = "95 %, over the means of batches: Student's t"
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "numba", "simpy"))
    return [
        ("ccsim", __version__),
        ("scenario", file),
        ("replications", played),
        ("seed", str(result.seed)),
        ("engine", f"{result.engine} (the readable engine gives the same, call by call)" if result.engine == "kernel" else result.engine),
        ("confidence", confidence),
        ("warm-up", duration(scenario.warm_up)),
        ("interrupted", "yes" if result.interrupted else "no"),
        ("with", f"Python {platform.python_version()}, {packages}"),
    ]
