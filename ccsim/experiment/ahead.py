"""The first run on a machine compiles the engine: the draws and the loop over events here, the rest in a process beside.

numba compiles in one thread, under a lock; what it has compiled lies in files from which any process takes it. So two processes take half
the time of one, and threads would not. The loop takes longest. What it calls for rare events is compiled beside by the time that it comes
to the calls of them: it takes it from the files then. The draws keep this process busy until some of it is there, and the measures keep
the other one busy afterwards. Whatever is not there when it is needed is compiled where it is needed, be it that the process beside cannot
start, is slow, or fails.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ccsim.experiment.executors import cores

if TYPE_CHECKING:
    from ccsim.experiment.workshop import Workshop

_LONGEST = 120.0  # s that the process beside is waited for once the loop is compiled
announce: Callable[[], None] | None = None  # called before a wait of seconds; whoever has a screen puts its words here


def compile_ahead(workshop: Workshop) -> None:
    """Compile what the workshop's paths need, if its engine is the compiled one and this machine has not compiled it yet."""
    if workshop.engine != "kernel":
        return
    from ccsim.engine.kernel import Kernel

    kernel = Kernel(workshop.floor)
    if kernel.is_compiled():
        return
    if announce is not None:
        announce()
    beside = _beside(workshop) if cores() > 1 else None
    try:
        if beside is not None:
            workshop.bench().draw(0)
        kernel.rehearse()
        if beside is not None:
            beside.wait(_LONGEST)
    except subprocess.TimeoutExpired:
        pass
    finally:
        if beside is not None and beside.poll() is None:
            beside.kill()
            beside.wait()


def _beside(workshop: Workshop) -> subprocess.Popen[bytes] | None:
    """A process that compiles what the loop calls rarely, then all but the loop; None where none can be started."""
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
    command = [sys.executable, "-m", "ccsim.experiment.ahead"]
    silent = subprocess.DEVNULL
    try:
        made = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=silent, stderr=silent, env={**os.environ, "PYTHONPATH": paths})
        assert made.stdin is not None
        with made.stdin as pipe:
            pickle.dump(workshop, pipe)
    except (OSError, ValueError, pickle.PicklingError):
        return None
    return made


def _rehearse(workshop: Workshop) -> None:
    """Go through the rare events, then the work of a replication but for the play."""
    from ccsim.engine.kernel import Kernel

    kernel = Kernel(workshop.floor)
    kernel.rehearse_rare()
    workshop.bench().rehearse(kernel.blank)


if __name__ == "__main__":
    gc.disable()  # what compiling leaves behind ends with the process
    _rehearse(pickle.load(sys.stdin.buffer))
