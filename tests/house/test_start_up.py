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


def test_a_run_of_what_is_compiled_imports_no_linear_algebra_and_nothing_that_compiles() -> None:
    asked = "from ccsim.cli import main; main(['run', 'scenarios/textbook-30-percent-absence.yaml', '--replications', '1'])"
    imported(asked)  # compiles, where this machine has not yet
    assert not imported(asked).intersection(("scipy.linalg", "scipy.special", "numpy.f2py", "matplotlib", "pandas"))
    assert not imported(asked).intersection(("numba.np.arraymath", "numba.np.arrayobj", "multiprocessing.pool"))


def test_special_functions_are_those_of_scipy() -> None:
    code = "from ccsim.special_functions import gammaln, betaincinv; import scipy.special as whole, sys; "
    same = "print(gammaln is whole.gammaln, betaincinv is whole.betaincinv, sys.modules['scipy'].special is whole)"
    done = subprocess.run([sys.executable, "-c", code + same], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 3


def test_several_threads_may_be_the_first_to_ask_for_a_function_of_given_types() -> None:
    code = """
import sys, threading
from ccsim.engine import streams
sys.setswitchinterval(1e-6)
together, found = threading.Barrier(8), []
def ask():
    together.wait()
    found.append((int(streams.mix(5)), int(streams.base(3, 1, 7, 0)), float(streams.uniform(9, 1))))
threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(found), len(set(found)))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["8", "1"], done.stderr
