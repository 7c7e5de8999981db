"""The calculator, and the contingents' card and `now`: forms whose answer stands below them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from nicegui import ui

from ccsim.units import parse_clock, parse_duration
from ccsim.web.boxes import Box, counts, number_from, part_of_all, some_time, whole_number
from ccsim.web.calculator import BOXES
from ccsim.web.desk import Desk
from ccsim.web.jobs import Job
from ccsim.web.studies.common import SEED
from ccsim.web.studies.rules import STUDY as RULES
from ccsim.web.views.forms import Asking, Form
from ccsim.web.views.frame import Who, blocks, button, framed, guarded, head, link, say, watch

JUDGED: Final = {"target": "a quarter hour misses the target", "anyone": "somebody waits too long"}
NOW: Final = (
    Box("at", "Time", "by the clock, such as 10:40", parse_clock, True),
    Box("waiting", "Callers who wait", "a whole number, or english=12, spanish=2", counts, True),
    Box("oldest", "The oldest has waited", "such as 70 s; needed where somebody waits", parse_duration),
    Box("agents", "Agents on duty", "logged in and not on a break, without contingents; or by group", counts, True),
    Box("on", "Contingents on duty", "left out: 0", counts),
    Box("calls_so_far", "Calls so far today", "left out: the day is as busy as any", counts),
    Box("free", "Agents without a call", "left out: drawn where nobody waits", whole_number, more=True),
    Box("asked", "How often each was asked this week", "left out: never", whole_number, more=True),
    Box("activations", "Activations so far", "where the pool has at_most", whole_number, more=True),
    Box("logged_in", "Hours on so far", "of all its people, where it has at_most; such as 12 h", parse_duration, more=True),
    Box("level", "Chance to keep below", "left out: 20 %", part_of_all, more=True),
    Box("judge", "What is to be avoided", "left out: as the target says", choices=JUDGED, more=True),
    Box("by", "How the number is chosen", "left out: by the chance", choices={"chance": "by the chance", "cost": "by the cost"}, more=True),
    Box("span", "How far to look ahead", "left out: 2 h; up to 4 h", some_time, more=True),
    Box("futures", "Futures to play", "left out: what two seconds allow", number_from(1, 100_000), more=True),
    Box(SEED.name, SEED.label, SEED.hint, SEED.read, more=True),
)
CARD: Final = (Box("share", "Calls that may wait too long", "left out: what the target leaves; less calls sooner", part_of_all),)


def add(desk: Desk) -> None:
    """Put the views into the page."""

    @ui.page("/calculator", title="Calculator")
    def calculator() -> None:
        who = Who()
        with framed("Calculator", "/calculator"):
            say("Erlang's formulas: one queue, one interval, everybody present. What they leave out, a scenario shows.", "soft")
            form = Asking(BOXES)
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
    form = Asking(NOW)
    form.draw()

    async def now() -> None:
        values = form.read()
        if values is not None:
            form.show(await _answer(desk.ask("now", "How many to call now", asked(**values), who.seat)), 2, 3)

    form.button("Look ahead", now)

    head(2, "The card for the supervisor")
    say("For each half-hour and number of agents on duty, the queue at which to call, on one page to print.", "soft")
    shares = Form(CARD)
    shares.draw()
    card_place = ui.element("div").style("width: 100%")

    def made(job: Job) -> None:
        card_place.clear()
        with card_place:
            link("Open the page to print", f"/card/{job.id}")
            answer = job.answer or {"blocks": [], "title": ""}
            blocks([block for block in answer["blocks"] if block.get("text") != answer["title"]])

    def card() -> None:
        values = shares.read()
        if values is None:
            return
        job = desk.ask("card", "The card", asked(**values), who.seat)
        card_place.clear()
        with card_place:
            watch(desk, job, who, made)

    button("Make the card", guarded(card), main=True).style("align-self: flex-start")
    card_place.move()

    head(2, "Which rule is best")
    say(f"{RULES.asks}", "soft")

    def search() -> None:
        job = desk.study(RULES.name, str(chosen.value), {"pool": str(pool.value)}, who.seat)
        ui.navigate.to(f"/job/{job.id}")

    button(RULES.act, guarded(search), main=True).style("align-self: flex-start")


async def _answer(job: Job) -> Mapping[str, Any]:
    """What a job came to, when it is over; `error` where it failed."""
    while not job.over.is_set():
        await asyncio.sleep(0.03)
    return {"error": job.error or "this was ended"} if job.state != "done" else job.answer or {}
