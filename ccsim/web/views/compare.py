"""Choosing scenarios to compare."""

from __future__ import annotations

import asyncio

from nicegui import ui

from ccsim.web.boxes import Misfilled
from ccsim.web.desk import Desk
from ccsim.web.playing import COMPARED, choice_faults
from ccsim.web.views.forms import Form
from ccsim.web.views.frame import Who, button, framed, guarded, mark, say


def add(desk: Desk) -> None:
    """Put the view into the page."""

    @ui.page("/compare", title="Compare")
    async def compare(first: str = "", second: str = "") -> None:
        who = Who()
        entries = await asyncio.to_thread(desk.scenarios)
        with framed("Compare", "/compare", "Compare scenarios"):
            say(
                "Both are played under the same luck: the same callers call on the same days, and only what the scenarios say differently "
                "is different. So a small difference shows after few days."
            )
            if len(entries) < 2:
                say("There are fewer than two scenarios in this folder. Open one, duplicate it, change the copy, and come back.", "note")
                return
            options = {entry.name: f"{entry.title or entry.name} ({entry.name})" for entry in entries}
            with ui.element("div").classes("fields"):
                one = ui.select(options, label="Scenario A", value=first if first in options else None).props("outlined dense")
                other = ui.select(options, label="Scenario B", value=second if second in options else None).props("outlined dense")
                rest = ui.select(options, label="More, if you like", multiple=True, value=[]).props("outlined dense use-chips")
            how = Form(COMPARED)
            how.draw()

            places = {"first": one, "second": other, "more": rest}
            for made in places.values():
                made.props("hide-bottom-space").on_value_change(lambda event: mark(event.sender, ""))

            def play() -> None:
                faults = choice_faults(one.value, other.value, rest.value)
                for name, made in places.items():
                    mark(made, faults.get(name, ""))
                if not how.fine() or faults:
                    return
                names = [str(name) for name in (one.value, other.value, *rest.value) if name]
                try:
                    job = desk.compare(names, how.typed, who.seat)
                except Misfilled as fault:
                    how.refuse(how.typed, fault.faults)
                    return
                ui.navigate.to(f"/job/{job.id}")

            button("Compare", guarded(play), main=True).style("align-self: flex-start")
