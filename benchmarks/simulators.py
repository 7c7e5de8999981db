"""What a call costs in ccsim and elsewhere: three large days, one thread, one run.

    python benchmarks/simulators.py [--days 40] [--precise w1 w2 w3 w3-busy] [--chart out/simulators.png]

W1: M/M/510 for ten hours, 60,000 calls. W2: the same with 480 agents and an exponential patience of 2 min. W3: sixteen hours, 51,000 calls,
staff by interval, lognormal handle times, Weibull patience, twelve contingents (benchmarks/scenarios). ccsim is timed through `ccsim.run`,
draws and all measures included; the C++ program (benchmarks/cpp/days.cpp, compiled here if there is a compiler) draws and plays and counts
two measures; SimPy and Ciw (where installed) do what an experienced user would write. Every figure is the best of its rounds, the rounds of
all taking turns, since a shared machine is not equally fast all the time. Then `ccsim.run` plays each of the `--precise` days until the
share of callers over the target wait is known to within 0.5 points; w3-busy is W3 with a busyness of cv 10 %.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import ccsim

HERE = Path(__file__).parent
DAYS = ("w1", "w2", "w3")
BUSY = "w3-busy"  # W3 with a busyness of cv 10 %
ROUNDS = 3
BY_CIW = {"w1": (None, 510), "w2": (120.0, 480)}

Timing = Callable[[], float]  # one round: nanoseconds a call


def by_ccsim(name: str, days: int) -> Timing:
    """Through the public API, compiled before the clock starts."""
    scenario = ccsim.load(HERE / "scenarios" / f"{name}.yaml")
    ccsim.run(scenario, replications=1, workers=1)

    def once() -> float:
        start = perf_counter()
        result = ccsim.run(scenario, replications=days, workers=1)
        spent = perf_counter() - start
        return spent / (days * float(result.measures.loc["offered", "mean"])) * 1e9

    return once


def by_cpp(name: str, days: int, program: Path) -> Timing:
    """The hand-written program, which times itself."""

    def once() -> float:
        told = subprocess.run([program, name, str(days)], check=True, capture_output=True, text=True)
        return float(json.loads(told.stdout)["ns"])

    return once


def by_simpy(name: str) -> Timing:
    """One day."""
    sys.path.insert(0, str(HERE))
    from by_simpy import Centre

    scenario = ccsim.load(HERE / "scenarios" / f"{name}.yaml")

    def once() -> float:
        centre = Centre(scenario, 1)
        start = perf_counter()
        centre.play()
        return (perf_counter() - start) / centre.calls * 1e9

    return once


def by_ciw(name: str) -> Timing:
    """One day."""
    sys.path.insert(0, str(HERE))
    from by_ciw import play

    patience, agents = BY_CIW[name]

    def once() -> float:
        start = perf_counter()
        calls = play(patience, agents, 1)
        return (perf_counter() - start) / calls * 1e9

    return once


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


def compiled(folder: Path) -> Path | None:
    """The C++ program, or None where there is no compiler."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        return None
    program = folder / "days"
    subprocess.run([compiler, "-O3", "-march=native", "-o", program, HERE / "cpp" / "days.cpp"], check=True)
    return program


def main() -> None:
    """Measure in turns, and print a table."""
    parser = argparse.ArgumentParser(description="nanoseconds a call, in ccsim and elsewhere")
    parser.add_argument("--days", type=int, default=40, help="days in each round of the fast ones")
    parser.add_argument("--precise", nargs="*", default=[*DAYS, BUSY], help="days that are played to a half-width of 0.5 points")
    parser.add_argument("--chart", type=Path, help="write a bar chart here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(Path(folder))
        contests: dict[str, dict[str, Timing]] = {"ccsim": {name: by_ccsim(name, asked.days) for name in DAYS}}
        if program is not None:
            contests["C++ with a binary heap"] = {name: by_cpp(name, asked.days, program) for name in DAYS}
        contests["SimPy"] = {name: by_simpy(name) for name in DAYS}
        if importlib.util.find_spec("ciw"):
            contests["Ciw"] = {name: by_ciw(name) for name in BY_CIW}
        best: dict[str, dict[str, float]] = {who: dict.fromkeys(days, float("inf")) for who, days in contests.items()}
        for number in range(ROUNDS):
            for who, days in contests.items():
                if number and who in ("SimPy", "Ciw"):
                    continue  # a round of these takes as long as all others together
                for name, once in days.items():
                    best[who][name] = min(best[who][name], once())
    show(best)
    sure = {name: seconds_to_half_a_point(name) for name in asked.precise}
    for name, (seconds, days) in sure.items():
        print(f"{name.upper()}: the share over the target wait to within 0.5 points after {days:,} days and {seconds:,.1f} s")
    if asked.chart:
        draw(best, sure, asked.chart)


def show(best: dict[str, dict[str, float]]) -> None:
    """Nanoseconds a call, and how many times ccsim's."""
    print(f"{'ns a call, one thread':28}" + "".join(f"{name.upper():>22}" for name in DAYS))
    for who, days in best.items():
        cells = [f"{days[name]:,.0f} ({days[name] / best['ccsim'][name]:,.2f})" if name in days else "" for name in DAYS]
        print(f"{who:28}" + "".join(f"{cell:>22}" for cell in cells))
    print("in brackets: times ccsim's")


def draw(best: dict[str, dict[str, float]], sure: dict[str, tuple[float, int]], path: Path) -> None:
    """Bars on logarithmic axes: what a call costs, and how long it takes to be sure."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4), layout="constrained")
    cost, time = figure.subplots(1, 2, width_ratios=(2, 1))
    width = 0.8 / len(best)
    for place, (who, days) in enumerate(best.items()):
        bars = cost.bar([DAYS.index(name) + place * width for name in days], list(days.values()), width, label=who)
        cost.bar_label(bars, [f"{ns:,.0f}" for ns in days.values()], fontsize=8, padding=2)
    cost.set_yscale("log")
    cost.set_xticks([number + 0.4 - width / 2 for number in range(len(DAYS))], [name.upper() for name in DAYS])
    cost.set_ylabel("nanoseconds a call (log scale)")
    cost.legend(frameon=False)
    bars = time.bar([name.upper() for name in sure], [seconds for seconds, _ in sure.values()])
    time.bar_label(bars, [f"{days:,} days" for _, days in sure.values()], fontsize=8, padding=2)
    time.set_yscale("log")
    time.set_ylabel("seconds to within 0.5 points (log scale)")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
