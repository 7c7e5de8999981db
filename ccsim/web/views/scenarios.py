"""The first view: scenarios in the folder, files dropped, a new one begun; and forecasts on their way into a scenario."""

from __future__ import annotations

import asyncio
import datetime as dt
from urllib.parse import quote

from nicegui import ui

from ccsim.errors import CcsimError
from ccsim.web.desk import Desk
from ccsim.web.form import thousands
from ccsim.web.guard import TOO_LARGE
from ccsim.web.views.drop import drop_zone
from ccsim.web.views.frame import Who, button, doubt, framed, guarded, head, link, mark, running, say
from ccsim.web.workspace import FORECASTS, LARGEST_UPLOAD

_NEW = (
    ("title", "Title", "what tables and charts are headed by"),
    ("open", "Opening hours", "such as 08:00-18:00; 00:00-24:00 never closes"),
    ("volume", "Calls a day", "a number; or one for each interval, pasted from a spreadsheet's column"),
    ("handle_time", "Mean handle time", "talk, hold and wrap, such as 5 min"),
    ("cv", "Its coefficient of variation", "left out, 1; start with 1.1"),
    ("patience", "Mean patience", "left out, callers never hang up; start with 5 min"),
    ("wait", "Target wait", "such as 90 s"),
    ("share", "Share to answer within it", "such as 90 %"),
    ("agents", "Agents on duty", "a number all day; left out, add groups later"),
)
_NEEDED = ("title", "open", "volume", "handle_time", "wait", "share")


def add(desk: Desk) -> None:
    """Put the view into the page."""

    @ui.page("/", title="Scenarios")
    async def scenarios(notice: str = "") -> None:
        who = Who()
        entries, forecasts = await asyncio.to_thread(lambda: (desk.scenarios(), desk.forecasts()))
        with framed("Scenarios", "/"):
            fault = desk.notices.of(notice, who.seat)
            if fault:
                say(fault, "fault")
            running(desk, who)
            _drop_zone()
            head(2, "In this folder")
            if not entries:
                say("No scenario is here yet: drop one above, or begin a new one below.")
            with ui.element("ul").style("list-style: none; margin: 0; padding: 0"):
                for entry in entries:
                    with ui.element("li").classes("line").style("padding: .35rem 0; border-bottom: 1px solid var(--line); width: 100%"):
                        with ui.element("div").style("flex: 1 1 22rem"):
                            changed = dt.datetime.fromtimestamp(entry.changed).strftime("%d %B %Y, %H:%M").lstrip("0")
                            with ui.element("a").classes("both") as way:
                                way.props["href"] = f"/scenario?name={quote(entry.name, safe='')}"
                                ui.label(entry.title or entry.name).classes("title")
                                say(f"{entry.name} · changed {changed}", "names")
            if forecasts:
                head(2, "Forecasts")
                with ui.element("ul").classes("plain"):
                    for entry in forecasts:
                        with ui.element("li"):
                            link(entry.name.removeprefix(f"{FORECASTS}/"), f"/forecast?name={quote(entry.name, safe='')}")
            _new(desk)

    @ui.page("/forecast", title="Forecast")
    async def forecast(name: str = "") -> None:
        wrong = ""
        try:
            found = await asyncio.to_thread(desk.forecast, name)
        except CcsimError as fault:
            wrong = str(fault)
        scenarios = await asyncio.to_thread(desk.scenarios)
        with framed("Forecast", "/", name.removeprefix(f"{FORECASTS}/")[:120] or "Forecast"):
            if wrong:
                say(wrong, "fault")
                return
            for sentence in found.told():
                say(sentence)
            entries = [entry for entry in scenarios if entry.name.endswith((".yaml", ".yml"))]
            head(2, "Put it into a scenario")
            if not entries:
                say("There is no scenario in this folder yet; begin one first.")
                return
            say(
                "The scenario opens with these calls typed in, and their handle times where the forecast has them. Nothing is saved until "
                "you say so."
            )
            with ui.element("div").classes("line low"):
                chosen = ui.select({entry.name: entry.title or entry.name for entry in entries}, label="Scenario").props("outlined dense")
                chosen.style("min-width: 20rem")
                types = ui.select([], label="Call type").props("outlined dense").style("min-width: 12rem")
                dates = [day.isoformat() for day in found.dates]
                day = ui.select(dates, label="Day", value=dates[0]).props("outlined dense") if len(dates) > 1 else None

            def names() -> None:
                calls = list(desk.workspace.load(str(chosen.value)).calls)
                types.set_options(calls, value=calls[0])

            def put() -> None:
                if chosen.value and types.value:
                    chosen_day = f"&day={day.value}" if day is not None else ""
                    ui.navigate.to(
                        f"/scenario?name={quote(str(chosen.value), safe='')}&forecast={quote(name, safe='')}"
                        f"&into={quote(str(types.value), safe='')}{chosen_day}"
                    )

            chosen.on_value_change(guarded(names))
            button("Put it in", guarded(put), main=True)


def _drop_zone() -> None:
    """Where scenarios and forecasts are dropped."""
    words = "A scenario (YAML, or a workbook of ccsim template), or a forecast by interval (CSV or Excel), with your own headings."
    title, endings = "Drop a file here, or choose one", (".yaml", ".yml", ".xlsx", ".csv")
    drop_zone("/drop", "Open it", title, words, endings, LARGEST_UPLOAD, TOO_LARGE)


def _new(desk: Desk) -> None:
    head(2, "A new scenario")
    with ui.expansion("Begin with what you know; everything else is added later").props("header-class=text-weight-medium") as fold:
        fold.style("width: 100%")
        with ui.element("div").classes("fields narrow").style("padding: .8rem"):
            boxes = {}
            for name, words, hint in _NEW:
                made = (ui.textarea if name == "volume" else ui.input)(f"{words}{' *' if name in _NEEDED else ''}")
                made.props("outlined dense hide-bottom-space" + (" autogrow" if name == "volume" else ""))
                made.props["hint"] = hint
                boxes[name] = made
            volume, volume_hint = boxes["volume"], next(hint for name, _, hint in _NEW if name == "volume")
            volume.on("blur", lambda: doubt(volume, thousands(str(volume.value or "")), volume_hint))
        says = say("", "fault")
        says.set_visibility(False)

        def begin() -> None:
            typed = {name: str(box.value or "").strip() for name, box in boxes.items()}
            missing = [name for name in _NEEDED if not typed[name]]
            for name, box in boxes.items():
                mark(box, "This is needed." if name in missing else "")
            says.set_visibility(False)
            if missing:
                return
            try:
                found = desk.new(typed)
            except CcsimError as fault:
                says.set_text(str(fault))
                says.set_visibility(True)
                return
            ui.navigate.to(f"/scenario?name={quote(found, safe='')}")

        with ui.element("div").style("padding: 0 .8rem .8rem"):
            button("Begin", begin, main=True)
