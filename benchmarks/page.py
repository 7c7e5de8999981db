"""How quickly the page answers while two runs are going: the 50th and 95th percentile over its views, in milliseconds."""

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
from tests.web.browser import served  # noqa: E402

VIEWS = ("/", "/scenario?name=appointment-centre.yaml", "/calculator", "/compare", "/history")
ROUNDS = 30


def asked(address: str) -> list[float]:
    """Milliseconds that each view takes, in rounds over all of them with short rests."""
    times = []
    for _ in range(ROUNDS):
        for view in VIEWS:
            before = time.perf_counter()
            with urlopen(address + view) as answer:
                answer.read()
            times.append(1000.0 * (time.perf_counter() - before))
            time.sleep(0.03)
    return sorted(times)


def told(words: str, times: list[float]) -> None:
    """Print two percentiles."""
    print(
        f"{words}: 50 % within {times[len(times) // 2]:.0f} ms, 95 % within {times[int(0.95 * len(times))]:.0f} ms ({len(times)} requests)"
    )


def main() -> None:
    """The page alone, then beside two runs that never come to an end."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "work"
        folder.mkdir()
        shutil.copy(ROOT / "scenarios" / "appointment-centre.yaml", folder)
        with served(folder) as (address, _):
            for view in VIEWS:
                urlopen(address + view).read()
            time.sleep(5.0)  # its workers are importing
            told("the page alone", asked(address))
            desk = Desk(folder)
            try:
                jobs = [desk.play("appointment-centre.yaml", {"days": "1000000", "seed": str(seed)}, "bench") for seed in (1, 2)]
                while not all(job.done for job in jobs):
                    time.sleep(0.2)
                told("beside two runs", asked(address))
            finally:
                desk.close()


if __name__ == "__main__":
    main()
