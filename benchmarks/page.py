"""How quickly the page answers while two runs are going, and how soon a run is over that is ended.

Of the answers the 50th and 95th percentile over its views, in milliseconds; of the ends the longest of some.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ccsim.web.desk import Desk  # noqa: E402
from ccsim.web.jobs import Job  # noqa: E402
from tests.web.browser import served  # noqa: E402

NAME = "appointment-centre.yaml"
VIEWS = ("/", f"/scenario?name={NAME}", f"/study/staff?name={NAME}", "/calculator", "/compare", "/contingents", "/history")
ROUNDS = 30
ENDED = 6


def asked(address: str, views: tuple[str, ...]) -> dict[str, list[float]]:
    """Milliseconds that each view takes, in rounds over all of them with short rests."""
    times: dict[str, list[float]] = {view: [] for view in views}
    for _ in range(ROUNDS):
        for view in views:
            before = time.perf_counter()
            with urlopen(address + view) as answer:
                answer.read()
            times[view].append(1000.0 * (time.perf_counter() - before))
            time.sleep(0.03)
    return times


def told(words: str, times: dict[str, list[float]]) -> None:
    """Print two percentiles over all views, and of each the 95th."""
    every = sorted(one for several in times.values() for one in several)
    print(f"{words}: 50 % within {_at(every, 0.5):.0f} ms, 95 % within {_at(every, 0.95):.0f} ms ({len(every)} requests)")
    print("  95 % of each: " + ", ".join(f"{view.partition('?')[0]} {_at(sorted(several), 0.95):.0f}" for view, several in times.items()))


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def begun(desk: Desk) -> list[Job]:
    """Two runs that would never come to an end, on their way."""
    jobs = [desk.play(NAME, {"days": "1000000", "seed": str(seed)}, "bench") for seed in (1, 2)]
    while not all(job.done for job in jobs):
        time.sleep(0.1)
    return jobs


def ended(desk: Desk, job: Job) -> float:
    """Milliseconds from the word to the end."""
    before = time.perf_counter()
    desk.end(job.id, "bench")
    job.over.wait()
    return 1000.0 * (time.perf_counter() - before)


def main() -> None:
    """The page alone, then beside two runs; then the runs are ended, and others, each beside one that goes on."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "work"
        folder.mkdir()
        shutil.copy(ROOT / "scenarios" / NAME, folder)
        with served(folder) as (address, _):
            desk = Desk(folder)
            try:
                job = desk.play(NAME, {"days": "20"}, "bench")
                job.over.wait()
                views = (*VIEWS, f"/result/{(job.answer or {})['key']}")
                for view in views:
                    urlopen(address + view).read()
                time.sleep(5.0)  # its workers are importing
                told("the page alone", asked(address, views))
                jobs = begun(desk)
                told("beside two runs", asked(address, views))
                times = [ended(desk, job) for job in jobs]
                while len(times) < ENDED:
                    times += [ended(desk, job) for job in begun(desk)]
                print(f"a run is over {max(times):.0f} ms after it was ended, the longest of {len(times)}")
            finally:
                desk.close()


if __name__ == "__main__":
    main()
