"""How long `ccsim now` takes as a whole command, by the wall clock and in processor seconds of it and its copies, over several states."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATES = {
    "appointment centre, 8 wait": "appointment-centre --at 10:30 --waiting 8 --oldest 70s --agents 50",
    "the same, 40 wait": "appointment-centre --at 10:30 --waiting 40 --oldest 150s --agents 45",
    "the same, in the afternoon": "appointment-centre --at 15:10 --waiting english=6,spanish=3 --oldest 80s --agents 44",
    "the same, the calls told": "appointment-centre --at 10:30 --waiting 8 --oldest 70s --agents 50 --calls-so-far 1300",
    "bank, 8 wait": "us-bank-weekday --at 10:30 --waiting 8 --oldest 70s --agents 250",
    "bank, 40 wait": "us-bank-weekday --at 14:00 --waiting 40 --oldest 90s --agents 150",
    "football, redials": "football-final --at 10:30 --waiting 12 --oldest 80s --agents 24",
}
TURNS = 5


def asked(state: str) -> tuple[float, float]:
    """Seconds on the wall, and of processors, that one answer takes."""
    scenario, *told = state.split()
    command = [sys.executable, "-m", "ccsim", "now", f"scenarios/{scenario}.yaml", *told]
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=ROOT, env={**os.environ, "CCSIM_HISTORY": "off"}, check=True, capture_output=True)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print medians of five answers for each state, after one that is not counted."""
    asked(next(iter(STATES.values())))
    print(f"{'':28} {'wall s':>8} {'CPU s':>8}")
    for name, state in STATES.items():
        wall, processor = zip(*(asked(state) for _ in range(TURNS)), strict=True)
        print(f"{name:28} {statistics.median(wall):8.2f} {statistics.median(processor):8.2f}", flush=True)


if __name__ == "__main__":
    main()
