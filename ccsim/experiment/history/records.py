"""What is kept of a run, and how it becomes a scenario and a result again."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import platform
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import ccsim
from ccsim.errors import CcsimError
from ccsim.experiment.changes import same_days, written
from ccsim.experiment.history.place import HistoryError
from ccsim.experiment.named_files import inside, named_files
from ccsim.experiment.result import Result
from ccsim.inputs.document import read_document
from ccsim.inputs.scenario import Scenario, loads
from ccsim.measures.definitions import target_measure

# Parts of the package and libraries that numbers come from
_PARTS: Final = ("units.py", "inputs", "theory", "engine", "measures", "experiment", "staffing")
_LIBRARIES: Final = ("numpy", "numba", "llvmlite", "scipy", "simpy")


@dataclass(frozen=True, slots=True)
class Record:
    """A run as it is kept. `number` is 0 until it is."""

    number: int
    kept_at: dt.datetime  # with its time zone
    command: str  # run, compare, sweep
    title: str
    file: str | None  # the scenario's, as it was named; None for a text
    text: str  # of the scenario: gives it again with `files`
    files: Mapping[str, bytes]  # what the CSV files held that it names
    exact: bool  # whether text and files give the very scenario that was played
    seed: int
    replications: int
    engine: str
    interrupted: bool
    asked: Mapping[str, Any]  # what else was asked: precision, measure
    versions: Mapping[str, str]
    document: Mapping[str, Any]  # `Result.to_dict()`

    @property
    def hash(self) -> str:
        """SHA-256 of the scenario: its title and text, and the names and contents of its files."""
        found = hashlib.sha256()
        for part in (
            self.title.encode(),
            self.text.encode(),
            *(piece for name in sorted(self.files) for piece in (name.encode(), self.files[name])),
        ):
            found.update(len(part).to_bytes(8, "big") + part)
        return found.hexdigest()

    @property
    def lead(self) -> dict[str, Any]:
        """The measure that stands for the run in a list: the target's service level, with its name."""
        name = self.asked.get("lead", "service_level_offered")
        return {"measure": name, **self.document["measures"].get(name, {"mean": None, "unit": "share"})}


def record_of(result: Result, command: str, asked: Mapping[str, Any]) -> Record:
    """What is kept of a result."""
    scenario = result.scenario
    text, files = _text(scenario), named_files(scenario)
    return Record(
        number=0,
        kept_at=dt.datetime.now(dt.UTC),
        command=command,
        title=scenario.title,
        file=None if scenario.path is None else str(scenario.path.absolute()),
        text=text,
        files=files,
        exact=_gives_again(scenario, text, files),
        seed=int(result.seed),
        replications=result.replications,
        engine=result.engine,
        interrupted=result.interrupted,
        asked={"lead": target_measure(scenario.target.variant), **asked},
        versions=versions(),
        document=result.to_dict(),
    )


def _text(scenario: Scenario) -> str:
    """The text that gives the scenario: its own, or one written anew where keys were set otherwise."""
    if read_document(scenario.text, "the scenario").data == scenario.data:
        return scenario.text
    return "".join(f"{written_key(key)}: {written(value)}\n" for key, value in scenario.data.items())


def written_key(key: str) -> str:
    """A key as it stands in a file."""
    return written({key: ""}).removeprefix("{").removesuffix(": ''}")


def _gives_again(scenario: Scenario, text: str, files: Mapping[str, bytes]) -> bool:
    try:
        with _built(text, files) as built:
            return same_days(built, scenario)
    except CcsimError:
        return False


@contextmanager
def _built(text: str, files: Mapping[str, bytes]) -> Iterator[Scenario]:
    """The scenario, and the folder with its files for as long as it is wanted."""
    with tempfile.TemporaryDirectory(prefix="ccsim-") as folder:
        for name, content in files.items():
            if not inside(name):
                raise HistoryError(f"the history holds a file named {name!r}, which leads out of its folder; this run cannot be used")
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield loads(text, folder)


@contextmanager
def scenario_with_files(record: Record) -> Iterator[Scenario]:
    """The scenario that was played, with the files it names in a folder as long as the context lasts: to play changes of it, too.

    Raises `HistoryError` where this version of ccsim cannot read it any more.
    """
    with ExitStack() as stack:
        try:
            scenario = stack.enter_context(_built(record.text, record.files))
        except CcsimError as fault:
            raise HistoryError(
                f"run {record.number} was kept by ccsim {record.versions.get('ccsim', '?')}, and this version does not read its scenario: "
                f"{fault}"
            ) from None
        yield scenario.model_copy(update={"title": record.title, "path": None if record.file is None else Path(record.file)})


def scenario_of(record: Record) -> Scenario:
    """The same without the files: what was read of them is in it, but no other scenario can be made out of it where there are any."""
    with scenario_with_files(record) as scenario:
        return scenario.model_copy(update={"folder": None})


class KeptResult:
    """A kept run in the shape of a `Result`, as far as tables need it: what was said then, not what would be said now."""

    def __init__(self, record: Record, scenario: Scenario) -> None:
        self.scenario = scenario
        self.seed = record.seed
        self.replications = record.replications
        self.engine = record.engine
        self.interrupted = record.interrupted
        self.precision_reached = record.asked.get("precision_reached")
        self.precision_missed: str | None = None
        asked = record.asked.get("precision")
        measure = record.asked.get("measure") or record.lead["measure"]
        self.aimed_at = (str(measure), str(asked)) if asked and measure in record.document["measures"] else None
        self._document = record.document
        cut: Mapping[str, Any] | None = record.document.get("batches")
        self.batches = SimpleNamespace(**cut) if cut else None
        path = len(scenario.horizon.interval_start)
        self.measured = range(path - len(record.document["intervals"]), path)

    def to_dict(self) -> dict[str, Any]:
        """The object that `ccsim run --json` printed, without the formula's part."""
        return dict(self._document)

    def half_width(self, measure: str) -> tuple[float, float]:
        """Mean and half-width of the interval of a measure of the whole run, on its wider side; nan where not known."""
        cell = self._document["measures"][measure]
        mean, low, high = (math.nan if cell[name] is None else float(cell[name]) for name in ("mean", "low", "high"))
        return mean, max(high - mean, mean - low)


def result_of(record: Record) -> KeptResult:
    """The kept run in the shape of a result."""
    return KeptResult(record, scenario_of(record))


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """What the numbers of a run rest on, by name: ccsim and its own code part by part, Python, libraries, the machine."""
    found = {"ccsim": ccsim.__version__}
    root = Path(ccsim.__file__).parent
    for part in _PARTS:
        found[f"code of ccsim.{part.removesuffix('.py')}"] = _print_of(root / part)
    found["Python"] = platform.python_version()
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    found["machine"] = f"{platform.system()} {platform.machine()}"
    return found


def _print_of(path: Path) -> str:
    """The first letters of the SHA-256 of all Python sources at a path."""
    found = hashlib.sha256()
    for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        try:
            found.update(source.name.encode() + b"\0" + source.read_bytes())
        except OSError:
            continue
    return found.hexdigest()[:12]


def changed_versions(before: Mapping[str, str], now: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What differs between two sets of versions: name, before, now."""
    names = dict.fromkeys([*before, *now])
    return [(name, before.get(name, "–"), now.get(name, "–")) for name in names if before.get(name) != now.get(name)]
