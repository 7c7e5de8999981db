"""Whether ccsim is well on this machine: its versions, where compiled code is kept, and answers known beforehand by both engines."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ccsim import __version__
from ccsim.experiment.executors import cores
from ccsim.experiment.workshop import Engine

if TYPE_CHECKING:
    from rich.console import Console

    from ccsim.inputs import Scenario

PACKAGES = (
    "numpy", "scipy", "numba", "llvmlite", "simpy", "pandas", "pydantic", "ruamel.yaml", "click", "rich", "matplotlib", "jinja2",
    "xlsxwriter", "python-calamine",
)  # fmt: skip
EXTRAS = {
    "distributed": "cluster",
    "holidays": "forecast",
    "nicegui": "web",
    "pyarrow": "parquet",
    "statsmodels": "forecast",
    "weasyprint": "pdf",
}
ENGINES: tuple[Engine, ...] = get_args(Engine)

# 10 erlangs offered to 11 agents all through a day, callers who hang up: 4,800 calls, for which Erlang A is exact
_LOAD, _AGENTS, _HANDLE_TIME, _PATIENCE, _THRESHOLD = 10.0, 11, 180.0, 300.0, 20.0
_DAYS = 12
_CENTRE = f"""
title: A known answer
open: 00:00-24:00
warm_up: 1 h
interval: 1 h
target: {{wait: {_THRESHOLD:g} s, share: 80 %}}
calls:
  all:
    volume: {_LOAD * 86400 / _HANDLE_TIME:g}
    handle_time: {{mean: {_HANDLE_TIME:g} s, dist: exponential}}
    patience: {{mean: {_PATIENCE:g} s}}
staff:
  all: {{agents: [{", ".join([str(_AGENTS)] * 24)}]}}
"""
# Arrival, handle time and patience [s] of seven calls that two agents take, and the wait of each, worked out by hand:
# the third hangs up before the second agent is free at 60; the sixth would have to wait, and does not.
_CALLS = ((0, 100, 60), (10, 50, 60), (20, 40, 30), (30, 30, 200), (40, 20, 500), (95, 10, 0), (110, 10, 60))
_AGAINST_FORMULA = {"service_level_offered": "answered within 20 s", "abandoned_fraction": "hung up", "mean_wait": "mean wait [s]"}
_WAITS = [0.0, 0.0, 30.0, 30.0, 50.0, 0.0, 0.0]


@dataclass(frozen=True)
class Check:
    """One answer known beforehand, and what was found."""

    what: str
    good: bool
    said: str  # what was expected and what was found, in a sentence


@dataclass(frozen=True)
class Health:
    """What `ccsim doctor` finds."""

    versions: dict[str, str]
    extras: dict[str, str | None]  # package and its version; None where it is not installed
    cores: int
    compiled: bool | None  # before the checks; None where the engine cannot be loaded
    cache: str | None  # the folder in which numba keeps compiled code
    cache_writable: bool
    history: str | None  # the file that keeps runs; None where none are kept
    checks: list[Check]

    @property
    def well(self) -> bool:
        """Whether all answers are those known."""
        return all(check.good for check in self.checks)


def examine() -> Health:
    """Return how ccsim is on this machine. The checks play a few days by both engines; the first time this compiles the engine."""
    from ccsim.experiment.history import place

    compiled, cache, fault = _engine()
    kept = place()
    checks = [fault] if fault else [*_asked("calls worked out by hand", _by_hand), *_asked("days played", _by_formula)]
    return Health(
        versions={"ccsim": __version__, "python": platform.python_version(), **{name: _version(name) or "missing" for name in PACKAGES}},
        extras={name: _version(name) for name in EXTRAS},
        cores=cores(),
        compiled=compiled,
        cache=cache,
        cache_writable=cache is not None and _writable(Path(cache)),
        history=None if kept is None else str(kept),
        checks=checks,
    )


def _engine() -> tuple[bool | None, str | None, Check | None]:
    """Whether the engine is compiled, where its code is kept, and what keeps it from being loaded."""
    try:
        from ccsim.engine import duty
        from ccsim.engine.kernel import Kernel

        kernel = Kernel(duty.build(_centre()))
        # numba says where the code of the loop lies, which of its variants this floor needs only the kernel knows
        return kernel.is_compiled(), str(kernel._run().stats.cache_path), None
    except (ImportError, RuntimeError, OSError) as fault:
        told = " ".join(str(fault).split())
        advice = "set the environment variable NUMBA_CACHE_DIR to a folder that may be written" if "cach" in told else "install it anew"
        return None, None, Check("the compiled engine can be loaded", False, f"{told}; {advice}")


def _centre() -> Scenario:
    from ccsim.inputs import loads

    return loads(_CENTRE)


def _asked(what: str, ask: Callable[[], list[Check]]) -> list[Check]:
    """What some checks find; a fault that ends them is found too."""
    try:
        return ask()
    except Exception as fault:  # whatever is wrong with this installation, it is what was asked for
        return [Check(what, False, f"ended in {type(fault).__name__}: {' '.join(str(fault).split())}")]


def _by_hand() -> list[Check]:
    """Seven calls and two agents, through both engines."""
    import pandas as pd

    from ccsim.engine.replay import replay

    calls = pd.DataFrame(_CALLS, columns=["arrival", "handle_time", "patience"]).assign(call_type="all")
    duty = pd.DataFrame({"agent": ["Ann", "Ben"], "group": "all", "start": 0, "end": 3600})
    found = {engine: replay(calls, duty, engine=engine)["wait"].tolist() for engine in ENGINES}
    good = all(waits == _WAITS for waits in found.values())
    said = f"waits of {_seconds(_WAITS)} by hand"
    wrong = [f"{engine} gave {_seconds(waits)}" for engine, waits in found.items() if waits != _WAITS]
    return [Check("seven calls worked out by hand", good, "; ".join([said, *(wrong or ["the same by both engines"])]))]


def _by_formula() -> list[Check]:
    """A centre for which Erlang A is exact: both engines the same, and the formula's answer within twice their 95 % half-width.

    The half-width is Student's for 11 degrees of freedom, so that a sound engine would fail by luck about once in 1,000 checks; the seed
    is fixed, so that it does not.
    """
    from ccsim.experiment.replicate import run
    from ccsim.theory import Exponential, Question, describe

    scenario = _centre()
    results = {engine: run(scenario, replications=_DAYS, engine=engine, workers=1) for engine in ENGINES}
    first, *others = (result.to_dict()["measures"] for result in results.values())
    alike = all(other == first for other in others)
    how = "the same to the last bit" if alike else f"which differ between {' and '.join(ENGINES)}"
    checks = [Check(f"{_DAYS} days by both engines", alike, f"{len(first)} measures, {how}")]
    question = Question(_LOAD / _HANDLE_TIME, _HANDLE_TIME, _THRESHOLD, _AGENTS, patience=Exponential(_PATIENCE))
    exact = describe(question).row
    for name, words in _AGAINST_FORMULA.items():
        mean, half = results["kernel"].half_width(name)
        good = abs(mean - exact[name]) <= 2.0 * half
        checks.append(Check(f"{words}, against Erlang A", good, f"{exact[name]:.4f} by formula, {mean:.4f} ± {half:.4f} played"))
    return checks


def _seconds(waits: list[float]) -> str:
    return ", ".join(f"{wait:g}" for wait in waits) + " s"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _writable(folder: Path) -> bool:
    """Whether files can be made in a folder, or in the nearest one above that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK)


def health_json(found: Health) -> str:
    """What was found as one JSON object; `well` is whether all answers are those known."""
    document: dict[str, Any] = {**asdict(found), "well": found.well}
    return json.dumps(document, ensure_ascii=False, indent=1)


def show_health(out: Console, found: Health) -> None:
    """Print what was found, the verdict last."""
    from ccsim.reporting.terminal import plain_text, section, table

    versions = table("package", "version")
    for name, version in found.versions.items():
        versions.add_row(name, plain_text(version))
    for name, told in found.extras.items():
        versions.add_row(name, plain_text(told or f"not there; `pip install 'ccsim[{EXTRAS[name]}]'` brings it"))
    section(out, "Versions", versions)
    engine = table("", "", heads_right=False)
    state = {True: "yes", False: "it was not; the checks have compiled it now", None: "cannot be loaded"}[found.compiled]
    engine.add_row("compiled when asked", state)
    engine.add_row("compiled code lies in", plain_text(found.cache or "nowhere"))
    engine.add_row("and that may be written", "yes" if found.cache_writable else "no; set NUMBA_CACHE_DIR to a folder that may")
    engine.add_row("cores", str(found.cores))
    engine.add_row("runs are kept in", plain_text(found.history or "nothing (CCSIM_HISTORY is off)"))
    section(out, "Engine", engine)
    checks = table("known answer", "", "found", heads_right=False)
    for check in found.checks:
        checks.add_row(check.what, "right" if check.good else "WRONG", plain_text(check.said))
    section(out, "Self-check", checks)
    out.print()
    wrong = sum(not check.good for check in found.checks)
    out.print(
        "All is well." if found.well else f"{wrong} of {len(found.checks)} checks failed: do not rest on what this installation says."
    )
