"""Columns of CSV files: what is read, and what is refused with the line it stands in."""

from __future__ import annotations

import os

import numpy as np
import pytest

from ccsim.errors import ScenarioError
from ccsim.inputs import loads

SCENARIO = "open: 08:00-10:00\ninterval: 1 h\ncalls: {a: {volume: {file: v.csv, column: calls}, handle_time: 5 min, patience: 5 min}}\n"


def volumes(folder, content, scenario=SCENARIO):
    (folder / "v.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return loads(scenario, folder).calls["a"].volume


@pytest.mark.parametrize(
    "content",
    [
        "start,calls\n8:00,10\n9:00,20.5\n",
        "start;calls\n8:00;10\n9:00;20.5\n",
        "start\tcalls\r\n8:00\t10\r\n9:00\t20.5\r\n",
        "\ufeffstart, calls \n8:00, 10\n9:00, 20.5\n\n",
        'start,calls\n"8:00","10"\n"9:00","20.5"\n',
        "calls\n10\n20.5",
    ],
)
def test_the_usual_ways_to_write_a_table_are_read(tmp_path, content):
    np.testing.assert_array_equal(volumes(tmp_path, content), [10, 20.5])


@pytest.mark.parametrize(
    "content, says",
    [
        ("start,calls\n8:00,10\n9:00,nan\n", "v.csv, line 3, column 'calls': 'nan' is not a number"),
        ("start,calls\n8:00,10\n9:00,NaN\n", "'NaN' is not a number"),
        ("start,calls\n8:00,10\n9:00,\n", "v.csv, line 3, column 'calls': the field is empty"),
        ("start,calls\n8:00,10\n9:00,-20\n", "'-20' is negative"),
        ("start,calls\n8:00,10\n9:00,inf\n", "'inf' is not a number"),
        ("start,calls\n8:00,10\n9:00,1e999\n", "not finite"),
        ("start,calls\n8:00,10\n9:00,many\n", "'many' is not a number"),
        ("start;calls\n8:00;10\n9:00;20,5\n", "looks like a decimal comma"),
        ('start,calls\n8:00,10\n9:00,"1,200"\n', "separator between thousands"),
        ("start,calls\n8:00,10\n9:00,20,5\n", "found 3 fields where the heading has 2"),
        ("start,calls\n8:00,10\n", "v.csv, column 'calls', has 1 number; give 2"),
        ("start,calls\n8:00,10\n9:00,20\n10:00,30\n", "has 3 numbers; give 2"),
        ("start,call\n8:00,10\n9:00,20\n", "no column 'calls'; did you mean 'call'?"),
        ("calls,calls\n8,10\n9,20\n", "2 columns called 'calls'"),
        ("start,calls\n", "a heading and no rows"),
        ("", "is empty"),
        (b"start,calls\n8:00,\xff\n", "not in UTF-8"),
        (b"PK\x03\x04\x00\x00", "not a text file"),
        ('start,calls\n8:00,"10\n9:00,20\n', "v.csv, line"),
    ],
)
def test_a_wrong_table_is_refused_with_file_line_and_column(tmp_path, content, says):
    with pytest.raises(ScenarioError) as caught:
        volumes(tmp_path, content)
    assert says in str(caught.value)
    assert "line 3" in str(caught.value)
    assert "`calls.a.volume`" in str(caught.value)


def test_a_file_outside_the_folder_cannot_be_reached_by_a_symbolic_link(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "v.csv").write_text("calls\n1\n2\n")
    os.symlink(tmp_path / "v.csv", inside / "v.csv")
    with pytest.raises(ScenarioError, match="leads out of the scenario's folder"):
        loads(SCENARIO, inside)


def test_a_pipe_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "v.csv")
    with pytest.raises(ScenarioError, match="not an ordinary file"):
        loads(SCENARIO, tmp_path)


def test_a_text_without_a_folder_can_name_no_files():
    with pytest.raises(ScenarioError, match="there is no folder to look in"):
        loads(SCENARIO)


def test_a_file_may_have_a_row_for_each_interval_of_the_whole_path(tmp_path):
    found = volumes(tmp_path, "calls\n1\n2\n3\n4\n", SCENARIO + "days: 2\n")
    np.testing.assert_array_equal(found, [1, 2, 3, 4])
    np.testing.assert_array_equal(volumes(tmp_path, "calls\n1\n2\n", SCENARIO + "days: 2\n"), [1, 2, 1, 2])


def test_positions_may_come_from_a_file_and_must_be_whole(tmp_path):
    staffed = SCENARIO + "staff: {desk: {agents: {file: v.csv, column: calls}}}\n"
    (tmp_path / "v.csv").write_text("calls\n3\n4\n")
    np.testing.assert_array_equal(loads(staffed, tmp_path).staff["desk"].positions, [3, 4])
    (tmp_path / "v.csv").write_text("calls\n3\n4.5\n")
    with pytest.raises(ScenarioError, match=r"found 4\.5, where a whole number"):
        loads(staffed, tmp_path)


def test_mean_handle_times_may_be_seconds_or_durations_with_a_unit(tmp_path):
    (tmp_path / "v.csv").write_text("calls,aht\n3,240\n4,5 min\n")
    scenario = loads(SCENARIO.replace("handle_time: 5 min", "handle_time: {mean: {file: v.csv, column: aht}, cv: 1}"), tmp_path)
    assert list(scenario.calls["a"].handle_time.mean) == [240, 300]
    (tmp_path / "v.csv").write_text("calls,aht\n3,240\n4,0\n")
    with pytest.raises(ScenarioError, match="a mean of 0 s was found"):
        loads(SCENARIO.replace("handle_time: 5 min", "handle_time: {mean: {file: v.csv, column: aht}, cv: 1}"), tmp_path)
