"""One scenario: its form, built from the table of keys, and running it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from nicegui import ui

from ccsim.errors import CcsimError
from ccsim.web.boxes import Typed
from ccsim.web.desk import Desk, Opened
from ccsim.web.edit import Path
from ccsim.web.form import NAMED, Field, Part, parts
from ccsim.web.playing import boxes_of, faults_of
from ccsim.web.studies import OF_A_SCENARIO
from ccsim.web.views.forms import Form
from ccsim.web.views.frame import Who, apart, button, complain, doubt, framed, guarded, head, link, mark, place_of, say, settle

_AS_IT_IS = re.compile(r"[\d.]+( ?%| min| s| h| days?)?")
_MEAN = re.compile(r"mean ([\d.]+ \w+)(?:, cv ([\d.]+))?")
_AT_ONCE, _BETWEEN = 12, 0.05  # fields that are drawn in one go, and the pause after them [s]
_LONG = 60  # letters of a value from which its field is as wide as the page


def add(desk: Desk) -> None:
    """Put the view into the page."""

    @ui.page("/scenario", title="Scenario")
    async def scenario(name: str = "", forecast: str = "", into: str = "", day: str = "") -> None:
        who = Who()
        notes: list[str] = []
        try:
            if forecast:
                opened, notes = await asyncio.to_thread(desk.with_forecast, name, forecast, into, day)
                notes.insert(0, f"The calls of {into} are those of {forecast} now. Look at them, then save.")
            else:
                opened = await asyncio.to_thread(desk.open, name)
        except CcsimError as fault:
            with framed("Scenario", "/", name[:120] or "Scenario"):
                say(str(fault), "fault")
                link("Back to the scenarios", "/")
            return
        title = str(opened.draft.data().get("title", name))
        with framed(title[:80], "/", title):
            say(name, "names")
            for sentence in notes:
                say(sentence, "note")
            _Sheet(desk, opened, who).draw()


class _Sheet:
    """The form of one scenario in one browser."""

    def __init__(self, desk: Desk, opened: Opened, who: Who) -> None:
        self.desk, self.opened, self.who = desk, opened, who
        self.turn = asyncio.Lock()  # one change after the other, and a run after them all
        self.fields: dict[Path, Any] = {}
        self.hints: dict[Path, str] = {}
        self.values: dict[Path, str] = {}  # what stood in the fields as they were made
        self.unfolded: set[tuple[str, str]] = set()
        self.folds: dict[tuple[str, str], ui.expansion] = {}
        self.drawn_as_saved = True  # whether the fields were made of the file alone

    def draw(self) -> None:
        """All of it."""
        self._run_bar()
        with apart():
            self.state = ui.element("div")
        self._show_state()
        self.form()

    def _run_bar(self) -> None:
        with apart().classes("zone top"):
            draws = self.desk.workspace.draws()
            self.how = Form(boxes_of(self.opened.draft.built, draws), faults=self._faults_of_play, line=True)
            self.how.draw()
            self.play = button("Run", self._after(self._play), main=True)
            self.keep = button("Save", self._after(self._save))
            self.forget = button("Undo changes", self._after(self._undo))
            with ui.element("div").classes("line").style("align-items: center; margin-left: auto"):
                button("Duplicate", guarded(self._duplicate))
                link("Compare", f"/compare?first={quote(self.opened.name, safe='')}")
                link("Download", f"/files/{quote(self.opened.name)}", download=True)
            self.how.rest()
        self.how.act = self._after(self._play)
        self._studies()

    def _faults_of_play(self, typed: Typed) -> dict[str, str]:
        return faults_of(typed, self.opened.draft.built, self.desk.workspace.draws(), self.desk.fault_of_draws)

    def _studies(self) -> None:
        """Ways to what else can be asked of the scenario."""
        scenario = self.opened.draft.built
        fitting = [one for one in OF_A_SCENARIO if scenario is None or one.fits(scenario)]
        with ui.element("nav").classes("line next").props('aria-label="What else can be asked"'):
            say("What else to ask:", "soft")
            for one in fitting:
                link(one.title, place_of(f"/study/{one.name}", name=self.opened.name))

    @ui.refreshable_method
    def form(self) -> None:
        """The fields, part by part."""
        self.drawn_as_saved = not self.opened.draft.edits
        self.fields.clear()
        self.hints.clear()
        self.values.clear()
        self.folds.clear()
        told = parts(self.opened.draft.data())
        for part in told:
            if part.section not in NAMED:
                self._part(part)
        for section, (words, one) in NAMED.items():
            head(2, words)
            named = [part for part in told if part.section == section]
            for part in named:
                self._part(part)
            with ui.element("div").classes("line"):
                new = ui.input(f"Name of a new {one}").props("outlined dense hide-bottom-space").style("width: 18rem")
                button(f"Add {one}", self._after(self._adding(section, new)))

    def _part(self, part: Part) -> None:
        """One part, whose fields are made when it is unfolded."""
        key = (part.section, part.name)
        with apart():
            fold = ui.expansion(part.name or part.title, caption=part.summary, value=key in self.unfolded)
        self.folds[key] = fold
        fold.props("header-class=text-weight-medium").style("width: 100%")

        async def unfold() -> None:
            if fold.value and key not in drawn:
                drawn.add(key)
                self.unfolded.add(key)
                with fold:
                    place, rest = self._fields(part)
                await self._in_turns(place, rest)
            elif not fold.value:
                self.unfolded.discard(key)

        drawn: set[tuple[str, str]] = set()
        fold.on_value_change(unfold)
        if key in self.unfolded:
            drawn.add(key)
            with fold:
                place, rest = self._fields(part)
            with place:
                for one in rest:
                    self._field(one)

    async def _in_turns(self, place: ui.element, fields: list[Field]) -> None:
        """Draw fields a few at a time: the first are seen at once, and others have their pages in between."""
        for first in range(0, len(fields), _AT_ONCE):
            if place.is_deleted:
                return
            with place, apart().style("display: contents"):
                for one in fields[first : first + _AT_ONCE]:
                    self._field(one)
            await asyncio.sleep(_BETWEEN)

    def _fields(self, part: Part) -> tuple[ui.element, list[Field]]:
        """What is unfolded: the first fields that are shown; the others, and where they go."""
        fields = part.fields
        shown = [one for one in fields if one.shown]
        with ui.element("div").classes("fields").style("padding: .8rem") as first:
            for one in shown[:_AT_ONCE]:
                self._field(one)
        rest = [one for one in fields if not one.shown]
        with ui.element("div").classes("line").style("padding: 0 .8rem .8rem"):
            if rest:
                more = button(f"{len(rest)} more", lambda: None)

                async def show_rest() -> None:
                    more.delete()
                    await self._in_turns(place, rest)

                more.on_click(show_rest)
                more.props["aria-label"] = f"{len(rest)} more keys of {part.name or part.title}"
            if part.name:
                take = button("Take out", self._after(self._taking(part)))
                take.props["aria-label"] = f"Take out {part.name}"
        with apart():
            place = ui.element("div").classes("fields").style("padding: 0 .8rem")
        return first, shown[_AT_ONCE:]

    def _field(self, one: Field) -> None:
        hint = f"{one.row.meaning}. {one.hint[:1].upper()}{one.hint[1:]}" if one.hint else one.row.meaning
        hint = hint.replace("`", "")
        with apart() as around:
            if len(one.value) > _LONG:
                around.classes("wide")
            made: Any
            if one.choices:
                options = {"": "left out", **{choice: choice.replace("_", " ") for choice in one.choices}}
                value = one.value if one.value in options else ""
                options |= {one.value: one.value} if one.value and one.value not in options else {}
                made = ui.select(options, label=one.label, value=one.value or value)
            elif "list of" in one.row.kind or len(one.value) > _LONG:
                made = ui.textarea(one.label, value=one.value).props("autogrow")
            else:
                made = ui.input(one.label, value=one.value)
            made.props("outlined dense hide-bottom-space")
            made.props["hint"] = hint
            self.fields[one.path], self.hints[one.path], self.values[one.path] = made, hint, one.value
            self._mark(one.path)
            if one.choices:
                made.on_value_change(lambda event: self._typed(one.path, str(event.value or "")))
            else:
                made.on("blur", lambda: self._typed(one.path, str(made.value or "")))
                if "list of" not in one.row.kind:
                    made.on("keydown.enter", lambda: self._typed(one.path, str(made.value or "")))
            start = start_of(one)
            if start is not None:

                async def use(start: str = start) -> None:
                    made.set_value(start)
                    await self._typed(one.path, start)

                ui.button(f"Start with {start.strip('{}')}", on_click=use).props("flat dense no-caps size=sm").style("color: var(--blue)")

    async def _typed(self, path: Path, typed: str) -> None:
        """Take in a field, and say what is wrong where it is. The scenario is read in a thread: others have their pages meanwhile."""
        async with self.turn:
            await self._take_in(path, typed)

    async def _take_in(self, path: Path, typed: str) -> None:
        before = self.opened.draft.edits.get(path, self._value_before(path))
        if (before or "") == " ".join(typed.split()):
            self._show_state()
            return
        settle()
        value = await asyncio.to_thread(self.opened.draft.type, path, typed)
        made = self.fields.get(path)
        if made is not None and made.value != value:
            made.set_value(value)
        self._show_state()

    def _value_before(self, path: Path) -> str:
        place: Any = self.opened.draft.data()
        for part in path:
            place = place.get(part, {}) if isinstance(place, dict) else {}
        from ccsim.inputs.yaml_text import flow

        return "" if place == {} else str(place) if isinstance(place, str) else flow(place)

    def _show_state(self) -> None:
        """Errors beside their fields, and what stands above all."""
        draft = self.opened.draft
        for path in self.fields:
            self._mark(path)
        for part in parts(draft.data()) if self.folds else ():
            fold = self.folds.get((part.section, part.name))
            if fold is not None and fold.props.get("caption") != part.summary:
                fold.props["caption"] = part.summary
                fold.update()
        changed = len(draft.edits)
        self.play.set_text("Save and run" if changed else "Run")
        self.keep.set_visibility(bool(changed))
        self.forget.set_visibility(bool(changed))
        self.state.clear()
        with self.state:
            if changed:
                say(f"{changed} change{'' if changed == 1 else 's'} not saved. Save before you ask something else of the scenario.", "soft")
            if draft.fault:
                where = f"{' · '.join(draft.fault_at).replace('_', ' ')}: " if draft.fault_at else ""
                say(f"This cannot be run yet. {where}{draft.fault}", "fault")
            for path, question in draft.doubts.items():
                say(f"{' · '.join(path)}: {question}", "note")
            for warning in draft.warnings:
                say(warning, "note")

    def _mark(self, path: Path) -> None:
        """What is wrong or doubtful with a field, beside it."""
        draft, made = self.opened.draft, self.fields[path]
        mark(made, draft.fault if draft.fault_at[: len(path)] == path else "")
        doubt(made, draft.doubts.get(path, ""), self.hints[path])

    def _after(self, act: Callable[[], None]) -> Callable[[], Awaitable[None]]:
        """A deed that waits until what was typed before it is taken in."""

        async def done() -> None:
            async with self.turn:
                act()

        return guarded(done)

    def _adding(self, section: str, new: ui.input) -> Callable[[], None]:
        def act() -> None:
            name = str(new.value or "").strip()
            self.opened.draft.add(section, name)
            self.unfolded.add((section, name))
            self._again()

        return act

    def _taking(self, part: Part) -> Callable[[], None]:
        def act() -> None:
            self.opened.draft.take_out(part.section, part.name)
            self._again()

        return act

    def _again(self) -> None:
        self.form.refresh()
        self._show_state()

    def _undo(self) -> None:
        """Forget what was typed. Fields made of the file alone get back what it says; others are made anew."""
        draft = self.opened.draft
        typed = [path for path in draft.edits if path in self.fields]
        whole = len(typed) == len(draft.edits) and self.drawn_as_saved
        draft.undo()
        if not whole:
            self._again()
            return
        for path in typed:
            self.fields[path].set_value(self.values[path])
        self._show_state()

    def _save(self) -> None:
        before = self.opened.name
        self.opened = self.desk.save(self.opened)
        if self.opened.name != before:
            ui.navigate.to(f"/scenario?name={quote(self.opened.name, safe='')}")
            return
        self._again()
        ui.notify(f"Saved: {self.opened.name}", type="positive", position="top")

    def _duplicate(self) -> None:
        ui.navigate.to(f"/scenario?name={quote(self.desk.duplicate(self.opened.name), safe='')}")

    def _play(self) -> None:
        if self.opened.draft.fault:
            complain(f"This cannot be run yet. {self.opened.draft.fault}")
            return
        if not self.how.fine():
            complain("Nothing was saved and nothing is run: mend what is marked first.")
            return
        self.opened, job = self.desk.save_and_play(self.opened, self.how.typed, self.who.seat)
        ui.navigate.to(f"/job/{job.id}")


def start_of(one: Field) -> str | None:
    """The starting value of an empty field as it would be typed; None where it has none.

    >>> from types import SimpleNamespace as Row
    >>> start_of(Field(("calls", "a", "patience"), Row(start="mean 5 min"), "", True))
    '{mean: 5 min}'
    """
    if one.value or not one.row.start:
        return None
    if _AS_IT_IS.fullmatch(one.row.start):
        return one.row.start
    match = _MEAN.fullmatch(one.row.start)
    if match is None:
        return None
    return f"{{mean: {match[1]}" + (f", cv: {match[2]}" if match[2] else "") + "}"
