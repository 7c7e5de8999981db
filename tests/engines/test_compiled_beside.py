"""What two processes compile on a first run is what the first run calls, each function once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.house.sources import ROOT

FIRST_RUN = """
import numba.core.event as events
from ccsim.experiment.ahead import compile_ahead
from ccsim.experiment.workshop import Workshop
from ccsim.inputs import load

class Late(events.Listener):
    def on_start(self, event):
        print(event.data["dispatcher"].py_func.__name__)

    def on_end(self, event):
        pass

workshop = Workshop(load("scenarios/appointment-centre.yaml"), 1, "kernel")
compile_ahead(workshop)
events.register("numba:compile", Late())
workshop.bench().chunk(0, 2)
"""


@pytest.mark.slow
def test_a_first_run_calls_what_was_compiled_ahead(tmp_path: Path) -> None:
    """By the same types: by others it would be compiled a second time. In a cache of its own."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", FIRST_RUN], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
    kept = Counter(file.name.partition("-")[0] for file in tmp_path.rglob("*.nbc"))
    for piece in ("act", "play_stretch", "rarely", "rarely_of_pools", "run_with_pools", "tally_calls"):
        assert sum(number for name, number in kept.items() if name.endswith(f".{piece}")) == 1, piece
