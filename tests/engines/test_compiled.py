"""Functions are compiled by few steps and loaded with little, and are what numba would make of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numba.core import analysis, config
from numpy.typing import NDArray

from ccsim.engine import files, passes, sources
from ccsim.engine.compiled import entry
from tests.house.sources import ROOT

CALLED = """
import numpy as np
from ccsim.engine.compiled import entry, helper

@helper
def largest(values):
    best = np.zeros(1)
    for value in values:
        if value < 0.0:
            raise ValueError("no time is negative")
        if value > best[0]:
            best[0] = value
    return best[0]

@entry
def doubled(values):
    return 2.0 * largest(values)
"""
CALLING = """
import numpy as np
import called
from called import doubled, largest
from ccsim.engine.compiled import entry

@entry
def tripled(values):
    return 3.0 * largest(values)

print(doubled(np.array([1.0, 7.0, 3.0])), sum(doubled.stats.cache_hits.values()))
try:
    doubled(np.array([-1.0]))
except ValueError as fault:
    print(fault)
if len(__import__("sys").argv) > 1:
    print(tripled(np.array([1.0, 7.0, 3.0])), sum(largest.stats.cache_hits.values()))
"""


def _winding(values: Any, most: int) -> float:
    found, last = 0.0, -1
    for i in range(values.shape[0]):
        k = i
        while k < most:
            if values[k] > found:
                found, last = values[k], k
            elif k == last + 2:
                break
            k += 1
        if last > most // 2 and found > 3.0:
            continue
        found += 0.5
    return found + last


class _Given(NamedTuple):
    table: NDArray[np.float64]
    marks: NDArray[np.uint8]
    share: float


def _all_sorts(agents: Any, given: Any, least: int, often: Any) -> tuple[float, int]:
    table, marks = given.table, given.marks
    kept = table[0, -1]  # a value from the first line, used to the last
    place, seen = least, 0
    for i in range(table.shape[0]):
        me = agents[i]
        for j in range(table.shape[1]):
            if marks[often] > 0 and table[i, j] > kept:
                place = table.shape[1] - 1 - j  # only constants count from the end
                me.seconds += table[i, place] ** 2
                agents[-1].calls = me.calls + 1
            elif j % 2 == 0:
                continue
            table[-1, place] = min(table[i, j], kept) / 2
            seen += marks[-1] // 2 != j
        marks[i] = seen
    return table[-1, place] + kept * given.share + agents[0].seconds, place


def test_numbers_records_and_tables_are_read_and_written_as_python_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    kind = np.dtype([("seconds", np.float64), ("calls", np.int32)], align=True)
    ours, pythons = (
        [np.rec.array(np.zeros(3, kind)), np.arange(24.0).reshape(6, 4)[::2], np.arange(3, 6, dtype=np.uint8)] for _ in range(2)
    )
    counted = [sys.getrefcount(array) for array in ours]
    found = entry(_all_sorts)(ours[0].view(np.ndarray).view(kind), _Given(*ours[1:], 0.25), 2, np.uint8(1))
    assert [sys.getrefcount(array) for array in ours] == counted  # whoever calls holds them, nobody else
    assert found == _all_sorts(pythons[0], _Given(*pythons[1:], 0.25), 2, 1)
    assert [array.tolist() for array in ours] == [array.tolist() for array in pythons]


def test_variables_needed_later_are_those_that_numba_finds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))  # what an earlier run has kept would be loaded
    ours, numbas, compared = passes._live_map, analysis.compute_live_map, []

    def both(*asked: Any) -> dict[int, set[str]]:
        compared.append(ours(*asked) == numbas(*asked) and sum(map(len, ours(*asked).values())))
        return ours(*asked)

    monkeypatch.setattr(passes, "_live_map", both)
    values = np.array([1.0, 4.0, 2.0, 8.0])
    assert entry(_winding)(values, 4) == _winding(values, 4)
    assert len(compared) > 3
    assert all(compared)
    assert analysis.compute_live_map is numbas  # again, for whoever else compiles


def test_what_is_loaded_raises_and_is_compiled_into_others_as_when_it_was_made(tmp_path: Path) -> None:
    (tmp_path / "called.py").write_text(CALLED)
    (tmp_path / "calling.py").write_text(CALLING)
    folders = os.pathsep.join([str(tmp_path), str(ROOT)])

    def said(*more: str) -> list[str]:
        command = [sys.executable, str(tmp_path / "calling.py"), *more]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": folders, "NUMBA_CACHE_DIR": ""})
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    assert said() == ["14.0 0", "no time is negative"]
    assert said("and another") == ["14.0 1", "no time is negative", "21.0 1"]


def test_machine_code_lies_in_its_file_before_the_index_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    save_index, named = files._DataFile._save_index, []

    def after_the_data(file: Any, overloads: dict[Any, str]) -> None:
        named.extend(overloads.values())
        assert all((Path(file._cache_path) / name).stat().st_size for name in overloads.values())
        save_index(file, overloads)

    monkeypatch.setattr(files._DataFile, "_save_index", after_the_data)
    of_two_types = entry(_winding)
    of_two_types(np.array([1.0, 4.0]), 2)
    of_two_types(np.array([1, 4]), 2)
    assert len(set(named)) == 2  # no two signatures share a file, whoever else compiles meanwhile


def test_machine_code_of_another_state_of_the_engine_is_not_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))

    def loaded() -> int:
        fresh = entry(_winding)
        fresh(np.array([1.0, 4.0]), 2)
        return sum(fresh.stats.cache_hits.values())

    assert (loaded(), loaded()) == (0, 1)
    monkeypatch.setattr(sources, "stamp", lambda: "one of the engine's files was written anew")
    assert (loaded(), loaded()) == (0, 1)


def test_where_no_file_can_be_kept_functions_are_compiled_all_the_same() -> None:
    found: dict[str, Any] = {}
    exec("def twice(x):\n    return 2 * x\n", found)  # nowhere numba could put files beside
    assert entry(found["twice"])(21) == 42


def test_old_machine_code_that_another_process_takes_away_first_is_no_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two copies of a process that compile the same function at once both look for what an earlier index named."""
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(files, "_LOADING", -3600.0)  # all that is there is old
    found, gone = Path.glob, []

    def glob(folder: Path, pattern: str) -> list[Path]:
        listed = list(found(folder, pattern))
        gone.append(folder / pattern.replace("*", "gone"))
        return [gone[-1], *listed]

    monkeypatch.setattr(Path, "glob", glob)
    assert entry(_winding)(np.array([1.0, 4.0]), 2) == _winding(np.array([1.0, 4.0]), 2)
    assert gone
    assert len([*tmp_path.rglob("*.nbc")]) == 1
