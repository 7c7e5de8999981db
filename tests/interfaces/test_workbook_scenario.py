"""A scenario goes into a workbook and comes back the same; what is wrong in a cell is told with its sheet and cell."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from ccsim.errors import ScenarioError
from ccsim.inputs import Scenario, load, loads
from ccsim.inputs.book_layout import HEADS
from ccsim.inputs.key_table import key_table
from ccsim.reporting.template_book import write_template

ROOT = Path(__file__).resolve().parents[2]
OF_THE_FILE = ("path", "text", "data", "horizon")


def said(scenario: Scenario) -> dict[str, str]:
    """All that a scenario says, but for the file that it stood in."""
    return {name: repr(getattr(scenario, name)) for name in Scenario.model_fields if name not in OF_THE_FILE}


@contextmanager
def written(path: Path) -> Iterator[Any]:
    """A workbook of a small centre, to be changed before it is closed."""
    with xlsxwriter.Workbook(str(path)) as book:
        for sheet, rows in {
            "Centre": [(*HEADS, "value"), *keys(open="08:00-10:00", interval="30 min")],
            "Calls": [(*HEADS, "support"), *keys(volume=400, handle_time="3 min", patience="{mean: 5 min}")],
            "Staff": [
                (*HEADS, "day"),
                *keys(agents=20, shift="08:00-10:00", breaks="5 min unpaid between 08:30 and 09:30; 09:45 for 5 min"),
            ],
        }.items():
            page = book.add_worksheet(sheet)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    (page.write_number if isinstance(value, (int, float)) else page.write_string)(number, column, value)
        yield book


def keys(**values: object) -> list[tuple[object, ...]]:
    return [(key, "", "", "", "", value) for key, value in values.items()]


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[Callable[[Any], None]], str]:
    """Change the workbook; gives the sentence with which it is refused."""

    def change(how: Callable[[Any], None]) -> str:
        path = tmp_path / "book.xlsx"
        with written(path) as book:
            how(book)
        with pytest.raises(ScenarioError) as fault:
            load(path)
        return str(fault.value)

    return change


@pytest.mark.parametrize("file", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda file: file.stem)
def test_a_scenario_comes_back_from_its_workbook_as_it_was(file: Path, tmp_path: Path) -> None:
    for table in file.parent.glob("*.csv"):
        (tmp_path / table.name).write_bytes(table.read_bytes())
    source = tmp_path / file.name
    source.write_bytes(file.read_bytes())
    before = load(source)
    write_template(tmp_path / "book.xlsx", before)
    after = load(tmp_path / "book.xlsx")
    assert said(after) == said(before)
    assert said(loads(after.text, tmp_path)) == said(before)


def test_cells_of_every_kind_are_read_as_their_keys_ask(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with written(path) as book:
        day, clock = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "hh:mm"})
        page = book.get_worksheet_by_name("Centre")
        page.write_string(3, 0, "date")
        page.write_datetime(3, 5, dt.datetime(2027, 4, 12), day)
        page.write_string(4, 0, "warm_up")
        page.write_datetime(4, 5, dt.time(0, 30), clock)
        page.write_string(5, 0, "title")
        page.write_string(5, 5, "=1+1 <script>alert(1)</script>: {x}")
        staff = book.get_worksheet_by_name("Staff")
        staff.write_string(5, 0, "adherence")
        staff.write_number(5, 5, 0.92, book.add_format({"num_format": "0 %"}))
        volume = book.add_worksheet("Volume")
        for column, head in enumerate(("start", "support")):
            volume.write_string(0, column, head)
        for row in range(4):
            volume.write_datetime(row + 1, 0, dt.time(8 + row // 2, 30 * (row % 2)), clock)
            volume.write_formula(row + 1, 1, "=50*2", None, 100 + row)
        book.get_worksheet_by_name("Calls").write_string(1, 5, "")
    found = load(path)
    assert found.date == dt.date(2027, 4, 12)
    assert found.warm_up == 1800.0
    assert found.title == "=1+1 <script>alert(1)</script>: {x}"
    assert found.staff["day"].adherence == 0.92
    assert found.calls["support"].volume.tolist() == [100.0, 101.0, 102.0, 103.0]
    assert len(found.staff["day"].breaks) == 2


def test_the_blank_template_names_its_starting_values_and_uses_none(tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    path = tmp_path / "blank.xlsx"
    write_template(path)
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Calls").to_python(skip_empty_area=False)
    start = {row[0]: row[4] for row in rows[1:]}
    assert start["busyness_cv"] == "0.12"
    assert start["patience"] == "mean 5 min"
    assert not any(value for row in rows for value in row[5:])
    assert set(start) == {row.path.removeprefix("calls.NAME.") for row in key_table() if row.path.startswith("calls.NAME.") and row.built}
    with pytest.raises(ScenarioError, match=r"sheet 'Centre', cell F[0-9]+: `open`: this key is missing"):
        load(path)


def put(sheet: str, row: int, column: int, value: str) -> Callable[[Any], None]:
    return lambda book: book.get_worksheet_by_name(sheet).write_string(row, column, value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (put("Calls", 2, 5, "90"), "sheet 'Calls', cell F3: `calls.support.handle_time`: '90' has a number without a unit"),
        (put("Calls", 1, 0, "volme"), "sheet 'Calls', cell F2: `calls.support.volme`: there is no such key here; did you mean `volume`?"),
        (put("Calls", 3, 5, "{mean: 5 min"), "sheet 'Calls', cell F4: '{mean: 5 min' cannot be read; "),
        (put("Calls", 3, 5, "*anchor"), "sheet 'Calls', cell F4: '*anchor' cannot be read; "),
        (put("Calls", 1, 6, "500"), "sheet 'Calls', cell G1: the column has no name; name it here"),
        (put("Calls", 9, 5, "500"), "sheet 'Calls', cell A10: a value stands in column F and no key; name it here"),
        (put("Calls", 3, 0, "volume"), "sheet 'Calls', cell A4: `volume` has a row already, row 2; keep one"),
        (put("Staff", 3, 0, "shift.to"), "sheet 'Staff', cell F4: `staff.day.shift` has a value in sheet 'Staff', cell F3"),
        (put("Centre", 0, 5, "support"), "sheet 'Centre', cell F1: found 'support'; this sheet has one column of values, headed value"),
        (lambda book: book.add_worksheet("Call"), "there is no sheet 'Call' in a scenario; did you mean Calls?"),
    ],
)
def test_what_is_wrong_is_told_with_its_cell(refused: Callable[..., str], change: Callable[[Any], None], sentence: str) -> None:
    assert sentence in refused(change)


def volumes(starts: list[object], numbers: list[object]) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book.get_worksheet_by_name("Calls").write_string(1, 5, "")
        page = book.add_worksheet("Volume")
        page.write_row(0, 0, ["start", "support"])
        page.write_column(1, 0, starts)
        page.write_column(1, 1, numbers)

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            volumes(["08:00", "08:30", "09:00", "09:30"], [1, 2, "", 4]),
            "sheet 'Volume', cell B4: the cell is empty, where a number belongs",
        ),
        (volumes(["08:00", "08:30", "09:00", "09:30"], [1, 2, "x", 4]), "sheet 'Volume', cell B4: found 'x', where a number belongs"),
        (volumes(["07:00", "07:30", "08:00", "08:30"], [1, 2, 3, 4]), "sheet 'Volume', cell A2: the interval begins at 07:00, and by"),
        (volumes(["08:00", "08:30", "09:00", "soon"], [1, 2, 3, 4]), "sheet 'Volume', cell A5: found 'soon', where the interval's start"),
        (volumes(["08:00", "08:30", "09:00"], [1, 2, 3]), "sheet 'Volume', cell B1: `calls.support.volume`: "),
        (volumes(["08:00", "08:30", "09:00", "09:30"], [1, 2, -3, 4]), "sheet 'Volume', cell B4: `calls.support.volume`"),
    ],
)
def test_a_column_by_interval_stands_at_its_clock_times(refused: Callable[..., str], change: Callable[[Any], None], sentence: str) -> None:
    assert sentence in refused(change)


def test_a_cell_that_holds_an_error_is_not_taken_for_an_empty_one(refused: Callable[..., str]) -> None:
    sentence = refused(lambda book: book.get_worksheet_by_name("Calls").write_formula(3, 5, "=1/0", None, "#DIV/0!"))
    assert "sheet 'Calls', cell F4: the cell holds an error" in sentence


def test_a_workbook_that_would_fill_the_memory_is_refused_unread(refused: Callable[..., str]) -> None:
    sentence = refused(lambda book: book.get_worksheet_by_name("Calls").write_string(1_048_575, 16_383, "far out"))
    assert "sheet 'Calls': its cells reach to row 1,048,576 and column 16,384" in sentence


def test_what_is_no_workbook_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_text("open: 08:00-10:00")
    with pytest.raises(ScenarioError, match="the file is no workbook"):
        load(path)
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("readme.txt", "nothing")
    with pytest.raises(ScenarioError, match="the workbook cannot be read"):
        load(path)
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><x/>')
        book.writestr("xl/_rels/workbook.xml.rels", "<x/>")
    with pytest.raises(ScenarioError, match="declares entities"):
        load(path)


def test_the_commands_make_a_workbook_and_take_it(ccsim: Callable[..., Any], twenty: Path) -> None:
    book = twenty.with_suffix(".xlsx")
    assert ccsim("template", book, "--from", twenty).status == 0
    by_book, by_file = (ccsim("staff", path, "--by", "formula", "--json") for path in (book, twenty))
    assert by_book.status == by_file.status == 0
    assert by_book.out == by_file.out
    said = ccsim("template", book.with_suffix(".ods"))
    assert said.status == 2
    assert "does not end in .xlsx" in said.err
