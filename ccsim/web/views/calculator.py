"""The calculator, and the contingents' card and `now`: forms whose answer stands below them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from nicegui import ui

from ccsim.web.blocks import text_block
from ccsim.web.boxes import Misfilled
from ccsim.web.calculator import BOXES
from ccsim.web.desk import Desk
from ccsim.web.jobs import Job
from ccsim.web.studies.pool import AT_THIS_MOMENT, CARD, NOW, SHARE
from ccsim.web.studies.rules import STUDY as RULES
from ccsim.web.views.forms import Asking, Form
from ccsim.web.views.frame import Who, apart, blocks, button, framed, guarded, head, link, say, watch


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
    with apart().classes("line"):
        chosen = ui.select({key: title for key, (title, _) in known.items()}, label="Scenario", value=name).props("outlined dense")
        chosen.style("min-width: 22rem")
        pools = known[name][1]
        pool = ui.select(pools, label="Pool", value=pools[0]).props("outlined dense").style("min-width: 12rem")

    def choose() -> None:
        names = known[str(chosen.value)][1]
        pool.set_options(names, value=names[0])

    chosen.on_value_change(choose)

    def typed(form: Form) -> dict[str, Any]:
        return {"pool": str(pool.value), **form.typed}

    head(2, NOW.title)
    say(NOW.asks, "soft")
    form = Asking(AT_THIS_MOMENT)
    form.draw()

    async def now() -> None:
        if not form.fine():
            return
        told = form.typed
        try:
            job = await asyncio.to_thread(desk.study, NOW.name, str(chosen.value), typed(form), who.seat)
        except Misfilled as fault:
            form.refuse(told, fault.faults)
            form.show({"error": " ".join(words for field, words in fault.faults.items() if field not in form.made)})
            return
        form.wait()
        answer = await _answer(job)
        if "key" in answer:
            found = await asyncio.to_thread(desk.shelf.shown, str(answer["key"]))
            answer = {**found, "blocks": [*map(text_block, found["said"]), *found["blocks"]]}
        form.show(answer, len(answer.get("said", ())), 3)

    form.button(NOW.act, now)

    head(2, CARD.title)
    say(CARD.asks, "soft")
    shares = Form((SHARE,))
    shares.draw()
    around = apart()
    with around:
        card_place = ui.element("div").style("display: flex; flex-direction: column; gap: .4rem")

    def made(job: Job) -> None:
        found = desk.shelf.shown(str((job.answer or {})["key"]))
        card_place.clear()
        with card_place:
            link("Open the page to print", f"/print/{found['key']}")
            blocks(found["blocks"])

    def card() -> None:
        if not shares.fine():
            return
        job = desk.study(CARD.name, str(chosen.value), typed(shares), who.seat)
        card_place.clear()
        with card_place:
            watch(desk, job, who, made)

    button(CARD.act, guarded(card), main=True).style("align-self: flex-start")
    around.move()
    say("What was found here is kept in the history, also the card to print.", "soft")

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
