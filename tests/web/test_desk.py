"""What the page does, without the page: runs are kept before anything else, and what was made of them is there after a restart."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from matplotlib.figure import Figure
from python_calamine import CalamineWorkbook

from ccsim.errors import CcsimError, InputError
from ccsim.experiment.history import result_of
from ccsim.experiment.history.records import record_of
from ccsim.inputs import load, loads
from ccsim.reporting.charts import service_panel
from ccsim.reporting.course import course
from ccsim.reporting.pictures import alike
from ccsim.reporting.precision import precision_words
from ccsim.staffing.run import run
from ccsim.web.boxes import Misfilled, read_boxes
from ccsim.web.calculator import BOXES, calculated
from ccsim.web.desk import Desk
from ccsim.web.notices import MOST_KEPT, Notices
from ccsim.web.playing import choice_faults
from ccsim.web.refusals import Refused
from tests.unit.experiment.centres import plain
from tests.web.conftest import ONE_EACH, SCENARIO

LONG = 900.0  # s; the first run may have to compile the engine


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, dict[str, Any]]]:
    """A desk with one run that was played, and what it shows of it."""
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "twenty.yaml").write_text(SCENARIO, encoding="utf-8")
    desk = Desk(folder, lanes=ONE_EACH, nice=0)
    job = desk.play("twenty.yaml", {"days": "30"}, "me")
    with pytest.raises(Refused):
        desk.end(job.id, "somebody")  # a second person, without the right to
    assert job.over.wait(LONG)
    assert job.state == "done", job.error
    assert job.answer is not None
    yield desk, desk.shelf.shown(job.answer["key"])
    desk.close()


def test_a_run_says_what_the_command_says(shelf: tuple[Desk, dict[str, Any]]) -> None:
    desk, found = shelf
    result = run(desk.workspace.load("twenty.yaml"), 30)
    level = result.to_dict()["measures"]["service_level_offered"]["mean"]
    said = " ".join(block["text"] for block in found["blocks"] if block["kind"] == "text")
    assert f"{100 * level:.1f} %" in said
    assert {"agents", "service", "wait", "calls", "waits"} <= {picture["name"] for picture in found["pictures"]}
    for place in range(len(found["pictures"])):
        drawn = desk.shelf.picture(found["key"], place).decode()
        assert drawn.startswith("<svg")
        assert "<script" not in drawn
        assert "Twenty" not in drawn


def test_a_run_outlives_the_page_and_whoever_tried_to_end_it(shelf: tuple[Desk, dict[str, Any]]) -> None:
    desk, found = shelf
    after = Desk(desk.workspace.folder)
    try:
        assert after.shelf.shown(found["key"]) == found
        with pytest.raises(CcsimError, match="no run 99 is kept here; those that are stand in the history"):
            after.shelf.shown("run-99")
        assert [head["number"] for head in after.shelf.runs()] == found["numbers"]
        path = after.workspace.own / "shown" / f"{found['key']}.zip"
        kept = path.read_bytes()
        path.unlink()
        assert any(block["kind"] == "table" for block in after.shelf.shown(found["key"])["blocks"])  # from the history alone
        path.write_bytes(kept)
    finally:
        after.close()


def test_the_workbook_of_a_run_opens_and_its_scenario_plays_again(shelf: tuple[Desk, dict[str, Any]], tmp_path: Path) -> None:
    desk, found = shelf
    number = found["numbers"][0]
    path = desk.shelf.made(number, "workbook")
    assert path is not None
    with CalamineWorkbook.from_path(str(path)) as book:
        assert len(book.sheet_names) >= 3
    name, content = desk.shelf.scenario_text(number)
    (tmp_path / name).write_bytes(content)
    assert load(tmp_path / name).title == "Twenty people"


def test_the_report_is_made_by_playing_the_same_days_again(shelf: tuple[Desk, dict[str, Any]]) -> None:
    desk, found = shelf
    number = found["numbers"][0]
    assert desk.shelf.made(number, "report") is None
    job = desk.make(number, "report", "me")
    assert desk.make(number, "report", "somebody") is job  # it is made once, whoever asks meanwhile
    assert job.over.wait(LONG)
    assert job.state == "done", job.error
    page = desk.shelf.made(number, "report")
    assert page is not None
    said = next(block["text"] for block in found["blocks"] if "of all callers" in block.get("text", ""))
    level = re.search(r"[\d.]+ % \(± [\d.]+\) of all callers", said)
    assert level is not None
    assert level[0] in page.read_text(encoding="utf-8")


def test_two_scenarios_are_compared_day_by_day(desk: Desk) -> None:
    copy = desk.duplicate("twenty.yaml")
    opened = desk.open(copy)
    opened.draft.type(("staff", "day", "agents"), "24")
    desk.save(opened)
    job = desk.compare(["twenty.yaml", copy], {"days": "30", "intervals": "yes"}, "me")
    assert job.over.wait(LONG)
    assert job.state == "done", job.error
    assert job.answer is not None
    found = desk.shelf.shown(job.answer["key"])
    text = " ".join(block.get("text", "") for block in found["blocks"])
    assert re.search(r"B less A: \+[\d.]+ pt", text)
    assert any(row[:3] == ["staff.day.agents", "20", "24"] for block in found["blocks"] for row in block.get("rows", ()))
    assert not any(str(desk.workspace.root) in cell for block in found["blocks"] for row in block.get("rows", ()) for cell in row)
    assert [picture["of"] for picture in found["pictures"]] == ["A", "B"] * 3
    assert "B is told from A: " in text
    assert any(block.get("heads", [])[:1] == ["interval"] for block in found["blocks"])


def test_charts_that_stand_side_by_side_have_one_scale() -> None:
    days = [course(run(plain(("agents: 2", f"agents: {agents}")), replications=5)) for agents in (1, 4)]
    alone = {service_panel(Figure().subplots(), day).get_ylim() for day in days}
    beside = {alike(service_panel, Figure().subplots(), day, days).get_ylim() for day in days}
    assert len(alone) == 2
    assert len(beside) == 1


@pytest.mark.parametrize("typed", [{"days": "many"}, {"days": "0"}, {"days": "-3"}, {"days": "1e9"}, {"days": "9" * 30}, {"seed": "x"}])
def test_days_that_cannot_be_played_are_refused(desk: Desk, typed: dict[str, str]) -> None:
    with pytest.raises(InputError, match=f"{next(iter(typed))}: Found"):
        desk.play("twenty.yaml", typed, "me")


@pytest.mark.parametrize("key", ["run-1", "run-99", "../run-1", "run-1/../../x", "compare-1-2", "", "run-", "run-" + "9" * 40, "history"])
def test_a_run_that_is_not_kept_is_not_there(desk: Desk, key: str) -> None:
    with pytest.raises(CcsimError):
        desk.shelf.shown(key)


def test_a_new_scenario_holds_what_was_typed_and_no_more(desk: Desk) -> None:
    volume = "80\n90\n100\n90\n80\n70\n60\n50"
    typed = {"title": "Help: <b>desk</b>", "open": "08:00-12:00", "volume": volume, "handle_time": "4 min", "wait": "30 s"}
    typed |= {"share": "85 %", "agents": "9"}
    name = desk.new(typed)
    found = desk.workspace.load(name)
    assert found.title == "Help: <b>desk</b>"
    assert found.data["calls"]["calls"] == {"volume": ["80", "90", "100", "90", "80", "70", "60", "50"], "handle_time": "4 min"}
    with pytest.raises(InputError, match="handle_time"):
        desk.new({**typed, "handle_time": "4"})


@pytest.mark.parametrize("typed", [{"days": "0"}, {"days": "-5"}, {"days": "2.5"}, {"days": "1e9"}, {"seed": "abc"}, {"seed": "-1"}])
def test_a_run_that_is_refused_leaves_the_file_as_it_was(desk: Desk, folder: Path, typed: dict[str, str]) -> None:
    opened = desk.open("twenty.yaml")
    opened.draft.type(("calls", "support", "volume"), "4400")
    (name,) = typed
    with pytest.raises(InputError, match=f"{name}: Found “{typed[name]}”"):
        desk.save_and_play(opened, typed, "me")
    assert (folder / "twenty.yaml").read_text(encoding="utf-8") == SCENARIO
    assert opened.draft.edits
    assert desk.jobs.unfinished() == []


def test_a_change_that_leaves_nobody_is_refused_and_not_saved(desk: Desk, folder: Path) -> None:
    opened = desk.open("twenty.yaml")
    opened.draft.take_out("staff", "day")
    opened.draft.take_out("contingent", "home")
    opened.draft.type(("cost",), "")
    assert opened.draft.fault == ""
    with pytest.raises(InputError, match="nobody works"):
        desk.save_and_play(opened, {}, "me")
    assert (folder / "twenty.yaml").read_text(encoding="utf-8") == SCENARIO


def test_a_run_that_is_taken_saves_what_was_changed(desk: Desk, folder: Path) -> None:
    opened = desk.open("twenty.yaml")
    opened.draft.type(("calls", "support", "volume"), "440")
    opened, job = desk.save_and_play(opened, {"days": "1,000", "seed": "7"}, "me")
    desk.end(job.id, "me")
    assert (job.asked["replications"], job.asked["seed"]) == (1000, 7)
    assert "volume: 440" in (folder / "twenty.yaml").read_text(encoding="utf-8")
    assert opened.draft.edits == {}


def test_a_notice_is_for_the_browser_that_it_was_kept_for() -> None:
    notices = Notices()
    key = notices.keep("the file is no workbook", "me")
    assert notices.of(key, "me") == "the file is no workbook"
    assert notices.of(key, "somebody") == ""
    assert notices.of("Your password has expired", "me") == ""
    for _ in range(MOST_KEPT):
        notices.keep("another", "me")
    assert notices.of(key, "me") == ""


@pytest.mark.parametrize("precision, reached", [("20 pt", True), ("90 %", True), ("0.01 pt", False)])
def test_a_kept_run_says_of_its_precision_what_it_said_when_it_was_played(precision: str, reached: bool) -> None:
    result = run(loads(SCENARIO), None, precision, at_most=64)
    assert result.precision_reached is reached
    kept = result_of(record_of(result, "run", {"precision": precision, "precision_reached": result.precision_reached}))
    (said,), (again,) = precision_words(result)[:1], precision_words(kept)[:1]  # type: ignore[arg-type]
    assert kept.half_width("service_level_offered") == pytest.approx(result.half_width("service_level_offered"))
    assert again == said if reached else again.startswith("The precision asked for was not reached. ")


def test_a_run_without_anybody_is_refused_before_it_is_begun(desk: Desk, folder: Path) -> None:
    (folder / "nobody.yaml").write_text("open: 08:00-09:00\ncalls: {a: {volume: 10, handle_time: 3 min}}\n", encoding="utf-8")
    with pytest.raises(InputError, match="nobody works"):
        desk.play("nobody.yaml", {}, "me")


def test_a_scenario_that_is_malformed_is_refused_with_its_line(desk: Desk, folder: Path) -> None:
    for content in (b"open: [", b"\xff\xfe", b"", b"- a\n- b\n"):
        (folder / "bad.yaml").write_bytes(content)
        with pytest.raises(CcsimError, match=r"bad\.yaml"):
            desk.open("bad.yaml")


def test_the_calculator_finds_the_fewest_agents_and_what_one_more_buys() -> None:
    typed = {"calls": "100", "per": "30 min", "handle_time": "3 min", "threshold": "20 s", "share": "80 %", "shrinkage": "30 %"}
    values, faults = read_boxes(BOXES, typed)
    assert not faults
    text = [block["text"] for block in calculated(values)["blocks"] if block["kind"] == "text"]
    assert text[0].startswith("14 agents on duty are the fewest")
    assert text[1].startswith("One more agent")
    assert "20 on the roster" in text[2]


def test_the_calculator_takes_what_the_command_takes() -> None:
    typed = {"calls": "100", "per": "30 min", "handle_time": "3 min", "threshold": "20 s", "share": "80 %", "patience": "5 min"}
    typed |= {"redial": "40 %", "lines": "30", "variant": "answered", "short_abandon": "5 s", "patience_dist": "lognormal"}
    values, faults = read_boxes(BOXES, typed)
    assert not faults
    blocks = calculated(values)["blocks"]
    assert "of the answered callers are answered within 20 s" in blocks[0]["text"]
    assert blocks[1]["text"].startswith("With redials a caller calls 1.0")
    assert "busy signals" in next(block for block in blocks if block["kind"] == "table")["heads"]
    with pytest.raises(InputError, match="needs the mean patience"):
        calculated({**values, "patience": None})


def test_a_comparison_is_refused_beside_the_field_that_is_wrong(desk: Desk) -> None:
    copy = desk.duplicate("twenty.yaml")
    for typed, field in (({"within": "3"}, "within"), ({"within": "0.5 pt", "confidence": "200 %"}, "confidence"), ({"days": "x"}, "days")):
        with pytest.raises(Misfilled) as refused:
            desk.compare(["twenty.yaml", copy], typed, "me")
        assert set(refused.value.faults) == {field}


def test_intervals_of_other_lengths_are_refused_before_anything_is_played(desk: Desk) -> None:
    copy = desk.duplicate("twenty.yaml")
    path = desk.workspace.path(copy)
    path.write_text(re.sub("interval: .*", "interval: 15 min", path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError, match="interval by interval"):
        desk.compare(["twenty.yaml", copy], {"days": "5", "intervals": "yes"}, "me")


def test_the_calculator_says_beside_each_field_what_is_wrong() -> None:
    _, faults = read_boxes(BOXES, {"calls": "many", "per": "30", "handle_time": "", "threshold": "20 s", "share": "180 %", "agents": "2.5"})
    assert set(faults) == {"calls", "per", "handle_time", "share", "agents"}


@pytest.mark.parametrize(
    "name, typed",
    [("calls", "-1"), ("per", "0 s"), ("handle_time", "0 s"), ("share", "100 %"), ("share", "0 %"), ("patience", "0 min"),
     ("shrinkage", "100 %"), ("max_occupancy", "0 %")],
)  # fmt: skip
def test_a_number_out_of_range_is_told_beside_its_field_as_it_was_typed(name: str, typed: str) -> None:
    first = {box.name: box.first for box in BOXES}
    _, faults = read_boxes(BOXES, {**first, name: typed})
    assert set(faults) == {name}
    assert f"'{typed}'" in faults[name]


def test_what_is_wrong_with_the_choice_of_scenarios_is_told_beside_each_field() -> None:
    assert set(choice_faults(None, None, [])) == {"first", "second"}
    assert choice_faults("a", "b", ["c", "d", "e", "f"]) == {}
    assert set(choice_faults("a", "b", ["c", "b"])) == {"more"}
    assert "take out all but 4" in choice_faults("a", "b", ["c", "d", "e", "f", "g"])["more"]


def test_an_overloaded_queue_is_told_with_the_agents_that_would_keep_up() -> None:
    values, _ = read_boxes(
        BOXES, {"calls": "100", "per": "30 min", "handle_time": "3 min", "threshold": "20 s", "share": "80 %", "agents": "5"}
    )
    blocks = calculated(values)["blocks"]
    assert "5 agents on duty were asked about: too few to keep up, so that the queue grows without end." in blocks[0]["text"]
    assert "takes 11 agents or more" in blocks[0]["text"]  # of 10 erlangs
    assert not any("One more agent" in block.get("text", "") for block in blocks)
    assert any("Overloaded" in block.get("text", "") for block in blocks)


def test_a_damaged_workbook_is_refused_and_not_kept(desk: Desk, folder: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", '<sheet name="x"/>' * 200)
    content = bytearray(whole.getvalue())
    start = content.index(b"xl/workbook.xml") + len("xl/workbook.xml")
    content[start : start + 12] = bytes([0xFF] * 12)
    before = sorted(folder.rglob("*"))
    with pytest.raises(CcsimError):
        desk.dropped("plan.xlsx", bytes(content))
    assert [path for path in sorted(folder.rglob("*")) if path.suffix == ".xlsx"] == [path for path in before if path.suffix == ".xlsx"]


def test_a_day_that_is_none_is_refused(desk: Desk) -> None:
    kept = desk.dropped("week.csv", b"start,calls\n2027-03-01 08:00,10\n2027-03-01 08:30,12\n").partition("name=")[2]
    with pytest.raises(InputError, match="is not a date"):
        desk.with_forecast("twenty.yaml", unquote(kept), "support", "garbage")


@pytest.mark.slow
def test_the_recommended_rule_is_kept_as_a_scenario_of_its_own(desk: Desk, folder: Path) -> None:
    job = desk.study("rules", "twenty.yaml", {"pool": "home"}, "me")
    assert job.over.wait(LONG)
    assert job.state == "done", job.error
    assert job.answer is not None
    name = desk.keep_scenario(job.answer["key"])
    assert name == "twenty-recommended.yaml"
    before, after = (desk.workspace.load(one).data for one in ("twenty.yaml", name))
    assert before["contingent"]["home"]["activate"] != after["contingent"]["home"]["activate"]
    assert {**before, "title": "", "contingent": ""} == {**after, "title": "", "contingent": ""}
    assert after["title"] == "Twenty people (recommended)"
    assert "# what we know" in (folder / name).read_text(encoding="utf-8")
