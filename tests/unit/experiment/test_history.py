"""The history of runs: kept whole, by any number of processes, through a kill at any moment, and never in a run's way."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ccsim.experiment import history
from ccsim.experiment.changes import same_days
from ccsim.experiment.history import (
    ENVIRONMENT,
    History,
    HistoryError,
    Record,
    check,
    keep,
    place,
    result_of,
    scenario_of,
    scenario_with_files,
)
from ccsim.experiment.history.records import record_of
from ccsim.experiment.history.store import SHAPE, is_sound, size_of
from ccsim.experiment.replicate import run
from ccsim.inputs.scenario import Scenario, changed, load
from tests.house.sources import ROOT
from tests.unit.experiment.centres import PLAIN, WHOLE, plain, whole


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A history of this test's own."""
    where = tmp_path / "kept" / "history.sqlite"
    monkeypatch.setenv(ENVIRONMENT, str(where))
    return where


def kept(number: int = 1) -> Record:
    where = place()
    assert where is not None
    with History(where) as open_history:
        return open_history.run(number)


def replay(scenario: Scenario, replications: int, seed: int, engine: Any, controls: bool) -> Mapping[str, Any]:
    return run(scenario, replications, None, seed, engine, controls=controls).to_dict()


def test_a_run_is_kept_whole() -> None:
    result = run(whole(), replications=5, seed=2**127 + 1)
    assert keep(result, asked={"precision": "1 pt"}) is None
    record = kept()
    assert record.document == result.to_dict()
    assert (record.seed, record.replications, record.engine, record.command) == (2**127 + 1, 5, "kernel", "run")
    assert (record.title, record.text, record.exact) == ("a small centre", WHOLE, True)
    assert record.asked["precision"] == "1 pt"
    assert record.lead["mean"] == result.to_dict()["measures"]["service_level_offered"]["mean"]
    assert {"ccsim", "Python", "numpy", "numba", "machine"} <= set(record.versions)
    assert same_days(scenario_of(record), whole())


def test_a_kept_run_played_again_gives_the_same_numbers_to_the_last_bit() -> None:
    for engine in ("kernel", "simpy"):
        keep(run(whole(), replications=7, seed=3, engine=engine))  # type: ignore[arg-type]
    for number in (1, 2):
        found = check(kept(number), replay)
        assert found.same
        assert found.figures > 300
        assert found.versions == ()


def test_a_number_that_has_moved_by_its_last_bit_is_found_with_what_has_changed() -> None:
    keep(run(whole(), replications=5))
    record = kept()
    document = json.loads(json.dumps(record.document))
    cell = document["measures"]["mean_wait"]
    cell["mean"] = cell["mean"] * (1 + 2**-52)
    old = dataclasses.replace(record, document=document, versions={**record.versions, "numpy": "1.0.0"})
    found = check(old, replay)
    assert not found.same
    assert [name for name, _, _ in found.differing] == ["measures.mean_wait.mean"]
    assert [name for name, _, _ in found.versions] == ["numpy"]


def test_a_figure_that_is_given_no_more_is_found_and_a_new_one_does_no_harm() -> None:
    keep(run(plain(), replications=2))
    record = kept()
    with_more = {**record.document, "measures": {**record.document["measures"], "joy": {"mean": 1.0}}}
    assert check(dataclasses.replace(record, document=with_more), replay).gone == ("measures.joy.mean",)
    fewer = {name: cell for name, cell in record.document["measures"].items() if name != "offered"}
    assert check(dataclasses.replace(record, document={**record.document, "measures": fewer}), replay).same


def test_an_interrupted_run_is_kept_as_one_of_the_days_that_were_finished() -> None:
    def impatient(done: int, total: int) -> None:
        if done >= 32:
            raise KeyboardInterrupt

    keep(run(plain(), replications=4000, workers=1, progress=impatient))
    record = kept()
    assert record.interrupted
    assert record.replications == 32
    assert check(record, replay).same


def test_the_files_that_a_scenario_names_are_kept_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    (folder / "figures").mkdir(parents=True)
    calls = folder / "figures" / "calls.csv"
    calls.write_text("n\n12\n9\n", encoding="utf-8")
    (folder / "s.yaml").write_text(PLAIN.replace("volume: 20", "volume: {file: figures/calls.csv}"), encoding="utf-8")
    scenario = load(folder / "s.yaml")
    result = run(scenario, replications=4)
    keep(result)
    calls.write_text("n\n99\n99\n", encoding="utf-8")
    (folder / "s.yaml").write_text("nothing: of it\n", encoding="utf-8")
    record = kept()
    assert record.files == {"figures/calls.csv": b"n\n12\n9\n"}
    with scenario_with_files(record) as again:
        assert changed(again, {"title": "Another"}).calls.keys() == scenario.calls.keys()
    assert record.file == str(folder / "s.yaml")
    assert same_days(scenario_of(record), scenario)
    assert check(record, replay).same


def test_a_file_that_changed_while_the_days_were_played_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("n\n12\n9\n", encoding="utf-8")
    (tmp_path / "s.yaml").write_text(PLAIN.replace("volume: 20", "volume: {file: calls.csv}"), encoding="utf-8")
    result = run(load(tmp_path / "s.yaml"), replications=2)
    (tmp_path / "calls.csv").write_text("n\n13\n9\n", encoding="utf-8")
    assert keep(result) is None
    assert not kept().exact
    with pytest.raises(HistoryError, match="cannot be played again exactly"):
        check(kept(), replay)


def test_a_scenario_with_keys_set_otherwise_is_kept_as_it_was_played() -> None:
    scenario = changed(whole(), {"staff.desk.agents": [2, 2, 2, 1], "calls.sales.patience.mean": "2 min", "lines": None})
    keep(run(scenario, replications=3))
    record = kept()
    assert record.exact
    assert record.text != WHOLE
    assert same_days(scenario_of(record), scenario)
    assert check(record, replay).same


def test_a_run_whose_calls_were_counted_under_another_staff_is_not_played_again_by_itself() -> None:
    keep(run(plain(), replications=1), "compare", [{"counted_elsewhere": True}])
    with pytest.raises(HistoryError, match="counted under the staff of another"):
        check(kept(), replay)


def test_the_hash_is_that_of_the_scenario_alone() -> None:
    one, again, other = (
        record_of(run(scenario, replications=2, seed=seed), "run", {}).hash for scenario, seed in ((plain(), 1), (plain(), 2), (whole(), 1))
    )
    assert one == again != other


def test_a_scenario_played_often_is_kept_once(path: Path) -> None:
    result = run(whole(), replications=2)
    for _ in range(5):
        keep(result)
    with sqlite3.connect(path) as connection:
        assert connection.execute("select count(*) from runs").fetchone() == (5,)
        assert connection.execute("select count(*) from scenarios").fetchone() == (1,)
    connection.close()
    assert size_of(path) > 0


def test_several_runs_are_kept_together_and_listed_newest_first(path: Path) -> None:
    results = [run(plain(), replications=2, seed=seed) for seed in (1, 2)]
    keep(results, "sweep", [{"set": "a=1"}, {"set": "a=2"}])
    keep(results[0], "run")
    with History(path) as open_history:
        heads = open_history.heads(10)
        assert [(head["number"], head["command"], head["seed"]) for head in heads] == [(3, "run", 1), (2, "sweep", 2), (1, "sweep", 1)]
        assert heads[1]["asked"]["set"] == "a=2"
        assert [head["number"] for head in open_history.heads(10, ["run"])] == [3]
        assert [head["number"] for head in open_history.heads(1)] == [3]
        assert open_history.count() == 3


def test_a_kept_result_says_what_was_said_then() -> None:
    result = run(whole(), replications=3)
    keep(result)
    shown = result_of(kept())
    assert shown.to_dict() == result.to_dict()
    assert shown.scenario.title == "a small centre"


def test_a_run_that_is_not_there_is_told_with_the_numbers_that_are(path: Path) -> None:
    keep(run(plain(), replications=1))
    with pytest.raises(HistoryError, match="has no run 7; they are numbered 1 to 1"):
        kept(7)


def test_no_history_yet_is_told_in_a_sentence(path: Path) -> None:
    with pytest.raises(HistoryError, match="there is no history at"):
        History(path)
    assert not path.exists()


def unusable(path: Path, kind: str) -> str:
    """Makes the place of the history one that cannot be used; gives a word of the sentence to come."""
    path.parent.mkdir(parents=True)
    if kind == "no database":
        path.write_bytes(b"this is no database at all, whatever its name may say" * 50)
        return "damaged, or no history at all"
    if kind == "something else":
        with sqlite3.connect(path) as connection:
            connection.execute("create table recipes (name text)")
        connection.close()
        return "a database of something else"
    if kind == "later":
        keep(run(plain(), replications=1))
        with sqlite3.connect(path) as connection:
            connection.execute(f"pragma user_version = {SHAPE + 1}")
        connection.close()
        return "later version of ccsim"
    if kind == "torn":
        keep([run(whole(), replications=1)] * 3)
        torn = path.read_bytes()
        path.write_bytes(torn[:4096] + b"\0" * (len(torn) - 4096))
        return "damaged"
    path.parent.rmdir()
    path.parent.write_text("a file where a folder should be", encoding="utf-8")
    return "cannot be"


@pytest.mark.parametrize("kind", ["no database", "something else", "later", "torn", "no folder"])
def test_a_history_that_cannot_be_used_spoils_no_run(path: Path, kind: str) -> None:
    word = unusable(path, kind)
    before = path.read_bytes() if path.exists() else b""
    sentence = keep(run(plain(), replications=1))
    assert sentence is not None
    assert sentence.startswith("this run was not kept")
    assert word in sentence
    assert str(path) in sentence
    assert (path.read_bytes() if path.exists() else b"") == before
    if kind != "no folder":
        with pytest.raises(HistoryError, match=word):
            kept()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the system's administrator may write anywhere")
def test_a_folder_that_may_not_be_written_spoils_no_run(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o500)
    try:
        sentence = keep(run(plain(), replications=1))
    finally:
        path.parent.chmod(0o700)
    assert sentence is not None
    assert "cannot be written or read" in sentence


def test_a_history_that_another_program_holds_is_waited_for_and_then_let_be(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccsim.experiment.history.store.PATIENCE", 0.1)
    keep(run(plain(), replications=1))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin immediate")
    try:
        sentence = keep(run(plain(), replications=1))
    finally:
        holder.execute("rollback")
        holder.close()
    assert sentence is not None
    assert "in use by another program" in sentence
    assert keep(run(plain(), replications=1)) is None


def test_whatever_else_goes_wrong_is_told_and_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("ccsim.experiment.history.keeping.record_of", broken)
    assert keep(run(plain(), replications=1)) == "this run was not kept in the history (ZeroDivisionError: by zero)"


def test_off_keeps_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "off")
    assert place() is None
    assert keep(run(plain(), replications=1)) is None
    assert not path.exists()


def test_the_history_lies_where_the_system_keeps_a_users_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(ENVIRONMENT)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert place() == tmp_path / "ccsim" / "history.sqlite"
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert place() == tmp_path / ".local" / "share" / "ccsim" / "history.sqlite"
    monkeypatch.setattr("sys.platform", "darwin")
    assert place() == tmp_path / "Library" / "Application Support" / "ccsim" / "history.sqlite"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert place() == tmp_path / "local" / "ccsim" / "history.sqlite"
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    assert place() == tmp_path / "history.sqlite"


WRITER = """
import dataclasses, sys
from ccsim.experiment.history import History, place
from tests.unit.experiment.test_history import a_record
from pathlib import Path
record = a_record()
print("ready", flush=True)
for _ in range(int(sys.argv[1])):
    with History(place(), create=True) as history:
        print(*history.keep([record, record]), flush=True)
"""


def a_record() -> Record:
    """A run to keep, as large as a week's."""
    document = {"measures": {f"m{number}": {"mean": number / 7, "unit": "s"} for number in range(20_000)}}
    versions = {"ccsim": "0"}
    import datetime as dt

    now = dt.datetime(2027, 4, 12, tzinfo=dt.UTC)
    return Record(0, now, "run", "t", None, PLAIN, {"a.csv": b"n\n1\n" * 5000}, True, 1, 1, "kernel", False, {}, versions, document)


def writer(times: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(times)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_processes_at_once_lose_nothing(path: Path) -> None:
    """Both begin with no history there, so they make it at once, too."""
    writers = [writer(12) for _ in range(2)]
    told = [one.communicate(timeout=120)[0].split()[1:] for one in writers]
    assert [one.returncode for one in writers] == [0, 0]
    numbers = [int(number) for one in told for number in one]
    assert sorted(numbers) == list(range(1, 49))
    with History(path) as open_history:
        assert open_history.count() == 48
        assert open_history.run(17).document == a_record().document
    assert is_sound(path)


KILLED_HALF_WAY = """
import os, signal
from ccsim.experiment.history import History, place
from tests.unit.experiment.test_history import a_record
record, one = a_record(), History._keep

def last(history, *told):
    number = one(history, *told)
    if number == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return number

History._keep = last
for _ in range(9):
    with History(place(), create=True) as history:
        print(*history.keep([record, record]), flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="only where a process can be killed outright")
def test_a_process_killed_before_it_has_kept_all_leaves_nothing_of_it(path: Path) -> None:
    """The second pair is written, and not yet put in place, when the process is killed outright."""
    ended = subprocess.run([sys.executable, "-c", KILLED_HALF_WAY], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "1 2\n")
    assert is_sound(path)
    with History(path) as open_history:
        assert [head["number"] for head in open_history.heads(10)] == [2, 1]
    assert keep(run(plain(), replications=1)) is None
    assert check(kept(3), replay).same


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="only where a process can be killed outright")
def test_a_process_killed_at_any_moment_leaves_whole_runs_or_none(path: Path) -> None:
    """A writer is killed again and again, each time a little later. Every run that it told of is there, in pairs, and whole."""
    before = 0
    for moment in range(4):
        one = writer(10_000)
        assert one.stdout is not None
        told = [one.stdout.readline() for _ in range(1 + moment)][1:]
        time.sleep(0.004 + 0.013 * moment)
        one.send_signal(signal.SIGKILL)
        told += [line for line in one.stdout.read().splitlines() if len(line.split()) == 2]
        one.stdout.close()
        one.wait()
        found = 0
        if path.exists():
            assert is_sound(path)
            # What was killed while it made the history is made by the next one
            with History(path, create=True) as open_history:
                found = open_history.count()
                assert all(open_history.run(number).document == a_record().document for number in range(before + 1, found + 1))
        # The last pair may have been kept without being told of
        assert found - before in (2 * len(told), 2 * len(told) + 2)
        before = found
    assert before >= 12


def test_a_record_that_leads_out_of_its_folder_is_refused() -> None:
    with pytest.raises(HistoryError, match="leads out of its folder"):
        scenario_of(dataclasses.replace(a_record(), files={"../out.csv": b"n\n1\n"}))


def test_a_scenario_that_this_version_cannot_read_is_told_with_the_version_that_kept_it() -> None:
    with pytest.raises(HistoryError, match="run 0 was kept by ccsim 0, and this version does not read its scenario"):
        scenario_of(dataclasses.replace(a_record(), text="open: never\n"))


def test_the_package_exports_what_it_lists() -> None:
    assert all(hasattr(history, name) for name in history.__all__)
