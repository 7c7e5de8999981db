"""Make the pictures of docs/images/ again: every view of the page, every chart of a run, the report and the card.

usage: python tools/pictures.py [FOLDER]

Starts the page over a folder of its own, goes through it in the system's Chromium, and keeps what it sees as PNG files in FOLDER
(docs/images unless told). Takes a minute or two; looks the same on every machine but for the fonts.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.web.browser import CHROMIUM, served  # noqa: E402

SCENARIO = "appointment-centre.yaml"
NEW_CENTRE = "new-centre.yaml"
WIDE, HIGH = 1280, 900
ANSWER = 1500  # lines of an answer: what it says, and its charts
PATIENCE = 900_000  # ms


@contextmanager
def browser() -> Iterator[Any]:
    """A browser with one page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": WIDE, "height": HIGH})
        page.set_default_timeout(PATIENCE)
        yield page
        chromium.close()


def lighten(path: Path, most: int = 100_000) -> None:
    """Keep a picture with as many colours as it needs, and at most so many lines of it."""
    from PIL import Image

    with Image.open(path) as seen:
        upper = seen.crop((0, 0, seen.width, min(seen.height, most)))
        few = upper.convert("RGB").quantize(colors=224, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


class Camera:
    """Goes to places of the page and keeps what it sees."""

    def __init__(self, page: Any, address: str, folder: Path) -> None:
        self.page, self.address, self.folder = page, address, folder

    def go(self, place: str) -> None:
        """Open a view, and wait until it answers."""
        self.page.goto(self.address + place)
        self.page.wait_for_function("window.socket && window.socket.connected")

    def keep(self, name: str, whole: bool = True, most: int = 100_000) -> None:
        """Keep what is seen, the whole page up to so many lines, or as much as the window shows."""
        self.page.evaluate("document.activeElement && document.activeElement.blur()")
        self.page.evaluate("for (const one of document.querySelectorAll('.q-header')) one.style.position = 'absolute'")
        for image in self.page.locator("figure img").all():
            image.scroll_into_view_if_needed()
        self.page.wait_for_function("[...document.images].every(one => one.complete)")
        self.page.evaluate("window.scrollTo(0, 0)")
        self.page.wait_for_timeout(600)
        path = self.folder / f"{name}.png"
        self.page.screenshot(path=path, full_page=whole)
        lighten(path, most)
        print(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def views(camera: Camera) -> None:
    """Every view of the page, from a scenario to a comparison."""
    page = camera.page
    camera.go("/")
    camera.keep("page-scenarios", whole=False)
    camera.go(f"/scenario?name={SCENARIO}")
    for part in ("english", "home"):
        page.get_by_role("button", name=f'Expand "{part}"').click()
    page.get_by_label("notice · mean").wait_for()
    field = page.get_by_label("patience · mean", exact=True)
    field.fill("5")
    field.press("Tab")
    page.get_by_text("a number without a unit").first.wait_for()
    page.wait_for_timeout(1000)  # fields are drawn a few at a time
    camera.keep("page-scenario")
    camera.go(f"/scenario?name={SCENARIO}")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/result/run-*")
    page.get_by_role("heading", name="All figures").wait_for()
    camera.keep("page-result")
    charts(camera, page.url.rpartition("/")[2])
    camera.go(f"/scenario?name={SCENARIO}")
    page.get_by_role("button", name="Duplicate").click()
    page.get_by_role("heading", name="(copy)").wait_for()
    page.get_by_role("button", name='Expand "home"').click()
    agents = page.get_by_label("agents", exact=True)
    agents.fill("0")
    agents.press("Tab")
    page.get_by_text("1 change not saved").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("1 change not saved").wait_for(state="detached")
    camera.go(f"/compare?first={SCENARIO}&second=appointment-centre-copy.yaml")
    camera.keep("page-compare", whole=False)
    page.get_by_role("main").get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url("**/job/*")
    page.wait_for_timeout(700)
    camera.keep("page-running", whole=False)
    page.wait_for_url("**/result/compare-*")
    page.get_by_text("B less A:").first.wait_for()
    camera.keep("page-comparison")
    camera.go("/calculator")
    page.get_by_role("button", name="Calculate").click()
    page.get_by_text("are the fewest").wait_for()
    camera.keep("page-calculator", whole=False)
    contingents(camera)
    studies(camera)
    records(camera)
    camera.go("/history")
    camera.keep("page-history", whole=False)


def contingents(camera: Camera) -> None:
    """How many to call now, the rules between waits and cost, and the card."""
    page = camera.page
    camera.go(f"/contingents?name={SCENARIO}")
    for label, typed in (("Time *", "10:40"), ("Callers who wait *", "14"), ("The oldest has waited", "70 s"), ("Agents on duty *", "44")):
        page.get_by_label(label).fill(typed)
    page.get_by_role("button", name="Make the card").click()
    page.get_by_role("link", name="Open the page to print").wait_for()
    place = page.get_by_role("link", name="Open the page to print").get_attribute("href")
    page.get_by_role("button", name="Look ahead").click()
    page.get_by_role("heading", name="If so many are called now").wait_for()
    camera.keep("page-contingents")
    page.goto(camera.address + str(place))
    camera.keep("card")


def studies(camera: Camera) -> None:
    """The other questions that can be asked of a scenario: the fields of some, and the answer of each."""
    page = camera.page

    def answered(act: str, name: str) -> None:
        page.get_by_role("button", name=act, exact=True).click()
        page.wait_for_url("**/result/study-*")
        page.get_by_role("heading", name="All figures").wait_for()
        camera.keep(name, most=ANSWER)

    def ask(of: str, file: str = SCENARIO) -> None:
        camera.go(f"/study/{of}?name={file}")

    ask("staff")
    page.get_by_label("How it is found").click()
    page.get_by_role("option", name="by simulation").click()
    page.get_by_label("Fresh days to check it on").wait_for()
    camera.keep("page-staff-fields", whole=False)
    answered("Find them", "page-staff")
    ask("schedule")
    page.get_by_label("Time to look").fill("60 s")
    answered("Choose shifts", "page-schedule")
    ask("people")
    answered("Count them", "page-people")
    ask("slots")
    answered("Look for slots", "page-slots")
    ask("size", NEW_CENTRE)
    answered("Size it", "page-size")
    ask("sweep")
    for label, typed, chosen in (
        ("Key *", "english · volume", "calls · english · volume"),
        ("A second key", "home · agents", "contingent · home · agents"),
    ):
        page.get_by_label(label, exact=True).fill(typed)
        page.get_by_role("option", name=chosen).first.click()
        page.wait_for_timeout(500)
    page.get_by_label("Its values *").fill("4000, 4400, 4800, 5200")
    page.get_by_label("Values of the second key *").fill("0, 12")
    camera.keep("page-sweep-fields", whole=False)
    answered("Play them", "page-sweep")
    ask("explain")
    answered("Explain it", "page-explain")
    ask("rules")
    answered("Search the rules", "page-rules")


def records(camera: Camera) -> None:
    """What call records say, and the scenario that they make."""
    page = camera.page
    camera.go("/records")
    page.get_by_label("Calls *").click()
    page.get_by_role("option", name="records/calls.csv").click()
    page.get_by_role("button", name="Fit them", exact=True).click()
    page.wait_for_url("**/result/study-*")
    page.get_by_role("heading", name="All figures").wait_for()
    camera.keep("page-records", most=ANSWER)


def charts(camera: Camera, key: str) -> None:
    """Each chart of a run by itself, and the report."""
    page = camera.page
    for image in page.locator("figure img").all():
        words = str(image.get_attribute("alt")).partition(".")[0].lower().replace(" ", "-")
        image.screenshot(path=camera.folder / f"chart-{words}.png")
        lighten(camera.folder / f"chart-{words}.png")
        print(f"chart-{words}.png")
    page.get_by_role("button", name="Make the report", exact=True).click()
    page.get_by_role("link", name="Look at the report").wait_for()
    page.goto(f"{camera.address}/download/{key}/report?look=1")
    camera.keep("report")


def keep_records(folder: Path) -> None:
    """Two weeks of calls of the scenario's Monday, written down."""
    import ccsim

    folder.mkdir()
    days = ccsim.run(ccsim.load(ROOT / "scenarios" / SCENARIO), replications=10, seed=1)
    weekdays = [date for date in pd.date_range("2027-03-01", periods=14) if date.day_of_week < 5]
    columns = ["arrival", "call_type", "answered_at", "hung_up_at", "ended_at", "agent"]
    found = []
    for number, date in enumerate(weekdays):
        calls = days.calls(number)[columns].copy()
        for column in ("arrival", "answered_at", "hung_up_at", "ended_at"):
            calls[column] = (date + pd.to_timedelta(calls[column], unit="s")).dt.round("s")
        found.append(calls)
    pd.concat(found).to_csv(folder / "calls.csv", index=False)


def main(folder: Path) -> None:
    """All pictures into a folder."""
    if CHROMIUM is None:
        sys.exit("pictures: no browser was found; tools/get-chromium installs one")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        work = Path(made) / "work"
        work.mkdir()
        for name in (SCENARIO, NEW_CENTRE):
            shutil.copy(ROOT / "scenarios" / name, work)
        keep_records(work / "records")
        with served(work, "--nice", "0") as (address, _), browser() as page:
            views(Camera(page, address, folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
