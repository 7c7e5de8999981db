"""Jobs on their way, what came of them, and everything that was kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from urllib.parse import quote

from nicegui import ui

from ccsim.errors import CcsimError
from ccsim.reporting.wording import half_width, value
from ccsim.web.desk import Desk
from ccsim.web.jobs import Job
from ccsim.web.views.frame import Who, blocks, button, framed, grid, guarded, head, link, picture, say, watch


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
            meanwhile = "You may close this page; the run goes on, and is in the history when it is done."
            watch(desk, found, who, lambda job: ui.navigate.to(_place_of(job)), meanwhile)

    @ui.page("/result/{key}", title="Result")
    def result(key: str) -> None:
        who = Who()
        try:
            found = desk.shown(key)
        except CcsimError as fault:
            with framed("Result", "/history", "No such run"):
                say(str(fault), "fault")
                link("To the history", "/history")
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
    def history() -> None:
        with framed("History", "/history"):
            try:
                heads = desk.runs()
            except CcsimError as fault:
                say(str(fault), "fault")
                return
            if not heads:
                say("No run is kept yet. What is played from this page stands here, whoever played it, also after a restart.")
                return
            say(f"The {len(heads)} latest runs of this page, newest first.", "soft")
            with ui.element("ul").style("list-style: none; margin: 0; padding: 0"):
                for told in heads:
                    with ui.element("li").classes("line").style("padding: .35rem 0; border-bottom: 1px solid var(--line)"):
                        with ui.element("div").style("flex: 1 1 24rem"):
                            link(f"Run {told['number']}: {told['title']}", f"/result/run-{told['number']}")
                            say(_when(told), "names")
                        say(f"{value(told['lead'])}{half_width(told['lead'])} answered in time").style("min-width: 16rem")


def _when(told: dict[str, object]) -> str:
    at = dt.datetime.fromisoformat(str(told["kept_at"])).astimezone().strftime("%d %B %Y, %H:%M").lstrip("0")
    by = " · compared with others" if told["command"] == "compare" else ""
    return f"{Path(str(told['file'])).name if told['file'] else ''} · {at} · {told['replications']:,} days · seed {told['seed']}{by}"


def _place_of(job: Job) -> str:
    """Where to go when a job is done."""
    answer = job.answer or {}
    return f"/download/run-{answer['number']}/{answer['what']}" if job.kind == "make" else f"/result/{answer['key']}"


def _ways_on(desk: Desk, found: dict[str, object], who: Who) -> None:
    """What can be done with a run: report, workbook, scenario, change it."""
    numbers, files, key = found["numbers"], found["files"], found["key"]
    assert isinstance(numbers, list)
    assert isinstance(files, list)
    number = int(numbers[0])
    with ui.element("div").classes("zone"):
        for what, words in (("report", "report"), ("workbook", "workbook")):
            if desk.made(number, what) is not None:
                link(f"Download the {words}", f"/download/{key}/{what}", download=True)
                if what == "report":
                    link("Look at the report", f"/download/{key}/report?look=1")
            else:
                _maker(desk, number, what, who)
        link("Download the scenario", f"/download/{key}/scenario", download=True)
        if files:
            link("Change the scenario", f"/scenario?name={quote(str(files[0]), safe='')}")
            link("Compare it", f"/compare?first={quote(str(files[0]), safe='')}")


def _maker(desk: Desk, number: int, what: str, who: Who) -> None:
    """A button that has the report or workbook made, and then becomes the link to it."""
    with ui.element("div") as place:

        def made(job: Job) -> None:
            place.clear()
            with place:
                link(f"Download the {what}", f"/download/run-{number}/{what}", download=True)
                if what == "report":
                    say(" ")
                    link("Look at the report", f"/download/run-{number}/report?look=1")

        def make() -> None:
            job = desk.make(number, what, who.seat)
            place.clear()
            with place:
                watch(desk, job, who, made)

        button(f"Make the {what}", guarded(make))


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
