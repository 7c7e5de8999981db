"""What was kept in the folder: runs, comparisons and studies as pages show them, and the files that go with them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ccsim.experiment.history import History, HistoryError, Record
from ccsim.web import answers, work
from ccsim.web.workspace import Workspace

MOST_SHOWN: Final = 200  # runs, and studies, in the list of those kept


@dataclass(frozen=True)
class Kept:
    """A line of the list of what was kept."""

    key: str
    title: str
    at: dt.datetime  # with its time zone
    file: str
    how: str  # days and seed
    said: str  # the answer in a few words


class Shelf:
    """What was kept in a folder."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def listed(self) -> list[Kept]:
        """Runs and studies, newest first."""
        found = [_line_of_run(head) for head in self.runs()]
        found += [_line_of_study(head) for head in answers.studies(self.workspace, MOST_SHOWN)]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def runs(self) -> list[dict[str, Any]]:
        """The runs that were kept, newest first."""
        path = work.history_of(self.workspace)
        if not path.exists():
            return []
        with History(path) as history:
            return history.heads(MOST_SHOWN)

    def shown(self, key: str) -> dict[str, Any]:
        """A kept answer as pages show it; raises `HistoryError` where there is none."""
        if not answers.KEY.fullmatch(key):
            raise HistoryError("there is no such run here")
        found = answers.shown(self.workspace, key)
        return self._from_history(key) if found is None else found

    def picture(self, key: str, place: int) -> bytes:
        """A chart of a kept answer as SVG; raises `HistoryError` where there is none."""
        found = answers.picture(self.workspace, key, place)
        if found is None:
            raise HistoryError("there is no such picture here")
        return found

    def page(self, key: str) -> bytes:
        """The page to print of a kept answer as HTML; raises `HistoryError` where there is none."""
        found = answers.page(self.workspace, key)
        if found is None:
            raise HistoryError("there is no such page to print here")
        return found

    def table(self, key: str, place: int) -> tuple[str, bytes]:
        """A table of a kept answer as a CSV file: its name, and what it holds; raises `HistoryError` where there is none."""
        names, content = self.shown(key).get("tables", ()), answers.table(self.workspace, key, place)
        if content is None or not 0 <= place < len(names):
            raise HistoryError("there is no such table here")
        return str(names[place]), content

    def _from_history(self, key: str) -> dict[str, Any]:
        """A run as its history tells it, where the page's own picture of it is gone."""
        from ccsim.reporting.kept import show_kept
        from ccsim.web.blocks import Catcher

        kind, _, number = key.partition("-")
        if kind == "compare":
            raise HistoryError("this comparison is not kept any more; compare the scenarios again")
        if kind != "run":
            raise HistoryError("this study is not kept here; ask again from the scenario")
        record = self._record(int(number))
        out = Catcher()
        show_kept(out, record)
        for block in out.blocks:
            if block["kind"] == "text":
                block["text"] = work.within(block["text"], str(self.workspace.root))
        return {
            "key": key,
            "kind": "run",
            "title": record.title,
            "blocks": out.blocks,
            "pictures": [],
            "numbers": [int(number)],
            "files": [],
        }

    def _record(self, number: int) -> Record:
        """A run of the history; raises `HistoryError`, which says nothing of where the folder lies."""
        try:
            with History(work.history_of(self.workspace)) as history:
                return history.run(number)
        except HistoryError as fault:
            said = str(fault)
            if "has no run" in said or not work.history_of(self.workspace).exists():
                said = f"no run {number} is kept here; those that are stand in the history"
            raise HistoryError(work.within(said, str(self.workspace.root))) from None

    def made(self, number: int, what: str) -> Path | None:
        """The report, the one with rules for contingents, or the workbook of a run, where it is made already."""
        path = answers.made(self.workspace, number, what)
        return path if path.is_file() else None

    def scenario_text(self, number: int) -> tuple[str, bytes]:
        """The scenario of a kept run as a file to save: its name, and what it holds; with its CSV files in a ZIP archive."""
        record = self._record(number)
        stem = Path(record.file).stem if record.file else f"run-{number}"
        if not record.files:
            return f"{stem}.yaml", record.text.encode()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{stem}.yaml", record.text)
            for name, content in record.files.items():
                archive.writestr(name, content)
        return f"{stem}.zip", packed.getvalue()


def _line_of_run(head: dict[str, Any]) -> Kept:
    from ccsim.reporting.wording import half_width, value

    how = f"played {head['replications']:,} times · seed {head['seed']}" if head["replications"] > 1 else f"one path · seed {head['seed']}"
    return Kept(
        key=f"run-{head['number']}",
        title=f"Run {head['number']}: {head['title']}",
        at=dt.datetime.fromisoformat(head["kept_at"]),
        file=Path(str(head["file"])).name if head["file"] else "",
        how=how + (" · compared with others" if head["command"] == "compare" else ""),
        said=f"{value(head['lead'])}{half_width(head['lead'])} answered in time",
    )


def _line_of_study(head: dict[str, Any]) -> Kept:
    files = head.get("files") or [""]
    return Kept(
        key=str(head["key"]),
        title=f"{head['heading']}: {head['title']}" if head["title"] != head["heading"] else str(head["title"]),
        at=dt.datetime.fromtimestamp(float(head["at"]), dt.UTC),
        file=Path(str(files[0])).name,
        how="",
        said=str(head["said"]),
    )
