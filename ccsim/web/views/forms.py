"""A form of fields (`ccsim.web.boxes`): what is wrong stands beside each, and fields come and go with what they belong to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from nicegui import ui

from ccsim.errors import CcsimError
from ccsim.web.boxes import Box, Typed, read_boxes
from ccsim.web.form import thousands
from ccsim.web.views.frame import apart, blocks, button, doubt, guarded, mark, say, settle

_MANY: Final = 12  # choices from which a field is searched by typing


class Form:
    """Fields in a grid, or on a `line` of their own. `faults` says what is wrong with what was typed, by field, if more than the fields
    can say by themselves."""

    def __init__(
        self,
        boxes: Sequence[Box],
        typed: Typed | None = None,
        faults: Callable[[Typed], Mapping[str, str]] | None = None,
        line: bool = False,
    ) -> None:
        self.boxes, self.before, self.line = tuple(boxes), typed or {}, line
        self.faults = faults or (lambda typed: read_boxes(self.boxes, typed)[1])
        self.made: dict[str, Any] = {}
        self.around: dict[str, ui.element] = {}
        self.looked_at: dict[str, Any] = {}  # what stood in a field as it was left
        self.refused: tuple[Typed, Mapping[str, str]] = {}, {}  # what was typed as it was last refused, and what was wrong, by field
        self.act: Callable[[], Any] = lambda: None
        self.fold: ui.expansion | None = None

    def draw(self) -> None:
        """The fields."""
        usual = [box for box in self.boxes if not box.more]
        if self.line:
            for box in usual:
                self._field(box)
        else:
            with apart().classes("fields narrow"):
                for box in usual:
                    self._field(box)
            self.rest()
        self._belonging()

    def rest(self) -> None:
        """What few need, folded away, and not made before it is unfolded; of fields on a line it comes after what else stands there."""
        rest = [box for box in self.boxes if box.more]
        if not rest:
            return
        fold = self.fold = ui.expansion("More", caption=", ".join(box.label.lower() for box in rest)).style("width: 100%")

        def unfold() -> None:
            if any(box.name in self.around for box in rest):
                return
            with fold, ui.element("div").classes("fields narrow").style("padding: .8rem"):
                for box in rest:
                    self._field(box)

        fold.on_value_change(unfold)
        if any(self.before.get(box.name) for box in rest):
            fold.set_value(True)

    def _field(self, box: Box) -> None:
        """The field itself, where it belongs to what stands in the others so far; else only its place."""
        if box.name not in self.around:
            self.around[box.name] = apart().classes("wide" if box.wide else "")
        if not box.here({**self.before, **self.typed}):
            return
        label, first = f"{box.label}{' *' if box.required else ''}", self.before.get(box.name) or box.first
        with self.around[box.name]:
            made: Any
            if box.choices:
                made = self._choice(box, label, first)
            elif box.wide:
                made = ui.textarea(label, value=str(first)).props("autogrow")
            else:
                made = ui.input(label, value=str(first))
                made.on("keydown.enter", lambda: self.act())
            made.props("outlined dense hide-bottom-space")
            made.props["hint"] = box.hint
            if self.line:
                made.style("width: 100%" if box.more else "width: 12rem")
            if not box.choices:
                made.on("blur", lambda: self.look(box))
        self.made[box.name] = made

    def _choice(self, box: Box, label: str, first: Any) -> ui.select:
        options = dict(box.choices) if box.required or box.several or box.first else {"": "left out", **box.choices}
        if box.several:
            chosen: Any = [one for one in (first or []) if one in options]
        else:
            chosen = first if first in options else ("" if "" in options else None)
        made = ui.select(options, label=label, value=chosen, multiple=box.several, with_input=len(options) > _MANY)
        if box.several:
            made.props("use-chips")
        made.on_value_change(lambda: self.look(box))
        return made

    @property
    def typed(self) -> dict[str, Any]:
        """What stands in the fields."""
        return {name: made.value if isinstance(made.value, list) else str(made.value or "") for name, made in self.made.items()}

    def look(self, box: Box) -> None:
        """Say beside a field that was left what is wrong with it; an empty one may still be filled. Where it was changed, a complaint from
        before is put away."""
        self._belonging()
        made, typed = self.made[box.name], self.typed
        told = typed[box.name]
        if told != self.looked_at.get(box.name, ""):
            settle()
        self.looked_at[box.name] = told
        empty = not (told.strip() if isinstance(told, str) else told)
        refused = self.refused[1] if typed == self.refused[0] else {}
        mark(made, "" if empty else self.faults(typed).get(box.name, "") or refused.get(box.name, ""))
        if box.name == "calls":
            doubt(made, thousands(str(told).strip(), ""), box.hint)

    def _belonging(self) -> None:
        for box in self.boxes:
            if box.belongs is not None:
                here = box.here(self.typed)
                if box.name not in self.around:
                    continue
                if here and box.name not in self.made:
                    self._field(box)
                self.around[box.name].set_visibility(here)

    def refuse(self, typed: Typed, faults: Mapping[str, str]) -> None:
        """Say beside each field what whoever was asked found wrong with what was typed. It stands until something else is typed: a field
        may tell that it was left only after the answer has come."""
        self.refused = typed, faults
        self.mark(faults)

    def mark(self, faults: Mapping[str, str]) -> None:
        """Say beside each field what is wrong with it."""
        for name, made in self.made.items():
            mark(made, faults.get(name, ""))
        if self.fold is not None and any(box.more and box.name in faults for box in self.boxes):
            self.fold.set_value(True)

    def fine(self) -> bool:
        """Whether everything can be used; what cannot be stands beside its field."""
        faults = self.faults(self.typed)
        self.mark(faults)
        return not faults

    def read(self) -> dict[str, Any] | None:
        """The values; None where something is wrong."""
        return read_boxes(self.boxes, self.typed)[0] if self.fine() else None


class Asking(Form):
    """A form whose answer stands below it. A question that is refused takes away the answer to the one before."""

    def button(self, words: str, act: Callable[[], Awaitable[None]]) -> None:
        """The button that asks, and the place for the answer."""

        async def asked() -> None:
            try:
                await act()
            except CcsimError:
                self.place.clear()
                raise

        self.act = guarded(asked)
        button(words, self.act, main=True).style("align-self: flex-start")
        with apart():
            self.place = ui.element("div").style("display: flex; flex-direction: column; gap: .7rem").props('aria-live="polite"')

    def read(self) -> dict[str, Any] | None:
        """The values; None where something is wrong."""
        values = super().read()
        if values is not None:
            self.wait()
        return values

    def fine(self) -> bool:
        """Whether everything can be used; where not, no answer stands below."""
        fine = super().fine()
        if not fine:
            self.place.clear()
            with self.place:
                say("No answer: mend the fields that are marked above, and ask again.", "soft")
        return fine

    def wait(self) -> None:
        """Say that the answer is on its way."""
        self.place.clear()
        with self.place:
            say("Working on it ...", "soft")

    def show(self, answer: Mapping[str, Any], strong: int = 3, level: int = 2) -> None:
        """The answer."""
        self.place.clear()
        with self.place:
            if answer.get("error"):
                say(str(answer["error"])[:1].upper() + str(answer["error"])[1:], "fault")
            elif "blocks" in answer:
                blocks([block for block in answer["blocks"] if block.get("text") != answer["title"]], strong, level)
