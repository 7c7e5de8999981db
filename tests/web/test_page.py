"""A stranger's path through the page in a real browser, by mouse and by keyboard alone, and what must not happen on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.web.browser import CHROMIUM, LONG, PLAYED, Watch, needs_chromium, served, violations
from tests.web.conftest import SCENARIO

pytestmark = needs_chromium


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's own Chromium, in place of one that Playwright would download."""
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-dev-shm-usage"]}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the page works in."""
    folder = tmp_path_factory.mktemp("page") / "work"
    folder.mkdir()
    (folder / "twenty.yaml").write_text(SCENARIO, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def address(place: Path) -> Iterator[str]:
    """The page, served."""
    with served(place, "--nice", "0") as (where, _):
        yield where


@pytest.fixture
def tab(browser: Any, address: str) -> Iterator[tuple[Any, Watch]]:
    """A tab of a browser of its own, which at the end has seen no error and asked nobody else."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(LONG)
    page.set_default_navigation_timeout(LONG)
    watch = Watch(page, address)
    yield page, watch
    context.close()
    assert watch.errors == []
    assert watch.outside == []


def at(page: Any, where: str) -> None:
    """Go there, and wait until the page answers."""
    page.goto(where)
    page.wait_for_function("window.socket && window.socket.connected")


def test_a_stranger_opens_changes_runs_compares_and_downloads(tab: tuple[Any, Watch], address: str, tmp_path: Path) -> None:
    page, _ = tab
    wrong: list[str] = []
    at(page, address)
    wrong += violations(page)
    page.get_by_role("link", name="Twenty people").first.click()
    page.wait_for_url("**/scenario?*")
    page.get_by_role("button", name="Duplicate").click()
    page.get_by_role("heading", name="Twenty people (copy)").wait_for()

    # Wrong input is told beside its field, and the run waits until it is mended
    page.get_by_role("button", name='Expand "day"').click()
    agents = page.get_by_label("agents", exact=True)
    agents.fill("twenty-four")
    agents.press("Tab")
    field = page.locator(".q-field", has=page.locator("[aria-invalid=true]"))
    field.get_by_role("alert").wait_for()
    assert "twenty-four" in field.get_by_role("alert").inner_text()
    assert field.get_by_label("agents", exact=True).count() == 1
    wrong += violations(page)
    agents.fill("24")
    agents.press("Tab")
    page.get_by_text("1 change not saved").wait_for()
    page.wait_for_function("document.querySelectorAll('[aria-invalid=true]').length === 0")

    page.get_by_label("Days to play").fill("40")
    page.get_by_role("button", name="Save and run").click()
    page.wait_for_url("**/result/run-*", timeout=PLAYED)
    page.get_by_text("of all callers were answered within 20 s").first.wait_for()
    for image in page.locator("figure img").all():
        image.scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('figure img')].every(one => one.complete && one.naturalWidth > 0)")
    wrong += violations(page)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download the workbook").click()
    saved.value.save_as(tmp_path / "run.xlsx")
    with CalamineWorkbook.from_path(str(tmp_path / "run.xlsx")) as book:
        cells = [cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row]
    assert "Twenty people (copy)" in cells
    assert any(isinstance(cell, float) for cell in cells)

    page.get_by_role("link", name="Compare it").click()
    page.wait_for_url("**/compare?*")
    page.wait_for_function("window.socket && window.socket.connected")
    page.get_by_role("main").get_by_role("button", name="Compare", exact=True).click()
    field = page.locator(".q-field", has=page.get_by_label("Scenario B"))
    field.get_by_text("Choose a scenario.").wait_for()
    page.get_by_label("Scenario B").click()
    page.get_by_role("option", name="(twenty.yaml)").click()
    page.locator(".q-menu").wait_for(state="detached")
    page.get_by_label("Days to play").fill("40")
    wrong += violations(page)
    page.get_by_role("main").get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url("**/result/compare-*", timeout=PLAYED)
    page.get_by_text("B less A:").first.wait_for()
    page.get_by_role("cell", name="staff.day.agents").wait_for()
    wrong += violations(page)
    at(page, f"{address}/history")
    page.get_by_role("link", name="Run 1:").wait_for()
    wrong += violations(page)
    assert wrong == []


def test_a_run_is_ended_by_who_began_it_and_by_nobody_else(tab: tuple[Any, Watch], browser: Any, address: str) -> None:
    page, _ = tab
    at(page, f"{address}/scenario?name=twenty.yaml")
    page.get_by_label("Days to play").fill("1000000")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/job/*")
    other = browser.new_context()
    stranger = other.new_page()
    stranger.set_default_timeout(LONG)
    at(stranger, page.url)
    stranger.get_by_text("Only who began this, or the keeper of this page, can end it.").wait_for()
    assert stranger.get_by_role("button", name="End this run").count() == 0
    other.close()
    page.wait_for_function("window.socket && window.socket.connected")
    assert page.get_by_text("You may close this page").is_visible()
    running = page.context.new_page()
    at(running, f"{address}/history")
    way = running.get_by_role("link", name="Twenty people", exact=True)
    assert way.get_attribute("href") == page.url.removeprefix(address)
    assert violations(running) == []
    wrong = violations(page)
    page.get_by_role("button", name="End this run").click()
    page.get_by_text("Ended. Nothing was kept of it.").wait_for()
    page.get_by_text("You may close this page").wait_for(state="hidden")
    way.wait_for(state="detached")
    running.get_by_role("heading", name="Finished").wait_for()
    running.close()
    assert wrong + violations(page) == []


def test_a_run_with_no_days_saves_nothing_and_thousands_with_a_point_are_asked_about(
    tab: tuple[Any, Watch], address: str, place: Path
) -> None:
    page, _ = tab
    (place / "quiet.yaml").write_text(SCENARIO.replace("Twenty people", "Quiet"), encoding="utf-8")
    before = (place / "quiet.yaml").read_bytes()
    at(page, f"{address}/scenario?name=quiet.yaml")
    page.get_by_role("button", name='Expand "support"').click()
    volume = page.get_by_label("volume", exact=True)
    volume.fill("4.400")
    volume.press("Tab")
    page.locator(".q-field.doubt, .doubt .q-field").get_by_text("4.4 calls a day? Write 4400 for thousands.").wait_for()
    page.get_by_text("volume 4.400").first.wait_for()
    for label, typed in (("Days to play", "0"), ("Seed", "abc")):
        field = page.get_by_label(label)
        field.fill(typed)
        field.press("Tab")
        page.get_by_text(f"Found “{typed}”, where a whole number").wait_for()
        assert field.get_attribute("aria-invalid") == "true"
    wrong = violations(page)
    page.get_by_role("button", name="Save and run").click()
    page.get_by_text("Nothing was saved and nothing is run").wait_for()
    assert page.get_by_text("1 change not saved").is_visible()
    assert (place / "quiet.yaml").read_bytes() == before
    assert wrong == []


def test_a_file_too_large_is_refused_where_it_was_dropped_and_a_link_puts_no_words_on_the_page(
    tab: tuple[Any, Watch], address: str, tmp_path: Path
) -> None:
    page, _ = tab
    (tmp_path / "large.csv").write_bytes(b"0" * 5_200_000)
    at(page, f"{address}/?fault=Your+password+has+expired&notice=Your+password+has+expired")
    page.locator("input[type=file]").set_input_files(tmp_path / "large.csv")
    page.get_by_role("button", name="Open it").click()
    page.get_by_text("the file has 5.2 MB. The page takes files up to 5 MB").wait_for()
    assert page.url.startswith(f"{address}/?")
    assert page.get_by_text("password").count() == 0
    wrong = violations(page)
    (tmp_path / "week.csv").write_text("start,calls\n2027-03-01 08:00,10\n2027-03-01 08:30,12\n", encoding="utf-8")
    page.locator("input[type=file]").set_input_files(tmp_path / "week.csv")
    page.get_by_role("button", name="Open it").click()
    page.wait_for_url("**/forecast?*")
    page.get_by_role("heading", name="Put it into a scenario").wait_for()
    assert wrong + violations(page) == []


def test_records_are_dropped_asked_and_asked_again_with_what_was_typed(tab: tuple[Any, Watch], address: str, tmp_path: Path) -> None:
    page, _ = tab
    rows = [f"{day:02d}/03/2027 {hour:02d}:00,{20 + hour}" for day in range(1, 13) for hour in range(9, 17)]
    (tmp_path / "counts.csv").write_text("\n".join(["start,offered", *rows]), encoding="utf-8")
    (tmp_path / "none.csv").write_text("one column\n", encoding="utf-8")
    at(page, f"{address}/records")
    wrong = violations(page)
    for name, seen in (("none.csv", "has one column only"), ("counts.csv", "Records in this folder")):
        page.locator("input[type=file]").set_input_files(tmp_path / name)
        page.get_by_role("button", name="Keep it").click()
        page.get_by_text(seen).wait_for()
        page.wait_for_function("window.socket && window.socket.connected")
    for of in ("forecast", "backtest", "fit"):
        at(page, f"{address}/records?ask={of}")
        page.get_by_role("main").get_by_role("button").last.wait_for()
        wrong += violations(page)

    # What fails leads back to the fields as they were filled, and so does the answer
    def choose(label: str, option: str) -> None:
        page.get_by_label(label, exact=True).click()
        page.get_by_role("option", name=option).click()
        page.locator(".q-menu").wait_for(state="detached")

    choose("Calls *", "records/counts.csv")
    page.get_by_role("button", name="Fit them").click()
    page.get_by_text("say it under “Dates such as 03/04”").wait_for()
    wrong += violations(page)
    page.get_by_role("link", name="Change it and ask again").click()
    page.wait_for_url("**/records?ask=fit&again=*")
    page.wait_for_function("window.socket && window.socket.connected")
    choose("Dates such as 03/04", "day first")
    page.get_by_role("button", name="Fit them").click()
    page.wait_for_url("**/result/study-*", timeout=PLAYED)
    page.get_by_role("button", name="Open the scenario").wait_for()
    wrong += violations(page)
    page.get_by_role("link", name="Ask again with changes").click()
    page.wait_for_url("**/records?ask=fit&again=study-*")
    page.get_by_text("day first").wait_for()
    assert wrong == []


def test_the_calculator_by_keyboard_alone(tab: tuple[Any, Watch], address: str) -> None:
    page, _ = tab
    at(page, address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == "Calculator":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/calculator")
    page.wait_for_function("window.socket && window.socket.connected")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == "Handle time *":
            break
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    page.get_by_text("write a duration with its unit").wait_for()
    page.keyboard.type(" min")
    page.keyboard.press("Enter")
    told = page.get_by_text("14 agents on duty are the fewest that meet the target")
    told.wait_for()
    assert violations(page) == []
    page.keyboard.press("Control+A")
    page.keyboard.type("soon")
    page.keyboard.press("Enter")
    page.get_by_text("mend the fields that are marked above").wait_for()  # no old answer under a question that is refused
    assert told.count() == 0
    assert violations(page) == []


def test_contingents_are_looked_at_and_a_file_with_html_in_it_is_shown_as_text(
    tab: tuple[Any, Watch], address: str, tmp_path: Path
) -> None:
    page, watch = tab
    at(page, f"{address}/contingents")
    for label, typed in (("Time *", "08:40"), ("Callers who wait *", "6"), ("The oldest has waited", "40 s"), ("Agents on duty *", "15")):
        page.get_by_label(label).fill(typed)
    page.get_by_role("button", name="Make the card").click()
    page.get_by_role("link", name="Open the page to print").wait_for(timeout=PLAYED)
    page.get_by_role("button", name="Look ahead").click()
    page.get_by_role("heading", name="If so many are called now").wait_for(timeout=PLAYED)
    wrong = violations(page)
    hostile = '<img src=x onerror="document.title=1">{{7*7}}'
    (tmp_path / "hostile.yaml").write_text(SCENARIO.replace("Twenty people", hostile.replace('"', "'")), encoding="utf-8")
    at(page, address)
    page.locator("input[type=file]").set_input_files(tmp_path / "hostile.yaml")
    page.get_by_role("button", name="Open it").click()
    page.wait_for_url("**/scenario?name=hostile.yaml")
    page.get_by_role("heading", name="<img src=x onerror").wait_for()
    assert page.locator("img[src=x]").count() == 0
    (tmp_path / "forecast.csv").write_text('time,calls\n08:00,"<script>alert(1)</script>"\n', encoding="utf-8")
    at(page, address)
    page.locator("input[type=file]").set_input_files(tmp_path / "forecast.csv")
    page.get_by_role("button", name="Open it").click()
    page.get_by_text("is no number of calls").wait_for()
    wrong += violations(page)
    assert wrong == []
    assert watch.errors == []


def test_studies_are_asked_by_keyboard_answered_and_kept(tab: tuple[Any, Watch], address: str, tmp_path: Path) -> None:
    page, _ = tab
    wrong: list[str] = []
    at(page, f"{address}/scenario?name=twenty.yaml")
    page.get_by_role("navigation", name="What else can be asked").get_by_role("link", name="Why this answer").wait_for()
    for of in ("explain", "size", "rules", "schedule", "people", "slots", "sweep"):
        at(page, f"{address}/study/{of}?name=twenty.yaml")
        page.get_by_role("main").get_by_role("button").last.wait_for()
        wrong += violations(page)

    # What is wrong is said beside its field, and nothing is begun; a key is chosen by typing a part of it
    page.get_by_label("Key *", exact=True).focus()
    page.keyboard.type("day · agents")
    page.get_by_role("option", name="staff · day · agents (now 20)").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_label("A second key").wait_for()
    page.locator(".q-menu").wait_for(state="detached")
    values = page.get_by_label("Its values *")
    values.focus()
    page.keyboard.type("18, many")
    page.get_by_role("button", name="Play them").focus()
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("many").wait_for()
    assert values.get_attribute("aria-invalid") == "true"
    wrong += violations(page)
    # It stands as long as the field does: leaving the field, which a slow browser tells late, does not take it away
    values.focus()
    page.get_by_label("Seed").focus()
    page.get_by_label("Days to play").focus()
    page.keyboard.type("many")
    page.get_by_label("Seed").focus()
    page.get_by_role("alert").get_by_text("“many”").wait_for()
    assert page.get_by_role("alert").count() == 2
    page.get_by_label("Days to play").focus()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    values.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("18, 26")
    page.get_by_label("Days to play").focus()
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    page.wait_for_url("**/result/study-*", timeout=PLAYED)
    page.get_by_text("with staff.day.agents at 26").first.wait_for()
    for image in page.locator("figure img").all():
        image.scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('figure img')].every(one => one.complete && one.naturalWidth > 0)")
    wrong += violations(page)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download sweep.csv").click()
    saved.value.save_as(tmp_path / "sweep.csv")
    assert (tmp_path / "sweep.csv").read_text(encoding="utf-8").startswith("staff.day.agents,measure,mean")
    page.get_by_role("link", name="Ask again with changes").click()
    page.wait_for_url("**/study/sweep?*")
    page.wait_for_function("window.socket && window.socket.connected")
    assert page.get_by_label("Its values *").input_value() == "18, 26"

    # Fields come with what they belong to
    at(page, f"{address}/study/staff?name=twenty.yaml")
    assert page.get_by_label("Fresh days to check it on").count() == 0
    page.get_by_label("How it is found").click()
    page.get_by_role("option", name="by simulation").click()
    page.get_by_label("Fresh days to check it on").wait_for()
    page.locator(".q-menu").wait_for(state="detached")
    wrong += violations(page)
    at(page, f"{address}/history")
    page.get_by_role("link", name="Vary a key: Twenty people").first.wait_for()
    wrong += violations(page)
    assert wrong == []
