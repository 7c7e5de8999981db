"""What is compiled beside the loop is what the loop calls."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

COMPILED = """
import sys
from ccsim.engine.kernel import Kernel
from ccsim.engine.kernel.pools import act
from ccsim.engine.kernel.rare import rarely
from ccsim.experiment.workshop import Workshop
from ccsim.inputs import load

kernel = Kernel(Workshop(load("scenarios/textbook-fourteen-present.yaml"), 1, "kernel").floor)
for compile_it in kernel.rehearsals().values():
    compile_it()
kernel.rehearse()
print(len(rarely.signatures), len(act.signatures))
"""


@pytest.mark.slow
def test_the_loop_calls_rare_events_by_the_types_by_which_they_are_compiled_beside(tmp_path: Path) -> None:
    """By others they would be compiled a second time. In a cache of its own, since a loop taken from files has nothing compiled."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", COMPILED], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1"]
