"""The folder that the page works in: which files are in it, reading and writing them, and nothing outside it.

Names are paths relative to the folder, with slashes. What the page keeps for itself lies in its subfolder `.ccsim`, which no name leads to.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ccsim.errors import InputError, ScenarioError
from ccsim.experiment.named_files import inside
from ccsim.inputs import Scenario, load, loads
from ccsim.units import shown
from ccsim.web.refusals import Refused

OWN: Final = ".ccsim"  # the page's own subfolder
SCENARIOS: Final = (".yaml", ".yml", ".xlsx")
TABLES: Final = (".csv", ".xlsx")
RECORDS: Final = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")  # of calls, attendance and staff
FORECASTS: Final = "forecasts"  # subfolder for what was dropped and is no scenario
BELOW: Final = "records"  # the subfolder of records
DRAWS: Final = re.compile(r".+\.draws(-\d+)?\.json")  # sets of parameters beside a scenario made of records
READABLE: Final = frozenset((*SCENARIOS, *TABLES, *RECORDS, ".json"))
LARGEST_UPLOAD: Final = 5_000_000  # bytes
LARGEST_RECORDS: Final = 50_000_000  # bytes
MOST_LISTED: Final = 500
_DEEPEST = 3  # folders below the workspace that are looked into
_LONGEST_NAME = 80
_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_LETTERS = re.compile(r"[^\w .()+-]+")


@dataclass(frozen=True)
class Entry:
    """A file of the workspace as it is listed."""

    name: str
    title: str
    changed: float  # seconds since 1970
    size: int  # bytes


class Workspace:
    """The files of one folder. Raises `InputError` where there is no such folder, or nothing can be written to it."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).expanduser()
        if not self.folder.is_dir():
            raise InputError(f"{self.folder} is no folder; make it first, or name another with --folder")
        self.root = self.folder.resolve()
        self.own = self.root / OWN
        try:
            self.own.mkdir(mode=0o700, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.own):
                pass
        except OSError as fault:
            raise InputError(
                f"nothing can be written to {self.own} ({(fault.strerror or str(fault)).lower()}), where the page keeps its runs; "
                "name another folder with --folder"
            ) from None

    def entries(self, endings: tuple[str, ...] = SCENARIOS) -> list[Entry]:
        """Files with these endings, by name; at most `MOST_LISTED`."""
        found: list[Entry] = []
        for place, folders, files in os.walk(self.root):
            depth = len(Path(place).relative_to(self.root).parts)
            folders[:] = sorted(name for name in folders if not name.startswith(".") and depth < _DEEPEST)
            for name in sorted(files):
                if Path(name).suffix.lower() in endings and not name.startswith((".", "~$")):
                    with contextlib.suppress(OSError, Refused):
                        found.append(self._entry(Path(place, name).relative_to(self.root).as_posix()))
            if len(found) >= MOST_LISTED:
                break
        return sorted(found[:MOST_LISTED], key=lambda entry: entry.name.lower())

    def scenarios(self) -> list[Entry]:
        """Scenarios by name; workbooks among forecasts and records are none."""
        return [entry for entry in self.entries(SCENARIOS) if not entry.name.startswith((f"{FORECASTS}/", f"{BELOW}/"))]

    def draws(self) -> list[str]:
        """Names of files with sets of parameters, as records leave them open."""
        return [entry.name for entry in self.entries((".json",))]

    def _entry(self, name: str) -> Entry:
        path = self.path(name)
        told = path.stat()
        title = ""
        if path.suffix.lower() != ".xlsx":
            with path.open(encoding="utf-8", errors="replace") as stream:
                match = _TITLE.search(stream.read(4000))
            title = match[1].strip("\"'") if match else ""
        return Entry(name, title, told.st_mtime, told.st_size)

    def path(self, name: str) -> Path:
        """Where the file of that name lies; raises `Refused` for a name that leads elsewhere, to no file, or to one of another kind."""
        refusal = f"there is no file {shown(name, 200)} in this folder"
        parts = name.replace("\\", "/").split("/")
        if not inside(name) or any(not part.strip() or part.startswith(".") or ":" in part for part in parts):
            raise Refused(refusal, f"{refusal}: the name leads out of it")
        try:
            found = (self.root / name).resolve()
            there = found.is_file()
        except (OSError, ValueError, RuntimeError):
            raise Refused(refusal) from None
        if not found.is_relative_to(self.root) or found.is_relative_to(self.own):
            raise Refused(refusal, f"{refusal}: it leads out of it")
        suffix = found.suffix.lower()
        # a text elsewhere is not the page's business, nor is what else is written as JSON
        strange = (suffix == ".txt" and parts[0] != BELOW) or (suffix == ".json" and not DRAWS.fullmatch(found.name))
        if not there or suffix not in READABLE or strange:
            raise Refused(refusal)
        return found

    def load(self, name: str) -> Scenario:
        """The scenario in the file of that name; its errors name the file as the workspace does. Raises `ScenarioError`."""
        path = self.path(name)
        try:
            return load(path)
        except ScenarioError as fault:
            raise ScenarioError(str(fault).replace(str(path), name)) from None

    def read(self, name: str) -> bytes:
        """What the file of that name holds; raises `Refused`."""
        return self.path(name).read_bytes()

    def print_of(self, name: str) -> str:
        """A mark that changes whenever the file does."""
        return hashlib.sha256(self.read(name)).hexdigest()

    def save(self, name: str, text: str, known: str) -> str:
        """Write the text over the file of that name, if it is still the one with the mark `known`; return the new mark.

        Raises `Refused` where somebody else has changed it meanwhile.
        """
        path = self.path(name)
        if self.print_of(name) != known:
            raise Refused(f"{name} was changed by somebody else since you opened it, so it was not saved; save yours under another name")
        loads(text, path.parent)
        self._write(path, text.encode(), over=True)
        return self.print_of(name)

    def add(self, wanted: str, content: bytes, below: str = "") -> str:
        """Keep a new file under a name made of the one wanted; return that name. No file is ever written over."""
        stem, ending = self.safe_name(wanted)
        folder = self.root / below
        folder.mkdir(exist_ok=True)
        for number in range(1, 10_000):
            path = folder / (f"{stem}{ending}" if number == 1 else f"{stem}-{number}{ending}")
            try:
                self._write(path, content, over=False)
            except FileExistsError:
                continue
            return path.relative_to(self.root).as_posix()
        raise Refused(f"there are too many files called {shown(stem)} in this folder; give it another name")

    @staticmethod
    def safe_name(wanted: str, endings: Collection[str] = READABLE) -> tuple[str, str]:
        """Stem and ending of a name that is safe anywhere; raises `Refused` for another ending than these."""
        last = wanted.replace("\\", "/").rpartition("/")[2]
        path = Path(last)
        ending = path.suffix.lower()
        if ending not in endings:
            raise Refused(f"{shown(last, 80)} is of a kind that is not taken here: the page takes {', '.join(sorted(endings))}")
        stem = _LETTERS.sub("-", path.stem).strip(" .-")[:_LONGEST_NAME].strip(" .-")
        return stem or "file", ending

    def _write(self, path: Path, content: bytes, over: bool) -> None:
        """Write a file whole or not at all; FileExistsError where there is one and it is not to be written over."""
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".partial")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            os.chmod(partial, 0o644)
            if over:
                os.replace(partial, path)
            else:
                os.link(partial, path)
        except FileExistsError:
            raise
        except OSError as fault:
            raise InputError(f"{path.name} could not be written: {(fault.strerror or str(fault)).lower()}") from None
        finally:
            with contextlib.suppress(OSError):
                os.unlink(partial)
