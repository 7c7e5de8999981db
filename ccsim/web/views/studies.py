"""Asking a study: its fields; and what came of it: the answer, charts, tables, files, and the scenario that it leads to."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui

from ccsim.errors import CcsimError
from ccsim.web.boxes import Misfilled
from ccsim.web.desk import Desk
from ccsim.web.studies import OF_A_SCENARIO, STUDIES, study_of
from ccsim.web.studies.study import Study, Subject
from ccsim.web.views.forms import Form
from ccsim.web.views.frame import Who, blocks, button, complain, framed, guarded, head, link, picture, place_of, say, settle


def add(desk: Desk) -> None:
    """Put the views into the page."""

    @ui.page("/study/{of}", title="Study")
    async def study(of: str, name: str = "", again: str = "") -> None:
        who = Who()
        try:
            one, subject = study_of(of), Subject(desk.workspace, name)
            title = (await asyncio.to_thread(lambda: subject.scenario)).title
            boxes = await asyncio.to_thread(one.boxes, subject)
            typed = await asyncio.to_thread(desk.typed, again) if again else None
        except CcsimError as fault:
            with framed("Study", "/", name[:120] or "Study"):
                say(str(fault), "fault")
                link("Back to the scenarios", "/")
            return
        with framed(f"{one.title}: {title}"[:100], "/", one.title):
            _siblings(one, subject)
            say(one.asks)
            form = Form(boxes, typed)
            form.draw()
            begin(desk, one, name, form, who)


def begin(desk: Desk, one: Study, name: str, form: Form, who: Who) -> None:
    """The button that begins a study; what is wrong then stands beside its field, or above the button."""
    wrong = say("", "fault")
    wrong.set_visibility(False)

    async def act() -> None:
        settle()
        wrong.set_visibility(False)
        if not form.fine():
            return
        typed = form.typed
        try:
            job = await asyncio.to_thread(desk.study, one.name, name, typed, who.seat)
        except Misfilled as fault:
            form.refuse(typed, fault.faults)
            rest = [words for field, words in fault.faults.items() if field not in form.made]
            wrong.set_text(" ".join(rest))
            wrong.set_visibility(bool(rest))
            return
        except CcsimError as fault:
            complain(str(fault))
            return
        ui.navigate.to(f"/job/{job.id}")

    form.act = act
    button(one.act, act, main=True).style("align-self: flex-start")


def _siblings(one: Study, subject: Subject) -> None:
    """Ways to the other studies of the same scenario, and back to it."""
    link(subject.scenario.title, place_of("/scenario", name=subject.name))
    with ui.element("nav").classes("line next").props('aria-label="What else can be asked"'):
        say("What else to ask:", "soft")
        for other in OF_A_SCENARIO:
            if other is not one and other.fits(subject.scenario):
                link(other.title, place_of(f"/study/{other.name}", name=subject.name))


def show(desk: Desk, found: dict[str, Any]) -> None:
    """What came of a study."""
    key, files = str(found["key"]), found["files"]
    if files:
        link(found["title"], place_of("/scenario", name=str(files[0])))
    if found["said"]:
        with ui.element("div").classes("answer"):
            for sentence in found["said"]:
                say(sentence)
    with ui.element("div").classes("zone"):
        if found["text"]:
            button(found["offer"], guarded(_opening(desk, key)), main=True)
        if found.get("page"):
            link("Open the page to print", f"/print/{key}")
        for place, name in enumerate(found["tables"]):
            link(f"Download {name}", f"/table/{key}/{place}", download=True)
        if found["study"] in STUDIES:
            if files:
                link("Ask again with changes", place_of(f"/study/{found['study']}", name=str(files[0]), again=key))
            else:
                link("Ask again with changes", place_of("/records", ask=str(found["study"]), again=key))
    if len(found["pictures"]) > 2:
        with ui.element("div").classes("pair"):
            for place, one in enumerate(found["pictures"]):
                picture(key, one, place)
    else:
        for place, one in enumerate(found["pictures"]):
            picture(key, one, place)
    told = found["blocks"]
    first = next((place for place, block in enumerate(told) if block["kind"] == "table"), len(told))
    if first:
        head(2, "What it rests on")
        blocks(told[:first])
    head(2, "All figures")
    blocks(told[first:])


def _opening(desk: Desk, key: str) -> Any:
    async def act() -> None:
        name = await asyncio.to_thread(desk.keep_scenario, key)
        ui.navigate.to(place_of("/scenario", name=name))

    return act
