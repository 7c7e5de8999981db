"""The desk: everything that the page can do, without the page. Views ask it, tests ask it, and it knows no browser.

`who` is a mark of the browser that asks; it owns what it began.
"""

from __future__ import annotations

import logging
import logging.handlers
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ccsim.errors import CcsimError, InputError, ScenarioError
from ccsim.inputs import Scenario, loads
from ccsim.inputs.document import Plain, read_document
from ccsim.inputs.files import read_text
from ccsim.inputs.yaml_text import flow
from ccsim.units import parse_date
from ccsim.web import work
from ccsim.web.blocks import in_fields
from ccsim.web.boxes import YES, Misfilled, Typed, read_boxes, sentence
from ccsim.web.edit import edited
from ccsim.web.forecast import Forecast, read_forecast
from ccsim.web.form import Draft
from ccsim.web.guard import new_key
from ccsim.web.jobs import LANES, NICE, Job, Jobs
from ccsim.web.notices import Notices
from ccsim.web.playing import COMPARED, how_played
from ccsim.web.refusals import LOG, Refused
from ccsim.web.shelf import Shelf
from ccsim.web.studies import study_of
from ccsim.web.studies.study import Subject
from ccsim.web.workspace import FORECASTS, LARGEST_UPLOAD, SCENARIOS, TABLES, Entry, Workspace

LARGEST_TEXT: Final = 4_000_000  # bytes of a scenario file


@dataclass(frozen=True)
class Opened:
    """A scenario opened for changing."""

    name: str
    known: str  # mark of the file as it was opened
    draft: Draft
    saves_over: bool  # False for a workbook, whose changes are saved as a scenario file of their own


class Desk:
    """What the page works with: a folder, jobs and a history. Raises `InputError` for a folder that cannot be used."""

    def __init__(
        self, folder: str | Path, keeper: str = "", ready: bool = False, lanes: Mapping[str, int] = LANES, nice: int = NICE
    ) -> None:
        self.workspace = Workspace(folder)
        self.shelf = Shelf(self.workspace)
        self.keeper = keeper or new_key()
        self.jobs = Jobs(work.do, lanes, ready, nice)
        self.notices = Notices()
        self._pools: dict[str, tuple[tuple[float, int], str, list[str]]] = {}
        self._log()

    def close(self) -> None:
        """End what runs, and let go of the log."""
        self.jobs.close()
        LOG.removeHandler(self._handler)
        self._handler.close()

    def _log(self) -> None:
        """Write refusals and faults into the page's own log, which does not grow without end."""
        self._handler = logging.handlers.RotatingFileHandler(self.workspace.own / "page.log", maxBytes=1_000_000, backupCount=1)
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        LOG.addHandler(self._handler)
        LOG.setLevel(logging.INFO)

    # Files

    def scenarios(self) -> list[Entry]:
        """Scenarios in the folder."""
        return self.workspace.scenarios()

    def forecasts(self) -> list[Entry]:
        """Forecasts that were dropped or pasted."""
        return [entry for entry in self.workspace.entries(TABLES) if entry.name.startswith(f"{FORECASTS}/")]

    def pools(self) -> dict[str, tuple[str, list[str]]]:
        """Scenarios that have contingents: by file their title and the names of their pools. What did not change is not read again."""
        found = {}
        for entry in self.scenarios():
            known = self._pools.get(entry.name)
            if known is None or known[0] != (entry.changed, entry.size):
                try:
                    scenario = self.workspace.load(entry.name)
                    known = ((entry.changed, entry.size), scenario.title, list(scenario.contingent))
                except CcsimError:
                    known = ((entry.changed, entry.size), "", [])
                self._pools[entry.name] = known
            if known[2]:
                found[entry.name] = known[1:]
        return found

    def dropped(self, name: str, content: bytes) -> str:
        """Keep a file that was dropped on the page: where to go to see it, a scenario or a forecast.

        A file that is neither is not kept; raises `CcsimError` with what is wrong with it.
        """
        if len(content) > LARGEST_UPLOAD:
            raise Refused(f"the file has {len(content):,} bytes; the page takes at most {LARGEST_UPLOAD:,}")
        ending = Workspace.safe_name(name, {*SCENARIOS, *TABLES})[1]
        if ending == ".csv" or (ending == ".xlsx" and not self._is_scenario_book(content)):
            kept = self.workspace.add(name, content, FORECASTS)
            try:
                self.forecast(kept)
            except CcsimError:
                self.workspace.path(kept).unlink()
                raise
            return f"/forecast?name={_quoted(kept)}"
        kept = self.workspace.add(name, content)
        try:
            self.workspace.load(kept)
        except CcsimError:
            self.workspace.path(kept).unlink()
            raise
        LOG.info("kept %s, %d bytes", kept, len(content))
        return f"/scenario?name={_quoted(kept)}"

    @staticmethod
    def _is_scenario_book(content: bytes) -> bool:
        """Whether a workbook has a sheet of a scenario; anything that is no workbook has none."""
        import io
        import zipfile
        import zlib

        from ccsim.inputs.book_layout import KEY_SHEETS

        try:
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                if book.getinfo("xl/workbook.xml").file_size > LARGEST_UPLOAD:
                    return False
                listing = book.read("xl/workbook.xml").decode("utf-8", "replace")
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError, RuntimeError, NotImplementedError):
            return False
        return any(f'name="{sheet}"' in listing for sheet in KEY_SHEETS)

    def forecast(self, name: str) -> Forecast:
        """The forecast in a file of the folder; raises `InputError`."""
        path = self.workspace.path(name)
        if path.suffix.lower() == ".xlsx":
            from ccsim.inputs.book_file import sheets_of

            sheets_of(path, name)  # refuses what would fill the memory
        return read_forecast(path, name)

    def open(self, name: str) -> Opened:
        """A scenario to look at and to change; raises `CcsimError`."""
        path = self.workspace.path(name)
        book = path.suffix.lower() == ".xlsx"
        text = (
            self.workspace.load(name).text if book else read_text(path, lambda sentence: ScenarioError(f"{name}: {sentence}"), LARGEST_TEXT)
        )
        try:
            draft = Draft(text, path.parent)
        except ScenarioError:  # what is no YAML cannot be mended in a form
            read_document(text, name)
            raise
        return Opened(name, self.workspace.print_of(name), draft, not book)

    def save(self, opened: Opened, as_name: str = "") -> Opened:
        """Save what was changed, over the file or under another name; what is opened then. Raises `CcsimError`."""
        draft = opened.draft
        draft.scenario()
        text = draft.current
        if as_name or not opened.saves_over:
            wanted = (as_name or Path(opened.name).stem).strip()
            below = str(Path(opened.name).parent)
            name = self.workspace.add(wanted if wanted.lower().endswith((".yaml", ".yml")) else f"{wanted}.yaml", text.encode(), below)
            return self.open(name)
        self.workspace.save(opened.name, text, opened.known)
        return self.open(opened.name)

    def duplicate(self, name: str) -> str:
        """Make a copy of a scenario beside it, with a title of its own; its name. Raises `CcsimError`."""
        opened = self.open(name)
        title = str(opened.draft.data().get("title", Path(name).stem))
        opened.draft.type(("title",), f"{title} (copy)"[:200])
        return self.save(opened, f"{Path(name).stem}-copy").name

    def new(self, typed: Mapping[str, Any]) -> str:
        """A new scenario of the least that a planner knows; its name. Raises `CcsimError`."""
        draft = Draft("open: 08:00-18:00\ncalls: {calls: {volume: 1, handle_time: 1 min}}\n", None)
        title = str(typed.get("title") or "").strip() or "New scenario"
        draft.type(("title",), title)
        draft.type(("open",), typed["open"])
        draft.type(("calls", "calls", "volume"), typed["volume"])
        draft.type(
            ("calls", "calls", "handle_time"),
            f"{{mean: {typed['handle_time']}, cv: {typed['cv']}}}" if typed.get("cv") else typed["handle_time"],
        )
        if typed.get("patience"):
            draft.type(("calls", "calls", "patience"), f"{{mean: {typed['patience']}}}")
        draft.type(("target", "wait"), typed["wait"])
        draft.type(("target", "share"), typed["share"])
        if typed.get("agents"):
            draft.type(("staff", "agents", "agents"), typed["agents"])
        if draft.fault:
            where = f"{' '.join(draft.fault_at)}: " if draft.fault_at else ""
            raise InputError(f"{where}{draft.fault}")
        return self.workspace.add(f"{title}.yaml", draft.current.encode())

    def keep_scenario(self, key: str) -> str:
        """Keep the scenario that came of a study beside the one that it was about; its name. Raises `CcsimError`."""
        found = self.shelf.shown(key)
        if not found.get("text"):
            raise InputError("no scenario came of this")
        origin = found["files"][0] if found["files"] else found.get("beside") or ""
        name = origin or f"{found['study']}.yaml"
        below, suffix, text = Path(name).parent, found["suffix"], found["text"]
        scenario = loads(text, self.workspace.root / below)
        if origin and suffix:  # two of one title could not be told apart
            text = edited(text, {("title",): flow(Plain(f"{scenario.title} ({suffix})"[:200]))})
        stem = Path(name).stem + (f"-{suffix}" if suffix else "")
        kept = self.workspace.add(f"{stem}.yaml", text.encode(), str(below))
        if found.get("draws"):
            self.workspace.add(f"{Path(kept).stem}.draws.json", found["draws"].encode(), str(below))
        return kept

    def with_forecast(self, name: str, forecast: str, call_type: str, date: str = "") -> tuple[Opened, list[str]]:
        """A scenario opened with a forecast typed into it, not saved yet, and what to mind. Raises `CcsimError`."""
        opened = self.open(name)
        found = self.forecast(forecast)
        scenario = opened.draft.scenario()
        if call_type not in scenario.calls:
            raise InputError(f"there is no call type “{call_type[:60]}” in {name}")
        edits, notes = found.edits(scenario, call_type, parse_date(date) if date else None)
        opened.draft.edits.update(edits)
        opened.draft.check()
        if opened.draft.fault:
            raise InputError(opened.draft.fault)
        return opened, notes

    # Jobs

    def save_and_play(self, opened: Opened, typed: Mapping[str, Any], who: str) -> tuple[Opened, Job]:
        """Save what was changed and begin a run of it: what is opened then, and the run. Raises `CcsimError` before a file is written."""
        scenario = opened.draft.scenario()
        self._how(typed, scenario)
        _check_staff(scenario)
        self.jobs.check_room("runs")
        if opened.draft.edits:
            opened = self.save(opened)
        return opened, self.play(opened.name, typed, who)

    def play(self, name: str, typed: Mapping[str, Any], who: str) -> Job:
        """Begin a run; raises `CcsimError`."""
        scenario = self.workspace.load(name)
        asked = {"folder": str(self.workspace.root), "name": name, **self._how(typed, scenario)}
        return self._start("run", scenario, asked, who)

    def _how(self, typed: Typed, scenario: Scenario) -> dict[str, Any]:
        return how_played(typed, scenario, self.workspace.draws(), self.fault_of_draws)

    def fault_of_draws(self, name: str, scenario: Scenario) -> str:
        """Why the sets of parameters in a file are not those of a scenario; "" where they are."""
        from ccsim.fitting.draws_file import check_draws, read_draws

        try:
            check_draws(read_draws(self.workspace.path(name)), scenario, name)
        except CcsimError as fault:
            return in_fields(work.within(str(fault), str(self.workspace.root)))
        return ""

    def compare(self, names: list[str], typed: Mapping[str, Any], who: str) -> Job:
        """Begin a comparison; raises `CcsimError`."""
        from ccsim.experiment.by_interval import check_same_intervals
        from ccsim.experiment.changes import check_comparable
        from ccsim.experiment.compare import leading_measure
        from ccsim.experiment.ranking import parse_within

        values, faults = read_boxes(COMPARED, typed)
        if faults:
            raise Misfilled(faults, {box.name: box.name for box in COMPARED})
        if not 2 <= len(set(names)) == len(names) <= 6:
            raise InputError("choose two scenarios to compare, or up to six, each of them once")
        scenarios = {name: self.workspace.load(name) for name in names}
        check_comparable(scenarios)
        values["intervals"] = values["intervals"] == YES or None
        if values["intervals"]:
            check_same_intervals(list(scenarios.values()))
        if values["within"]:
            try:
                parse_within(values["within"], leading_measure(list(scenarios.values()), values["measure"]))
            except InputError as fault:
                raise Misfilled({"within": sentence(fault)}, {"within": "within"}) from None
        asked = {"folder": str(self.workspace.root), "names": names, "replications": values["days"], **values}
        return self._start("compare", scenarios[names[0]], asked, who, f"{len(names)} scenarios compared")

    def make(self, number: int, what: str, who: str) -> Job:
        """Begin making the report or workbook of a kept run; where that is on its way already, whoever asked, it is the same job."""
        for job in self.jobs.unfinished():
            if job.kind == "make" and (job.asked["number"], job.asked["what"]) == (number, what):
                return job
        asked = {"folder": str(self.workspace.root), "number": number, "what": what}
        named = "report with rules for contingents" if what == "rules" else what
        return self.jobs.start("make", f"The {named} of run {number}", asked, who)

    def ask(self, kind: str, title: str, asked: Mapping[str, Any], who: str) -> Job:
        """Begin something that takes seconds: the calculator, the card, `now`."""
        return self.jobs.start(kind, title, {"folder": str(self.workspace.root), **asked}, who, "quick")

    def study(self, of: str, name: str, typed: Typed, who: str) -> Job:
        """Begin a study of a scenario, or with the name "" of the folder.

        Raises `Misfilled` with what is wrong by field, and `CcsimError` for a scenario that cannot be read.
        """
        one, subject = study_of(of), Subject(self.workspace, name)
        title = subject.scenario.title if name else ""
        boxes = one.boxes(subject)
        values, faults = read_boxes(boxes, typed)
        faults = faults or one.check(subject, values)
        if faults:
            raise Misfilled(faults, {box.name: box.label for box in boxes})
        asked = {"folder": str(self.workspace.root), "study": of, "name": name, "values": values, "typed": dict(typed)}
        heading = f"{one.title}: {title}" if title else one.title
        return self.jobs.start("study", heading, asked, who, "quick" if one.quick(values) else "runs")

    def typed(self, key: str) -> Typed:
        """What was typed for a study, by the key of its answer or the number of its job; raises `CcsimError` where neither is known."""
        job = self.jobs.get(key)
        found: Typed = (self.shelf.shown(key) if job is None else job.asked).get("typed", {})
        return found

    def _start(self, kind: str, scenario: Scenario, asked: dict[str, Any], who: str, title: str = "") -> Job:
        _check_staff(scenario)
        return self.jobs.start(kind, title or scenario.title, asked, who)

    def end(self, number: str, who: str, keeper: bool = False) -> None:
        """End a job; raises `Refused` for somebody else's."""
        self.jobs.end(number, who, keeper)


def _check_staff(scenario: Scenario) -> None:
    if not scenario.staff and not scenario.contingent:
        raise InputError("nobody works in this scenario yet; add a group under Staff, and say how many agents it has")


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")
