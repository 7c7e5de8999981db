"""The command line answers at once because it imports late."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.house.sources import ROOT

HEAVY = ("matplotlib", "scipy.stats", "pandas", "numba", "simpy")
HELP = "from ccsim.cli import main; main(['--help'])"


def imported(statement: str) -> set[str]:
    """Modules that a fresh Python holds after a statement."""
    code = f"""
import contextlib, io, json, sys
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    {statement}
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("statement", ["import ccsim", HELP])
def test_nothing_heavy_is_imported_before_it_is_needed(statement: str) -> None:
    assert not imported(statement).intersection(HEAVY)


def test_importing_ccsim_alone_does_not_even_import_numpy() -> None:
    assert "numpy" not in imported("import ccsim")


@pytest.mark.parametrize("asked", ["'--replications', '0'", "'--precision', 'soon'", "'--seed', '-1'"])
def test_arguments_that_make_no_sense_are_refused_before_anything_heavy_is_imported(asked: str) -> None:
    found = imported(f"from ccsim.cli import main; main(['run', 'scenarios/appointment-centre.yaml', {asked}])")
    assert "ccsim.experiment.arguments" in found
    assert not found.intersection((*HEAVY, "pydantic", "ruamel.yaml"))


def test_a_heavy_import_would_be_seen() -> None:
    assert "numpy" in imported("import numpy")
