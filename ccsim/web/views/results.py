"""Jobs on their way, what came of them, and everything that was kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import quote

from nicegui import ui

from ccsim.errors import CcsimError
from ccsim.web.desk import Desk
from ccsim.web.jobs import Job
from ccsim.web.shelf import Kept
from ccsim.web.views import studies
from ccsim.web.views.frame import Who, apart, blocks, button, framed, grid, guarded, head, link, picture, place_of, running, say, watch

_MADE: Final = {"report": "the report", "rules": "the report with rules for contingents", "workbook": "the workbook"}


def add(desk: Desk) -> None:
    """Put the views into the page."""

    @ui.page("/job/{number}", title="Running")
    def job(number: str) -> None:
        who, found = Who(), desk.jobs.get(number)
        if found is None:
            with framed("Running", "/history", "This run is not known any more"):
                say("It may have ended before the page was started anew. Runs that were finished are all in the history.")
                link("To the history", "/history")
            return
        with framed("Running", "/history", found.title):
            if found.owner != who.seat:
                say("Somebody else began this." + (" As the keeper you may end it." if who.keeper else ""), "soft")
            meanwhile = "You may close this page; this goes on, and is in the history when it is done."
            watch(desk, found, who, lambda job: ui.navigate.to(_place_of(job)), meanwhile, _again)

    @ui.page("/result/{key}", title="Result")
    async def result(key: str) -> None:
        who = Who()
        try:
            found = await asyncio.to_thread(desk.shelf.shown, key)
        except CcsimError as fault:
            with framed("Result", "/history", "No such run"):
                say(str(fault), "fault")
                link("To the history", "/history")
            return
        if found["kind"] == "study":
            with framed(f"{found['heading']}: {found['title']}"[:100], "/history", found["heading"]):
                studies.show(desk, found)
            return
        with framed(found["title"][:80], "/history", found["title"]):
            told = [block for block in found["blocks"] if not (block["kind"] == "text" and block["text"] == found["title"])]
            first = next((n for n, block in enumerate(told) if block["kind"] == "table"), len(told))
            if found["kind"] == "compare":
                _comparison(found, told)
                return
            blocks(told[:first], answer=2)
            _ways_on(desk, found, who)
            if found["pictures"]:
                head(2, "The day")
            with ui.element("div").classes("charts"):
                for place, one in enumerate(found["pictures"]):
                    with ui.element("div").classes("wide" if one["name"] == "agents" else ""):
                        picture(key, one, place)
            head(2, "All figures")
            blocks(told[first:])

    @ui.page("/history", title="History")
    async def history() -> None:
        who = Who()
        try:
            kept = await asyncio.to_thread(desk.shelf.listed)
        except CcsimError as fault:
            with framed("History", "/history"):
                say(str(fault), "fault")
            return
        with framed("History", "/history"):
            listed = ui.refreshable(_kept)

            async def over() -> None:
                with suppress(CcsimError):  # what stands there stays
                    listed.refresh(await asyncio.to_thread(desk.shelf.listed))

            running(desk, who, over)
            listed(kept)


def _kept(kept: Sequence[Kept]) -> None:
    """What was finished, the newest first."""
    head(2, "Finished")
    if not kept:
        say("Nothing is kept yet. What is played or asked from this page stands here, whoever asked, also after a restart.")
        return
    say("The latest runs and studies of this page, newest first.", "soft")
    with ui.element("ul").style("list-style: none; margin: 0; padding: 0"):
        for one in kept:
            with ui.element("li").classes("line").style("padding: .35rem 0; border-bottom: 1px solid var(--line)"):
                with ui.element("div").style("flex: 1 1 24rem"):
                    link(one.title, f"/result/{one.key}")
                    at = one.at.astimezone().strftime("%d %B %Y, %H:%M").lstrip("0")
                    say(" · ".join(filter(None, (one.file, at, one.how))), "names")
                say(one.said).style("flex: 1 1 16rem")


def _place_of(job: Job) -> str:
    """Where to go when a job is done."""
    answer = job.answer or {}
    return f"/download/run-{answer['number']}/{answer['what']}" if job.kind == "make" else f"/result/{answer['key']}"


def _again(job: Job) -> None:
    """The way back to what was asked, as it was filled in."""
    name = str(job.asked.get("name", ""))
    if job.kind == "study" and not name:
        link("Change it and ask again", place_of("/records", ask=job.asked["study"], again=job.id))
    elif job.kind == "study":
        link("Change it and ask again", place_of(f"/study/{job.asked['study']}", name=name, again=job.id))
    elif name:
        link("Back to the scenario", place_of("/scenario", name=name))


def _ways_on(desk: Desk, found: dict[str, object], who: Who) -> None:
    """What can be done with a run: report, workbook, scenario, change it."""
    numbers, files, key = found["numbers"], found["files"], found["key"]
    assert isinstance(numbers, list)
    assert isinstance(files, list)
    number = int(numbers[0])
    with ui.element("div").classes("zone"):
        for what in _MADE:
            if desk.shelf.made(number, what) is not None:
                _made(number, what)
            elif what != "rules" or found.get("rules"):
                _maker(desk, number, what, who)
        link("Download the scenario", f"/download/{key}/scenario", download=True)
        if files:
            link("Change the scenario", f"/scenario?name={quote(str(files[0]), safe='')}")
            link("Compare it", f"/compare?first={quote(str(files[0]), safe='')}")


def _made(number: int, what: str) -> None:
    """Links to what was made of a run."""
    link(f"Download {_MADE[what]}", f"/download/run-{number}/{what}", download=True)
    if what != "workbook":
        link(f"Look at {_MADE[what]}", f"/download/run-{number}/{what}?look=1")


def _maker(desk: Desk, number: int, what: str, who: Who) -> None:
    """A button that has the report or workbook made, and then becomes the link to it."""
    with apart() as place:

        def made(job: Job) -> None:
            place.clear()
            with place:
                _made(number, what)

        def make() -> None:
            job = desk.make(number, what, who.seat)
            place.clear()
            with place:
                watch(desk, job, who, made)

        button(f"Make {_MADE[what]}", guarded(make))


def _comparison(found: dict[str, list[dict[str, object]]], told: list[dict[str, object]]) -> None:
    """Scenarios side by side: what was changed, the answer, the paired differences, charts in pairs."""
    from collections import defaultdict

    first = next(n for n, block in enumerate(told) if block["kind"] == "table" and block["title"] == "Over the open hours")
    sentences = [block for block in told[:first] if block["kind"] == "text" and block["look"] == ""]
    others = [block for block in told[:first] if block not in sentences]
    blocks(sentences, answer=len(sentences))
    for block in others:
        if block["kind"] == "table":
            grid(block, 2)
        else:
            say(str(block["text"]), "note" if block["look"] == "yellow" else "soft")
    blocks(told[first:], level=2)
    pairs: dict[str, list[tuple[int, dict[str, object]]]] = defaultdict(list)
    for place, one in enumerate(found["pictures"]):
        pairs[str(one["title"])].append((place, one))
    for title, both in pairs.items():
        head(2, title)
        with ui.element("div").classes("pair"):
            for place, one in both:
                picture(str(found["key"]), one, place)  # type: ignore[arg-type]
