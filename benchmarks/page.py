"""How quickly the page answers while two runs are going, view by view and click by click, and how soon a run is over that is ended.

Of each view the 50th and 95th percentile of its answers, in milliseconds; of what is done in a view, where Chromium is there, those from
the click until the answer is painted; of the ends the longest of some.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ccsim.web.desk import Desk  # noqa: E402
from ccsim.web.jobs import Job  # noqa: E402
from tests.web.browser import CHROMIUM, served  # noqa: E402

NAME = "appointment-centre.yaml"
OF_IT = f"?name={NAME}"
VIEWS = (
    "/", f"/scenario{OF_IT}", "/records", "/compare", "/calculator", f"/contingents{OF_IT}", "/history",
    *(f"/study/{of}{OF_IT}" for of in ("staff", "schedule", "people", "slots", "sweep", "explain", "rules")),
)  # fmt: skip
ROUNDS = 30
DEEDS = 12
ENDED = 6
Times = dict[str, list[float]]

# Do something to an element, and tell how many milliseconds pass until something is true of the page and painted
PAINTED = """async ([how, element, holds]) => {
  const done = new Function("return " + holds), start = performance.now();
  if (how === "click") element.click(); else element.blur();
  await new Promise(told => { const look = () => done() ? told() : requestAnimationFrame(look); look(); });
  await new Promise(told => requestAnimationFrame(() => setTimeout(told, 0)));
  return performance.now() - start;
}"""


def asked(address: str, views: tuple[str, ...]) -> Times:
    """Milliseconds that each view takes, in rounds over all of them with short rests."""
    times: Times = {view: [] for view in views}
    for _ in range(ROUNDS):
        for view in views:
            before = time.perf_counter()
            with urlopen(address + view) as answer:
                answer.read()
            times[view].append(1000.0 * (time.perf_counter() - before))
            time.sleep(0.03)
    return times


def done(address: str) -> Times:
    """Milliseconds from a click to its painted answer, of what is done most in the form of a scenario."""
    from playwright.sync_api import sync_playwright

    times: Times = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)

        def act(what: str, how: str, found: Any, holds: str) -> None:
            times.setdefault(what, []).append(page.evaluate(PAINTED, [how, found.element_handle(), holds]))
            page.wait_for_timeout(400)

        wrong = "document.querySelectorAll('[aria-invalid=true]').length"
        for number in range(DEEDS):
            page.goto(f"{address}/scenario{OF_IT}")
            page.wait_for_function("window.socket && window.socket.connected")
            page.wait_for_timeout(500)
            opened = page.get_by_role("button", name='Expand "english"')
            act("a part is opened", "click", opened, "document.querySelectorAll('.fields .q-field').length > 3")
            field = page.get_by_label("patience · mean", exact=True)
            field.fill("5")
            act("a field is left that is wrong", "blur", field, f"{wrong} === 1")
            field.fill(f"{5 + number} min")
            act("a field is left that is right", "blur", field, f"{wrong} === 0")
            unsaved = "[...document.querySelectorAll('.soft')].some(one => one.textContent.includes('not saved'))"
            act("changes are undone", "click", page.get_by_role("button", name="Undo changes"), f"!{unsaved}")
        chromium.close()
    return times


def told(what: str, alone: Times, beside: Times) -> None:
    """Print percentiles of each, and of all together."""
    print(f"{what:<34} {'the page alone':>16} {'beside two runs':>18}\n{'':<34} {'50 %':>8} {'95 %':>7} {'50 %':>10} {'95 %':>7}")
    together = [sorted(one for several in times.values() for one in several) for times in (alone, beside)]
    for words, pair in [*((view, [sorted(times[view]) for times in (alone, beside)]) for view in alone), ("all together", together)]:
        (low, high), (busy_low, busy_high) = ((_at(times, 0.5), _at(times, 0.95)) for times in pair)
        print(f"{words.partition('?')[0]:<34} {low:>8.0f} {high:>7.0f} {busy_low:>10.0f} {busy_high:>7.0f}  ms")


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
                alone, clicked = asked(address, views), done(address) if CHROMIUM else {}
                jobs = begun(desk)
                told("asked for", alone, asked(address, views))
                if CHROMIUM:
                    told("done in the browser", clicked, done(address))
                times = [ended(desk, job) for job in jobs]
                while len(times) < ENDED:
                    times += [ended(desk, job) for job in begun(desk)]
                print(f"a run is over {max(times):.0f} ms after it was ended, the longest of {len(times)}")
            finally:
                desk.close()


if __name__ == "__main__":
    main()
