"""The calculator, and the contingents' card and `now`: forms whose answer stands below them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from nicegui import ui

from ccsim.units import parse_clock, parse_duration
from ccsim.web import frontier
from ccsim.web.calculator import BOXES, Box, read_boxes, whole_number
from ccsim.web.desk import Desk
from ccsim.web.form import thousands
from ccsim.web.jobs import Job
from ccsim.web.views.frame import Who, blocks, button, doubt, framed, guarded, head, link, mark, say, watch

NOW: Final = (
    Box("at", "Time", "by the clock, such as 10:40", parse_clock, True),
    Box("waiting", "Callers who wait", "a whole number", whole_number, True),
    Box("oldest", "The oldest has waited", "such as 70 s; needed where somebody waits", parse_duration),
    Box("agents", "Agents on duty", "logged in and not on a break, without contingents", whole_number, True),
    Box("on", "Contingents on duty", "left out: 0", whole_number),
    Box("calls_so_far", "Calls so far today", "left out: the day is as busy as any", whole_number),
)


def add(desk: Desk) -> None:
    """Put the views into the page."""

    @ui.page("/calculator", title="Calculator")
    def calculator() -> None:
        who = Who()
        with framed("Calculator", "/calculator"):
            say("Erlang's formulas: one queue, one interval, everybody present. What they leave out, a scenario shows.", "soft")
            form = _Form(BOXES)
            form.draw()

            async def ask() -> None:
                values = form.read()
                if values is not None:
                    form.show(await _answer(desk.ask("calculate", "Calculator", values, who.seat)))

            form.button("Calculate", ask)

    @ui.page("/contingents", title="Contingents")
    async def contingents(name: str = "") -> None:
        who = Who()
        known = await asyncio.to_thread(desk.pools)
        with framed("Contingents", "/contingents", "Contingents on call"):
            _contingents(desk, who, name, known)


def _contingents(desk: Desk, who: Who, name: str, known: dict[str, tuple[str, list[str]]]) -> None:
    if not known:
        say("No scenario in this folder has contingents. Open one, and add a pool under Contingents.", "note")
        return
    name = name if name in known else next(iter(known))
    with ui.element("div").classes("line"):
        chosen = ui.select({key: title for key, (title, _) in known.items()}, label="Scenario", value=name).props("outlined dense")
        chosen.style("min-width: 22rem")
        pools = known[name][1]
        pool = ui.select(pools, label="Pool", value=pools[0]).props("outlined dense").style("min-width: 12rem")

    def choose() -> None:
        names = known[str(chosen.value)][1]
        pool.set_options(names, value=names[0])

    chosen.on_value_change(choose)

    def asked(**more: Any) -> dict[str, Any]:
        return {"name": str(chosen.value), "pool": str(pool.value), **more}

    head(2, "How many to call now")
    say("From what the wall board shows: what happens in the next two hours if 0, 1, ... of them are called at this moment.", "soft")
    form = _Form(NOW)
    form.draw()

    async def now() -> None:
        values = form.read()
        if values is not None:
            form.show(await _answer(desk.ask("now", "How many to call now", asked(**values), who.seat)), 2, 3)

    form.button("Look ahead", now)

    head(2, "The card for the supervisor")
    say("For each half-hour and number of agents on duty, the queue at which to call, on one page to print.", "soft")
    card_place = ui.element("div").style("width: 100%")

    def made(job: Job) -> None:
        card_place.clear()
        with card_place:
            link("Open the page to print", f"/card/{job.id}")
            answer = job.answer or {"blocks": [], "title": ""}
            blocks([block for block in answer["blocks"] if block.get("text") != answer["title"]])

    def card() -> None:
        job = desk.ask("card", "The card", asked(), who.seat)
        card_place.clear()
        with card_place:
            watch(desk, job, who, made)

    button("Make the card", guarded(card), main=True).style("align-self: flex-start")
    card_place.move()

    head(2, "Which rule is best")
    if not frontier.available():
        say(f"{frontier.MISSING[:1].upper()}{frontier.MISSING[1:]}.", "soft")
        return
    say("Rules for calling them in, from never to always: callers who wait too long against what the contingents cost.", "soft")
    rules_place = ui.element("div").style("width: 100%")

    def found(job: Job) -> None:
        answer = job.answer or {"blocks": [], "pictures": [], "title": "", "text": ""}
        name = str(job.asked["name"])

        def keep() -> None:
            ui.navigate.to(f"/scenario?name={quote(desk.keep_rule(name, str(answer['text'])), safe='')}")

        rules_place.clear()
        with rules_place:
            told = [block for block in answer["blocks"] if block.get("text") != answer["title"]]
            first = next((n for n, block in enumerate(told) if block["kind"] == "table"), len(told))
            blocks(told[:first], 2)
            button("Keep the scenario with this rule", guarded(keep)).style("align-self: flex-start")
            for place, one in enumerate(answer["pictures"]):
                with ui.element("figure"):
                    image = ui.element("img")
                    image.props["src"], image.props["alt"] = f"/job-picture/{job.id}/{place}.svg", f"{one['title']}. {one['words']}"
                    with ui.element("figcaption"):
                        ui.label(one["words"])
            blocks(told[first:])

    def search() -> None:
        job = desk.ask("frontier", "Rules for calling contingents", asked(), who.seat)
        rules_place.clear()
        with rules_place:
            watch(desk, job, who, found)

    button("Search the rules", guarded(search), main=True).style("align-self: flex-start")
    rules_place.move()


class _Form:
    """Fields, what is wrong beside each, and an answer below."""

    def __init__(self, boxes: tuple[Box, ...]) -> None:
        self.boxes = boxes
        self.made: dict[str, ui.input] = {}
        self.act: Callable[[], Any] = lambda: None

    def draw(self) -> None:
        """The fields."""
        with ui.element("div").classes("fields narrow"):
            for box in self.boxes:
                made = ui.input(f"{box.label}{' *' if box.required else ''}", value=box.first).props("outlined dense hide-bottom-space")
                made.props["hint"] = box.hint
                made.on("keydown.enter", lambda: self.act())
                made.on("blur", lambda box=box: self.look(box))
                self.made[box.name] = made

    def look(self, box: Box) -> None:
        """Say beside a field that was left what is wrong with it; an empty one may still be filled."""
        made = self.made[box.name]
        text = str(made.value or "").strip()
        mark(made, read_boxes((box,), {box.name: text})[1].get(box.name, "") if text else "")
        doubt(made, thousands(text, "") if box.name == "calls" else "", box.hint)

    def button(self, words: str, act: Callable[[], Any]) -> None:
        """The button that asks, and the place for the answer."""
        self.act = guarded(act)
        button(words, self.act, main=True).style("align-self: flex-start")
        self.place = ui.element("div").style("display: flex; flex-direction: column; gap: .7rem; width: 100%").props('aria-live="polite"')

    def read(self) -> dict[str, Any] | None:
        """What was typed; None where something is wrong, which then stands beside its field."""
        values, faults = read_boxes(self.boxes, {name: str(made.value or "") for name, made in self.made.items()})
        for name, made in self.made.items():
            mark(made, faults.get(name, ""))
        if not faults:
            self.place.clear()
            with self.place:
                say("Working on it ...", "soft")
        return None if faults else values

    def show(self, answer: Mapping[str, Any], strong: int = 3, level: int = 2) -> None:
        """The answer."""
        self.place.clear()
        with self.place:
            if "error" in answer:
                say(str(answer["error"])[:1].upper() + str(answer["error"])[1:], "fault")
            else:
                blocks([block for block in answer["blocks"] if block.get("text") != answer["title"]], strong, level)


async def _answer(job: Job) -> Mapping[str, Any]:
    """What a job came to, when it is over; `error` where it failed."""
    while not job.over.is_set():
        await asyncio.sleep(0.03)
    return {"error": job.error or "this was ended"} if job.state != "done" else job.answer or {}
