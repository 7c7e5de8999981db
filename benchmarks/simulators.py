"""What a call costs in ccsim and elsewhere: three large days, one thread, one run.

    python benchmarks/simulators.py [--days 60] [--rounds 5] [--precise w1 w2 w3 w3-busy] [--cimba /opt/cimba] [--chart out/simulators.png]

W1: M/M/510 for ten hours, 60,000 calls. W2: the same with 480 agents and an exponential patience of 2 min. W3: sixteen hours, 51,000 calls,
staff by interval, lognormal handle times, Weibull patience, twelve contingents (benchmarks/scenarios). ccsim is timed through `ccsim.run`,
draws and all measures included. The others draw and play and count two measures: a C++ program with a binary heap (cpp/days.cpp) that
can do nothing else; cimba, as its tutorial teaches and in the leanest form we found (c/); SimPy, Ciw, simmer and queuecomputer, as
somebody who knows them would write it (by_*). What is not installed is left out with a word: a C++ compiler, cimba (found by
pkg-config, or in the folder after --cimba), Ciw, R with the packages. R finds packages in other folders by R_LIBS.

All times are processor time, so that others who use the machine do the least harm; every figure is the best of the rounds, and the
rounds of all take turns, since a shared machine is not equally fast all the time. The slow ones play one day a round, the others
`--days`. A second table says what each found, so that all can be seen to play the same days. Then `ccsim.run` plays each of the
`--precise` days until the share of callers over the target wait is known to within 0.5 points; w3-busy is W3 with a busyness of cv 10 %.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import ccsim

HERE = Path(__file__).parent
DAYS = ("w1", "w2", "w3")
BUSY = "w3-busy"  # W3 with a busyness of cv 10 %
BY_CIW = {"w1": (None, 510), "w2": (120.0, 480)}


class Round(NamedTuple):
    """What one round took and found."""

    ns: float  # of processor time, a call
    calls: float
    within: float  # share answered within 90 s
    mean_wait: float  # of all callers [s]


Play = Callable[[int], Round]  # given the number of the round, from 1, which is also the seed


class Contest(NamedTuple):
    """Somebody who plays some of the days."""

    who: str
    days: dict[str, Play]


def by_ccsim(name: str, days: int) -> Play:
    """Through the public API, compiled before the clock starts."""
    scenario = ccsim.load(HERE / "scenarios" / f"{name}.yaml")
    ccsim.run(scenario, replications=1, workers=1)

    def once(number: int) -> Round:
        start = process_time()
        result = ccsim.run(scenario, replications=days, workers=1, seed=number)
        spent = process_time() - start
        found = result.measures["mean"]
        calls = days * float(found["offered"])
        return Round(spent / calls * 1e9, calls, float(found["service_level_offered"]), float(found["mean_wait"]))

    return once


def by_program(*command: str | Path) -> Play:
    """A program that times itself, and prints a line of JSON."""

    def once(number: int) -> Round:
        told = subprocess.run([*command, str(number)], check=True, capture_output=True, text=True)
        found = json.loads(told.stdout)
        return Round(found["ns"], found["calls"], found["within"], found["mean_wait"])

    return once


def by_simpy(name: str) -> Play:
    """One day."""
    from by_simpy import Centre

    scenario = ccsim.load(HERE / "scenarios" / f"{name}.yaml")

    def once(number: int) -> Round:
        centre = Centre(scenario, number)
        start = process_time()
        centre.play()
        spent = process_time() - start
        return Round(spent / centre.calls * 1e9, centre.calls, centre.within / centre.calls, centre.waited / centre.calls)

    return once


def by_ciw(name: str) -> Play:
    """One day."""
    from by_ciw import play

    patience, agents = BY_CIW[name]

    def once(number: int) -> Round:
        start = process_time()
        calls, within, waited = play(patience, agents, number)
        return Round((process_time() - start) / calls * 1e9, calls, within / calls, waited / calls)

    return once


def compiled(compiler: str, source: Path, folder: Path, *flags: str) -> Path:
    """The program made of one file."""
    program = folder / source.stem
    subprocess.run([compiler, "-O3", "-march=native", "-w", "-o", program, source, *flags, "-lm"], check=True)
    return program


def where_cimba(folder: Path | None) -> tuple[list[str], str] | None:
    """What compiles a program with cimba, and its version; None where it is not found."""
    tool = shutil.which("pkg-config")
    if tool is None:
        return None
    places = [] if folder is None else [str(found.parent) for found in folder.rglob("cimba.pc")]
    about = os.environ | ({"PKG_CONFIG_PATH": ":".join(places)} if places else {})

    def ask(*what: str) -> str | None:
        told = subprocess.run([tool, *what, "cimba"], capture_output=True, text=True, env=about)
        return told.stdout.strip() if told.returncode == 0 else None

    flags, libraries, version = ask("--cflags", "--libs"), ask("--variable=libdir"), ask("--modversion")
    if flags is None or libraries is None or version is None:
        return None
    return [*flags.split(), f"-Wl,-rpath,{libraries}"], version


def version_in_r(package: str) -> str | None:
    """The version of a package of R, or None where R or the package is missing."""
    if shutil.which("Rscript") is None:
        return None
    told = subprocess.run(["Rscript", "-e", f'cat(format(packageVersion("{package}")))'], capture_output=True, text=True)
    return told.stdout.strip() if told.returncode == 0 else None


def contests(asked: argparse.Namespace, folder: Path) -> list[Contest]:
    """Everybody who is installed; says which versions, and who is not."""
    days = str(asked.days)
    all_of_them = [Contest("ccsim", {name: by_ccsim(name, asked.days) for name in DAYS})]
    versions, missing = [f"ccsim {ccsim.__version__}"], []
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler:
        program = compiled(compiler, HERE / "cpp" / "days.cpp", folder, "-std=c++20", "-ffast-math")
        all_of_them.append(Contest("C++ with a binary heap", {name: by_program(program, name, days) for name in DAYS}))
        versions.append(subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.split("\n")[0])
    else:
        missing.append("a C++ compiler")
    cimba, c_compiler = where_cimba(asked.cimba), shutil.which("gcc") or shutil.which("clang")
    if cimba and c_compiler:
        flags, edition = cimba
        versions.append(f"cimba {edition}")
        for who, source in (("cimba, events only", "cimba_events.c"), ("cimba, processes", "cimba_processes.c")):
            program = compiled(c_compiler, HERE / "c" / source, folder, *flags)
            all_of_them.append(Contest(who, {name: by_program(program, name, days) for name in DAYS}))
    else:
        missing.append("cimba")
    if version := version_in_r("queuecomputer"):
        versions.append(f"queuecomputer {version}")
        all_of_them.append(Contest("queuecomputer", {"w1": by_program("Rscript", HERE / "by_queuecomputer.R", "w1", days)}))
    else:
        missing.append("queuecomputer")
    sys.path.insert(0, str(HERE))
    versions.append(f"SimPy {importlib.metadata.version('simpy')}")
    all_of_them.append(Contest("SimPy", {name: by_simpy(name) for name in DAYS}))
    if importlib.util.find_spec("ciw"):
        versions.append(f"Ciw {importlib.metadata.version('ciw')}")
        all_of_them.append(Contest("Ciw", {name: by_ciw(name) for name in BY_CIW}))
    else:
        missing.append("Ciw")
    if version := version_in_r("simmer"):
        versions.append(f"simmer {version}")
        all_of_them.append(Contest("simmer", {name: by_program("Rscript", HERE / "by_simmer.R", name, "1") for name in DAYS}))
    else:
        missing.append("simmer")
    print("; ".join(versions) + (f". Not installed, so left out: {', '.join(missing)}" if missing else ""), flush=True)
    return all_of_them


def seconds_to_half_a_point(name: str) -> tuple[float, int]:
    """How long `ccsim.run` takes to know the share of callers over the target wait to within 0.5 points, and how many days it plays."""
    path = HERE / "scenarios" / f"{name.removesuffix('-busy')}.yaml"
    with tempfile.TemporaryDirectory() as folder:
        text = path.read_text(encoding="utf-8")
        if name == BUSY:
            text = text.replace("calls:\n  a:\n", "calls:\n  a:\n    busyness_cv: 0.10\n")
        copy = Path(folder) / path.name
        copy.write_text(text, encoding="utf-8")
        scenario = ccsim.load(copy)
    ccsim.run(scenario, replications=1, workers=1)
    start = perf_counter()
    result = ccsim.run(scenario, precision="0.5 pt", measure="over_threshold", workers=1)
    return perf_counter() - start, result.replications


Played = dict[str, dict[str, list[Round]]]


def main() -> None:
    """Measure in turns, and print the tables."""
    parser = argparse.ArgumentParser(description="nanoseconds a call, in ccsim and elsewhere")
    parser.add_argument("--days", type=int, default=60, help="days in each round of the fast ones")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--precise", nargs="*", default=[*DAYS, BUSY], help="days that are played to a half-width of 0.5 points")
    parser.add_argument("--cimba", type=Path, help="folder that cimba was installed in, where pkg-config does not know it")
    parser.add_argument("--chart", type=Path, help="write a bar chart here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        everybody = contests(asked, Path(folder))
        played: Played = {contest.who: {name: [] for name in contest.days} for contest in everybody}
        for number in range(1, asked.rounds + 1):
            for contest in everybody:
                for name, once in contest.days.items():
                    played[contest.who][name].append(once(number))
    cost = {who: {name: min(turn.ns for turn in turns) for name, turns in days.items()} for who, days in played.items()}
    show(cost)
    check(played)
    sure = {name: seconds_to_half_a_point(name) for name in asked.precise}
    for name, (seconds, days) in sure.items():
        print(f"{name.upper()}: the share over the target wait to within 0.5 points after {days:,} days and {seconds:,.1f} s")
    if asked.chart:
        draw(cost, sure, asked.chart)


def row(cells: list[str]) -> str:
    """One line of a table."""
    return f"{cells[0]:26}" + "".join(f"{cell:>20}" for cell in cells[1:])


def show(cost: dict[str, dict[str, float]]) -> None:
    """Nanoseconds a call, and how many times ccsim's."""
    print(row(["ns a call, one thread", *(name.upper() for name in DAYS)]))
    for who, days in cost.items():
        print(row([who, *(f"{days[name]:,.0f} ({days[name] / cost['ccsim'][name]:,.2f})" if name in days else "" for name in DAYS)]))
    print("in brackets: times ccsim's")


def check(played: Played) -> None:
    """What they found, all rounds together."""
    print(row(["within 90 s, mean wait", *(name.upper() for name in DAYS)]))
    for who, days in played.items():
        cells = [who]
        for name in DAYS:
            turns = days.get(name, [])
            calls = sum(turn.calls for turn in turns)
            within, wait = (sum(turn[place] * turn.calls for turn in turns) / calls if calls else 0.0 for place in (2, 3))
            cells.append(f"{within:.2%} {wait:,.2f} s" if turns else "")
        print(row(cells))


def draw(each: dict[str, dict[str, float]], sure: dict[str, tuple[float, int]], path: Path) -> None:
    """Bars on logarithmic axes: what a call costs, and how long it takes to be sure."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(14, 5), layout="constrained")
    cost, time = figure.subplots(1, 2, width_ratios=(2, 1))
    width = 0.8 / len(each)
    for place, (who, days) in enumerate(each.items()):
        bars = cost.bar([DAYS.index(name) + place * width for name in days], list(days.values()), width, label=who)
        cost.bar_label(bars, [f"{ns:,.0f}" for ns in days.values()], fontsize=6, padding=2)
    cost.set_yscale("log")
    cost.set_xticks([number + 0.4 - width / 2 for number in range(len(DAYS))], [name.upper() for name in DAYS])
    cost.set_ylabel("nanoseconds a call (log scale)")
    cost.legend(frameon=False, fontsize=8)
    if sure:
        time.set_yscale("log")
    bars = time.bar([name.upper() for name in sure], [seconds for seconds, _ in sure.values()])
    time.bar_label(bars, [f"{days:,} days" for _, days in sure.values()], fontsize=8, padding=2)
    time.set_ylabel("seconds to within 0.5 points (log scale)")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
