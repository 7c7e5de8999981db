"""A wrong file gets one sentence: file, line, key, what was found, what would do."""

from __future__ import annotations

import pathlib

import pytest

from ccsim.errors import ScenarioError
from ccsim.inputs import load, loads

HERE = pathlib.Path(__file__).parent
FULL = (HERE / "full.yaml").read_text(encoding="utf-8")
PATIENCE = "patience: {mean: 5 min, dist: weibull, shape: 1.3}"
OPEN = "open: {mon-fri: 07:00-21:00, sat: closed}"
COLUMN = "file: volumes.csv, column: freephone"

# what stands in the good file, what is put in its place, the line that the error must name (0: none), and what it must say
WRONG = [
    # keys
    ("handle_time: {talk", "handel_time: {talk", 24, "`calls.english.handel_time`: there is no such key here; did you mean `handle_time`?"),
    ("volume: 5200", "volumes: 5200", 20, "did you mean `volume`?"),
    ("open: {mon", "opn: {mon", 5, "did you mean `open`?"),
    ("currency: EUR", "currency: EUR, per: day", 77, "the keys here are agent_hour"),
    ("volume: 5200", "volume: {files: x.csv}", 20, "did you mean `file`?"),
    ("  home:\n    agents: 12", "  home:\n    balk: 0.1", 61, "`contingent.home.balk`: there is no such key here"),
    ("    volume: 5200\n    profile: [1, 2, 3, 4, 4, 3, 2, 2, 3, 3, 2, 1, 1, 1]\n", "", 19, "`calls.english.volume`: this key is missing"),
    ("days: 2\n", "days: 2\ndays: 3\n", 5, "`days` is given twice, first in line 4"),
    ("days: 2\n", "days: 2\nwarm_up: 1 h\n", 8, "once with a hyphen and once with an underscore"),
    ("  split:", "  early:", 47, "`staff.early` is given twice, first in line 39"),
    ("shrinkage:", "shrinkage: 30 %\nx-old:", 55, "found '30 %', where names with keys and values below them belong"),
    ("calls:", "calls: {}\nx-calls:", 18, "there is no call type here"),
    ("cost: {agent", "cost: 26\nx-cost: {agent", 77, "found '26', where keys and values belong, such as `agent_hour: ...`"),
    ("  split:", "  ' split':", 47, "begins or ends with a blank"),
    ("  split:", "  'sp\u0007lit':", 0, "control characters"),
    ("title: Two-day centre", 'title: "a\\u0007b"', 2, "cannot be printed"),
    # numbers
    ("volume: 5200", "volume: '5200'", 20, "'5200' is quoted text, where a number belongs"),
    ("volume: 5200", "volume: true", 20, "true is a truth value, where a number belongs"),
    ("volume: 5200", "volume: .nan", 20, "not finite"),
    ("volume: 5200", "volume: 1e999", 20, "not finite"),
    ("volume: 5200", "volume: .inf", 20, "not finite"),
    ("volume: 5200", "volume:", 20, "the key has no value"),
    ("volume: 5200", "volume: null", 20, "the key has no value"),
    ("volume: 5200", "volume: ~", 20, "the key has no value"),
    ("volume: 5200", "volume: -5", 20, "found -5, where a number of calls of at least 0 belongs"),
    ("volume: 5200", "volume: 1,000", 20, "'1,000' is not a number"),
    ("volume: 5200", "volume: 5200 calls", 20, "'5200 calls' is not a number"),
    ("volume: 5200", "volume: [1, 2, x]", 20, "`calls.english.volume`, entry 3: 'x' is not a number"),
    ("volume: 5200", "volume: []", 20, "the list is empty"),
    ("volume: 5200", "volume: [1, [2], 3]", 20, "found a list where a number belongs"),
    ("volume: 5200", "volume: [10, 20, 30]", 21, "`profile` spreads a number a day"),
    ("volume: [10, 20,", "volume: [10, -20,", 34, "`calls.billing & co..volume`, entry 2: found -20"),
    ("volume: [10, 20,", "volume: [20,", 34, "the list has 13 numbers; give 14, one for each interval of a day open 07:00-21:00, or 28"),
    ("profile: [1, 2, 3, ", "profile: [1, 2, ", 21, "the list has 13 numbers"),
    (
        "profile: [1, 2, 3, 4, 4, 3, 2, 2, 3, 3, 2, 1, 1, 1]",
        "profile: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]",
        21,
        "all weights of a day are 0",
    ),
    ("agents: [2, 2,", "agents: [2, 2.5,", 52, "`staff.desk.agents`, entry 2: found 2.5, where a whole number belongs"),
    ("agents: 40", "agents: 40.5", 40, "whole number"),
    ("agents: 40", "agents: many", 40, "'many' is not a number"),
    ("lines: 120", "lines: 0", 9, "at least 1"),
    ("days: 2\n", "days: 0\n", 4, "at least 1"),
    ("days: 2\n", "days: 400\n", 4, "at most 366"),
    ("weekdays: {mon: 1.2,", "weekdays: {mn: 1.2,", 22, "'mn' is not a weekday"),
    ("weekdays: {mon: 1.2,", "weekdays: {mon: -1,", 22, "`calls.english.weekdays.mon`: found -1"),
    ("weekdays: {mon: 1.2,", "weekdays: {mon: 1.2, mon-tue: 1,", 22, "another key names already"),
    ("handle_time_factor: 1.3", "handle_time_factor: 0", 46, "at least 0.01"),
    # durations, shares, clock times
    ("talk: 4 min", "talk: 4", 24, "number without a unit"),
    ("talk: 4 min", "talk: -4 min", 24, "negative"),
    ("talk: 4 min", "talk: 0 min", 24, "longer than 0 s"),
    ("interval: 1 h", "interval: 30", 6, "number without a unit"),
    ("interval: 1 h", "interval: 0 s", 6, "longer than 0 s"),
    ("interval: 1 h", "interval: 1 s", 6, "more than 100,000 intervals"),
    ("balk: 5 %", "balk: 140 %", 26, "`calls.english.balk`: '140 %' is more than 100 %"),
    ("balk: 5 %", "balk: 5", 26, "such as 5 %"),
    ("balk: 5 %", "balk: '0.05'", 26, "quoted text"),
    ("balk: 5 %", "balk: [0.1]", 26, "found a list where a share belongs"),
    ("shift: 07:00-15:30", "shift: 07:00-07:00", 41, "span of no length"),
    ("shift: 07:00-15:30", "shift: 7-15", 41, "not a clock time"),
    ("shift: [12:00-16:00, 18:00-21:00]", "shift: [12:00-16:00, 15:00-21:00]", 49, "overlaps the parts before it"),
    ("date: 2027-04-12", "date: 12.4.2027", 3, "not a date"),
    ("date: 2027-04-12", "date: 2027-02-30", 3, "no day of the calendar"),
    ("date: 2027-04-12", "date: 2027-04-17", 5, "closed on every day of the path (sat 2027-04-17 to sun 2027-04-18)"),
    (OPEN, "open: {mon-fri: 07:00-21:00, fri: closed}", 5, "another key names already"),
    (OPEN, "open: {monn: 07:00-21:00}", 5, "'monn' is not a weekday"),
    (OPEN, "open: {mon: 22:00-08:00, tue: 07:00-20:00}", 5, "past the opening on tue at 07:00"),
    (OPEN, "open: {mon: 07:00-21:00, tue: 08:00-20:00}", 21, "the days of the path differ in length, so give one for each of its 26"),
    ("warm-up: 1 h", "warm-up: 10 min", 7, "make it whole intervals of 1 h"),
    ("warm-up: 1 h", "warm-up: 3 days", 7, "leaves no interval of the path to measure"),
    # choices and targets
    ("route: longest-idle", "route: longest_idl", 10, "did you mean longest-idle?"),
    ("from: logged in", "from: log in", 71, "did you mean logged in?"),
    ("target: {wait: 90 s, share", "target: {share", 14, "a share needs the wait that it is for"),
    # distributions
    (PATIENCE, "patience: {mean: 5 min, cv: 1.3}", 32, "an exponential distribution has a cv of 1; found 1.3"),
    (PATIENCE, "patience: {mean: 5 min, shape: 1.3}", 32, "`shape` belongs to gamma or weibull"),
    (PATIENCE, "patience: {mean: 5 min, dist: erlang}", 32, "needs its number of `phases`"),
    (PATIENCE, "patience: {mean: 5 min, dist: erlang, phases: 4, cv: 0.9}", 32, "4 phases have a cv of 0.5"),
    (PATIENCE, "patience: {mean: 5 min, dist: erlang, cv: 0.9}", 32, "no erlang distribution has a cv of 0.9"),
    (PATIENCE, "patience: {mean: 5 min, dist: hyperexponential, cv: 0.9}", 32, "a cv of 1 or more"),
    (PATIENCE, "patience: {mean: 5 min, dist: constant, cv: 0.9}", 32, "a constant does not vary"),
    (PATIENCE, "patience: {mean: 5 min, dist: weibull, shape: 1.3, cv: 1}", 32, "keep one"),
    (PATIENCE, "patience: {mean: 5 min, dist: uniform}", 32, "leave `mean` out"),
    (PATIENCE, "patience: {dist: uniform, from: 1 min}", 32, "needs `from` and `to`"),
    (PATIENCE, "patience: {dist: lognormal, cv: 1}", 32, "there is no `mean` here"),
    (PATIENCE, "patience: {abandoned: 5 %}", 32, "needs `mean_wait` beside it"),
    (PATIENCE, "patience: {abandoned: 5 %, mean_wait: 20 s, cv: 1.2}", 32, "give an exponential patience"),
    (PATIENCE, "patience: {column: seconds}", 32, "`column` goes with `values`"),
    (PATIENCE, "patience: 0 s", 32, "longer than 0 s"),
    (PATIENCE, "patience: [1 min, 2 min]", 32, "found a list where a duration"),
    ("from: 1 min, to: 9 min", "from: 10 min, to: 9 min", 36, "`to` (9 min) must be later than `from` (10 min)"),
    ("values: values.csv", "values: values.csv, cv: 1", 35, "leave `cv` out"),
    ("talk: 4 min,", "mean: 5 min,", 24, "`hold` goes with `talk`"),
    ("talk: 4 min,", "talk: 4 min, mean: 5 min,", 24, "`mean` and `talk` both say"),
    # staff
    (
        "english, [800, b",
        "englisch, [800, b",
        44,
        "`staff.early.takes`, entry 1: there is no call type 'englisch'; did you mean 'english'?",
    ),
    ("takes: english", "takes: [english, english]", 53, "'english' is named twice"),
    ("10:00 for 15 min", "10:00 for 15", 43, "number without a unit"),
    ("10:00 for 15 min", "06:00 for 15 min", 43, "does not lie inside the shift 07:00-15:30"),
    ("10:00 for 15 min", "15:20 for 15 min", 43, "does not lie inside the shift"),
    ("10:00 for 15 min", "around ten", 43, "is not a break; write such as"),
    ("10:00 for 15 min", "12:00 for 1 h", 43, "overlaps '12:00 for 1 h'"),
    ("10:00 for 15 min", "1 h between 10:00 and 10:30", 43, "leaves 30 min for a break of 1 h"),
    ("[10 min at 13:00]", "[10 min between 15:00 and 18:30]", 50, "does not lie inside the shift 12:00-16:00, 18:00-21:00"),
    ("agents: 40", "agents: [1, 2]", 41, "positions on duty by interval, which have no shift"),
    (OPEN + "\n", "open: {mon: 07:00-21:00, tue: 08:00-22:00}\n", 72, "`contingent.second line`: `available` is left out"),
    # shrinkage
    ("kind: planned", "kind: plannd", 56, "did you mean planned?"),
    ("kind: planned", "kind: planned, correlation: 0.1", 56, "correlation belongs to the kind absence"),
    ("share: 7 %", "share: 100 %", 56, "with this category 100 % of the paid time of the group 'early' is lost"),
    ("groups: [early]", "groups: [erly]", 56, "there is no group 'erly'; did you mean 'early'?"),
    ("groups: [early]", "groups: [desk]", 56, "to which no shrinkage applies"),
    ("paid: false", "paid: no", 57, "true or false belongs"),
    # contingents
    ("falls_to: 20 s", "falls_to: 120 s", 68, "the release level 2 min is above the trigger 1 min 30 s"),
    ("reaches: 12", "reaches: 12 s", 75, "`queue` counts callers"),
    ("reaches: 12", "reaches: 0", 75, "give a level above it"),
    ("reaches: 12", "reaches: -1", 75, "0 or more"),
    ("reaches: 90 s", "reaches: 12", 67, "number without a unit"),
    ("call_up: 4", "call_up: 0", 67, "at least 1"),
    ("takes: [english]", "takes: [8000]", 62, "there is no call type '8000'; did you mean '800'?"),
    ("{mean: 20 min, cv: 0.5}", "{mean: {file: volumes.csv, column: aht}, cv: 0.5}", 66, "the notice has one mean"),
    # files
    (COLUMN, "file: volumes.csv, column: freephon", 30, "volumes.csv has no column 'freephon'; did you mean 'freephone'?"),
    (COLUMN, "file: volumes.csv", 30, "volumes.csv has 3 columns; name one of them"),
    (COLUMN, "file: volumes.csv, column: start", 30, "volumes.csv, line 2, column 'start': '7:00' is not a number"),
    (COLUMN, "file: nothing.csv", 30, "nothing.csv is not there"),
    (COLUMN, "file: /etc/passwd", 30, "leads out of the scenario's folder"),
    (COLUMN, "file: ../inputs/volumes.csv", 30, "leads out of the scenario's folder"),
    (COLUMN, "file: .", 30, "is a folder"),
    # what YAML can do and scenario files do not
    ("lines: 120", "lines: !!int 120", 9, "the tag"),
    ("lines: 120", "lines: !!python/object/apply:os.system [ls]", 9, "the tag"),
    ("lines: 120", "lines: 120\n\tx: 3", 10, "a tab"),
    ("lines: 120", "lines: 120\n  x: 3", 10, "check the indentation"),
    ("lines: 120", "lines: {a: [1, 2", 0, "the scenario, line"),
    ("lines: 120", "lines: *nope", 9, "the alias *nope refers to an anchor that does not come before it"),
    ("lines: 120", "lines: &here [*here]", 9, "stands inside the entry that it would repeat"),
    ("lines: 120", "? [a, b]\n: 120", 9, "a key is text"),
    ("<<: *base", "<<: 3", 24, "`<<` takes an alias of a mapping"),
    ("title: Two", "%YAML 1.2\n---\ntitle: Two", 1, "directives"),
    ("title: Two", "a: 1\n---\ntitle: Two", 3, "a second document"),
    ("lines: 120", "lines: " + "[" * 30 + "]" * 30, 9, "nested more than 20 deep"),
]


@pytest.mark.parametrize("there, instead, line, says", WRONG, ids=[f"{wrong[1][:40]!r}" for wrong in WRONG])
def test_a_wrong_file_gets_one_sentence_that_says_where_and_what(there, instead, line, says):
    assert there in FULL
    with pytest.raises(ScenarioError) as caught:
        loads(FULL.replace(there, instead, 1), HERE)
    sentence = str(caught.value)
    assert says in sentence
    assert not line or f"line {line}" in sentence
    assert "\n" not in sentence
    for jargon in ("pydantic", "validator", "Input should", "type=", "Traceback", "<keys>", "<list>", "<single>", "Extra inputs"):
        assert jargon not in sentence


def test_a_yaml_bomb_is_refused_before_it_is_written_out():
    levels = "".join(f"x-{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 15))
    with pytest.raises(ScenarioError, match="aliases repeated in aliases"):
        loads("x-0: &a0 [1, 1]\n" + levels + FULL, HERE)


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(ScenarioError, match="at most 1,000,000"):
        loads(FULL + "# " + "x" * 1_000_000)


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"# only a remark\n", "nothing but comments"),
        (b"---\n", "nothing but comments"),
        (b"just text", "made of keys and values"),
        (b"- a\n- b\n", "made of keys and values"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is not a text file"),
        ("title: Zürich".encode("latin-1"), "is not in UTF-8 (line 1)"),
        ("title: x".encode("utf-16"), "is not a text file"),
        (b"title: \x1b[31m", "control characters"),
    ],
)
def test_a_file_that_is_no_scenario_is_named_and_refused(tmp_path, content, says):
    file = tmp_path / "april.yaml"
    file.write_bytes(content)
    with pytest.raises(ScenarioError, match=r"april\.yaml") as caught:
        load(file)
    assert says in str(caught.value)


def test_a_missing_file_a_folder_and_an_impossible_name_are_refused(tmp_path):
    for path, says in (
        (tmp_path / "none.yaml", "is not there"),
        (tmp_path, "is a folder"),
        ("a\x00b", r"'a.x00b': the file is not there"),
        ("x" * 5000, "cannot be read"),
    ):
        with pytest.raises(ScenarioError, match=says):
            load(path)


def test_the_error_names_the_file_as_it_was_given(tmp_path):
    file = tmp_path / "april.yaml"
    file.write_text(FULL.replace("lines: 120", "lines: 0"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}, line 9, column 1: `lines`: found 0")
    assert caught.value.exit_status == 2


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path):
    file = tmp_path / "april.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + b"open: 08:00-18:00\r\ncalls: {a: {volume: 100, handle_time: 5 min}}\r\n")
    assert load(file).horizon.intervals == 20
