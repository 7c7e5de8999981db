"""No place in an array that compiled code works out is negative: it takes that for granted and does not ask (`lowering`).

Here the code is compiled to ask, into a cache of its own. A place below 0, or past the end, then raises, and so fails what is run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

ASKED = """
import numpy as np
from ccsim.engine.compiled import entry, helper

@helper
def inner(values, table, k):
    table[k, 0] = 1.0
    return values[k] + table[k, 0]

@entry
def outer(values, table, k):
    return inner(values, table, k)

assert outer(np.ones(2), np.zeros((2, 1)), 1) == 2.0
for k in (-1, 2):
    try:
        outer(np.ones(2), np.zeros((2, 1)), k)
    except IndexError:
        continue
    raise AssertionError(f"a place of {k} was not asked about")
"""
PLAYED = """
from tests.engines.fuzz import fuzz, plain_plan, random_plan
for plans in (random_plan, plain_plan):
    assert not fuzz({examples}, 4100, plans=plans)
"""
RUN = """
from pathlib import Path
import ccsim
for path in sorted(Path("scenarios").glob("*.yaml")):
    scenario = ccsim.load(path)
    if path.stem not in {"new-centre", "one-centre"}:
        ccsim.run(scenario, replications=2, workers=1)
"""
CARD = """
import ccsim
from ccsim.contingent.card import card
assert card(ccsim.load("scenarios/appointment-centre.yaml")).rows
"""


def _asking(tmp_path: Path, program: str, *arguments: str) -> None:
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path), "CCSIM_HISTORY": "off"}
    command = [sys.executable, *(arguments or ("-c", program))]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_random_days_work_out_no_place_before_the_first(tmp_path: Path) -> None:
    """That a negative place would be noticed is tried first."""
    _asking(tmp_path, ASKED + PLAYED.format(examples=60))


@pytest.mark.slow
def test_nor_do_the_scenarios_a_card_and_many_random_days(tmp_path: Path) -> None:
    _asking(tmp_path, RUN + CARD + PLAYED.format(examples=3000))


@pytest.mark.slow
def test_nor_do_the_tests_of_all_that_is_compiled(tmp_path: Path) -> None:
    files = ["tests/engines", "tests/unit/staffing/test_people_search.py", "tests/unit/contingent", "tests/unit/experiment"]
    own = Path(__file__).relative_to(ROOT)
    _asking(tmp_path, "", "-m", "pytest", "-q", "-x", "-m", "not slow", "-p", "no:cacheprovider", f"--ignore={own}", *files)
