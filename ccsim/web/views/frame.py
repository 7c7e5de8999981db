"""What all views share: the frame around them, and how blocks, pictures and jobs look."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from weakref import WeakSet

from nicegui import Client, ui
from nicegui.elements.mixins.text_element import TextElement

from ccsim.errors import CcsimError
from ccsim.reporting.wording import duration
from ccsim.web.blocks import Block
from ccsim.web.desk import Desk
from ccsim.web.jobs import Job

VIEWS: Final = (
    ("/", "Scenarios"),
    ("/records", "Records"),
    ("/compare", "Compare"),
    ("/calculator", "Calculator"),
    ("/contingents", "Contingents"),
    ("/history", "History"),
)
LOOK: Final = 0.25  # s between looks at a job
_complaining: Final[WeakSet[Client]] = WeakSet()  # pages on which a complaint may stand
STYLE: Final = Path(__file__).with_name("style.css")


class Words(TextElement):
    """An element that holds text and nothing else; a label within it would double what a page has to build."""

    def __init__(self, tag: str, text: str) -> None:
        super().__init__(tag=tag, text=text)


class Who:
    """Who is looking: a mark of the browser, and whether it is the keeper's."""

    def __init__(self) -> None:
        request = ui.context.client.request
        self.seat: str = request.scope["ccsim.seat"]
        self.keeper: bool = request.scope["ccsim.keeper"]


@contextmanager
def framed(title: str, here: str, heading: str = "") -> Iterator[None]:
    """The frame of a view: title, ways to the others, and a heading."""
    ui.page_title(f"{title} · ccsim")
    ui.colors(primary="#00588c", negative="#a81a00", positive="#00664d")
    with ui.header(elevated=False), ui.element("div").classes("bar"):
        Words("a", "To the content").props('href="#content"').classes("skip")
        ui.label("ccsim").classes("mark")
        with ui.element("nav").classes("views").props('aria-label="Views"'):
            for place, name in VIEWS:
                Words("a", name).props(f'href="{place}"' + (' aria-current="page"' if place == here else ""))
    with ui.element("div").props('id="content" tabindex="-1"').style("display: contents"):
        head(1, heading or title)
        yield


def apart() -> ui.element:
    """A place whose changes leave the rest of the page alone.

    NiceGUI draws a page from its root down to the next component; what is in none is drawn anew with everything around it, which takes
    a tenth of a second on a long page. This is the plainest component that Quasar has.
    """
    return ui.element("q-card-section").classes("apart")


def head(level: int, text: str) -> None:
    """A heading."""
    Words(f"h{level}", text)


def say(text: str, look: str = "") -> ui.label:
    """A sentence; `look` is soft, note, fault or answer."""
    made = ui.label(text)
    made.classes(look)
    if look == "fault":
        made.props('role="alert"')
    return made


def blocks(told: Sequence[Block], answer: int = 0, level: int = 3) -> None:
    """Blocks as sentences and tables under headings of a level; the first `answer` sentences stand out."""
    box: ui.element | None = None
    for block in told:
        if block["kind"] == "table":
            grid(block, level)
            continue
        look = {"yellow": "note", "dim": "soft", "bold": ""}.get(block["look"], "")
        if block["look"] == "bold":
            head(level, block["text"])
        elif answer and not look:
            box = box or ui.element("div").classes("answer")
            with box:
                say(block["text"])
            answer -= 1
        else:
            say(block["text"], look)


def grid(block: Block, level: int = 3) -> None:
    """A table under a heading. Cells are text, whatever they hold."""
    if block["title"]:
        head(level, block["title"])
    heads = block["heads"] or [""] * len(block["right"])
    columns = [
        {"name": f"c{n}", "label": words, "field": f"c{n}", "align": "right" if right else "left"}
        for n, (words, right) in enumerate(zip(heads, block["right"], strict=True))
    ]
    rows = [
        {"id": number, "strong": number in block["strong"], **{f"c{n}": cell for n, cell in enumerate(row)}}
        for number, row in enumerate(block["rows"])
    ]
    with ui.element("div").classes("scrolls").props('tabindex="0" role="region"') as around:
        around.props["aria-label"] = block["title"] or "Table"
        made = ui.table(columns=columns, rows=rows, row_key="id", pagination=0).props("flat dense hide-pagination hide-bottom wrap-cells")
        if not block["heads"]:
            made.props("hide-header")
        made.add_slot(
            "header",
            "<q-tr :props='props'><template v-for='col in props.cols' :key='col.name'>"
            "<q-th v-if='col.label' :key='col.name' :props='props'>{{ col.label }}</q-th><td v-else class='blank'></td></template></q-tr>",
        )
        made.add_slot(
            "body",
            "<q-tr :props='props' :class=\"props.row.strong ? 'strong' : ''\">"
            "<q-td v-for='col in props.cols' :key='col.name' :props='props'>{{ col.value }}</q-td></q-tr>",
        )


def place_of(view: str, **told: str) -> str:
    """The address of a view with what it is told; what is empty is left out.

    >>> place_of("/scenario", name="plans/a b.yaml", day="")
    '/scenario?name=plans%2Fa%20b.yaml'
    """
    return "?".join(filter(None, (view, "&".join(f"{name}={quote(words, safe='')}" for name, words in told.items() if words))))


def picture(key: str, one: Mapping[str, str], place: int) -> None:
    """A chart of a kept answer, as an image of its own."""
    with ui.element("figure"):
        image = ui.element("img")
        image.props["src"] = f"/picture/{key}/{place}.svg"
        image.props["alt"] = f"{one['title']}. {one['words']}"
        image.props["loading"] = "lazy"
        with ui.element("figcaption"):
            ui.label(f"{one['of']}: {one['words']}" if "of" in one else one["words"])


def button(words: str, act: Callable[[], Any], *, main: bool = False) -> ui.button:
    """A button."""
    return ui.button(words, on_click=act).props("unelevated no-caps" if main else "outline no-caps")


def link(words: str, place: str, *, download: bool = False) -> None:
    """A link."""
    made = Words("a", words)
    made.props["href"] = place
    if download:
        made.props["download"] = ""


def guarded(act: Callable[[], Awaitable[None] | None]) -> Callable[[], Awaitable[None]]:
    """The same deed, with the sentence of what goes wrong shown in place of a fault."""

    async def done() -> None:
        settle()
        try:
            found = act()
            if found is not None:
                await found
        except CcsimError as fault:
            complain(str(fault))

    return done


def complain(sentence: str) -> None:
    """Show what went wrong until it is put away, or something else is asked."""
    settle()
    told = {"message": sentence, "type": "negative", "multiLine": True, "closeBtn": "Close", "timeout": 0, "position": "top"}
    ui.run_javascript(f"window.complaint = Quasar.Notify.create({json.dumps(told)})")
    _complaining.add(ui.context.client)


def settle() -> None:
    """Put away what went wrong before."""
    if ui.context.client in _complaining:
        _complaining.discard(ui.context.client)
        ui.run_javascript("window.complaint()")


def mark(made: Any, fault: str) -> None:
    """Say beside a field what is wrong with it, to eyes and to screen readers; an empty text says that nothing is."""
    if bool(made.props.get("error")) != bool(fault) or made.props.get("error-message", "") != fault:
        made.props["error"] = bool(fault)
        made.props["error-message"] = fault
        made.props["aria-invalid"] = "true" if fault else "false"
        made.update()


def doubt(made: Any, sentence: str, hint: str) -> None:
    """Ask beside a field whether what stands in it was meant, before what belongs in it; an empty sentence asks nothing."""
    words = f"{sentence} {hint}" if sentence else hint
    if made.props.get("hint") != words:
        made.props["hint"] = words
        made.classes(**({"add": "doubt"} if sentence else {"remove": "doubt"}))
        made.update()


def coarse(seconds: float) -> int:
    """A length of time in steps that its estimate is worth.

    >>> [coarse(s) for s in (0.2, 8.1, 42.0, 131.0, 1000.0, 4381.0)]
    [1, 8, 40, 120, 1020, 4500]
    """
    step = next((step for below, step in ((10, 1), (60, 5), (300, 30), (3600, 60)) if seconds < below), 300)
    return max(step * round(seconds / step), 1)


def left_words(job: Job) -> str:
    """How far a job is, in words."""
    if job.state == "waiting":
        return "Waiting for other runs to end"
    what = job.what[:1].upper() + job.what[1:] or "Starting"
    if job.total:
        what += f": {100 * job.done:.0f} %" if job.total == 1 else f": {job.done:,} of {job.total:,}"
    left = job.left
    if left is not None and job.done < job.total:
        what += f", about {duration(coarse(left))} left"
    return what


def running(desk: Desk, who: Who, over: Callable[[], Awaitable[None]] | None = None) -> None:
    """Ways to the jobs of everybody that are not done; `over` is called when one of them is."""

    @ui.refreshable
    def listed() -> None:
        jobs = desk.jobs.unfinished()
        if not jobs:
            return
        head(2, "Running now")
        for job in jobs:
            with ui.element("div").classes("line").style("align-items: center"):
                link(job.title, f"/job/{job.id}")
                say(left_words(job) + ("" if job.owner == who.seat else " · somebody else's"), "soft")

    listed()
    seen = {job.id: left_words(job) for job in desk.jobs.unfinished()}

    async def look() -> None:
        now = {job.id: left_words(job) for job in desk.jobs.unfinished()}
        if now == seen:
            return
        ended = seen.keys() - now.keys()
        seen.clear()
        seen.update(now)
        listed.refresh()
        if ended and over is not None:
            await over()

    ui.timer(1.0, look)


def watch(
    desk: Desk, job: Job, who: Who, done: Callable[[Job], Any], meanwhile: str = "", undone: Callable[[Job], Any] = lambda job: None
) -> None:
    """A job with its progress, the time left, and a way to end it for who may; `done` is called when it is over, `undone` where it came
    to nothing.

    The sentence `meanwhile` stands below it as long as it goes on.
    """
    with apart(), ui.element("div").props('role="status" aria-live="polite"'):
        words = say(left_words(job))
    with apart():
        bar = ui.linear_progress(value=0.0, show_value=False, size="10px").props('instant-feedback aria-label="Progress"')
    bar.props["indeterminate"] = True

    def end() -> None:
        desk.end(job.id, who.seat, who.keeper)

    if desk.jobs.may_end(job, who.seat, who.keeper):
        stop: ui.element = button("End this run", guarded(end)).style("align-self: flex-start")
    else:
        stop = say("Only who began this, or the keeper of this page, can end it.", "soft")
    still = say(meanwhile, "soft")
    still.set_visibility(bool(meanwhile))

    def look() -> None:
        if job.over.is_set():
            timer.deactivate()
            stop.set_visibility(False)
            still.set_visibility(False)
            bar.set_visibility(False)
            if job.state == "failed":
                words.set_text("")
                say(job.error[:1].upper() + job.error[1:], "fault")
                undone(job)
            elif job.state == "ended":
                words.set_text("Ended. Nothing was kept of it.")
                undone(job)
            else:
                words.set_text("Done.")
                done(job)
            return
        text = left_words(job)
        if words.text != text:
            words.set_text(text)
        share = job.share
        if share is not None and (bar.props.get("indeterminate") or bar.value != share):
            bar.props["indeterminate"] = False
            bar.set_value(share)
            bar.update()

    timer = ui.timer(LOOK, look)
