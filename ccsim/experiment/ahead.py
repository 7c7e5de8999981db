"""The first run on a machine compiles the engine: in this process and in one beside, which share the work.

numba compiles in one thread, under a lock; what it has compiled lies in files from which any process takes it. So two processes take half
the time of one, and threads would not. What is to be compiled is cut into pieces that need nothing of each other, but for the loop, which
finds what it calls made when it comes to it. Each process takes the next piece that nobody has taken, the longest first, so both have
something to do until the end. Whatever is not there when it is needed is compiled where it is needed, be it that the process beside cannot
start, is slow, or fails.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from ccsim.experiment.executors import cores

if TYPE_CHECKING:
    from ccsim.experiment.workshop import Workshop

_LONGEST = 120.0  # s that the process beside is waited for once there is nothing left to take
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
    if cores() < 2 or not kernel.is_kept():
        kernel.rehearse()
        return
    with TemporaryDirectory(prefix="ccsim-") as taken:
        beside = _beside(workshop, Path(taken))
        if beside is None:
            kernel.rehearse()
            return
        try:
            _share(workshop, Path(taken))
            beside.wait(_LONGEST)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if beside.poll() is None:
                beside.kill()
                beside.wait()


def _share(workshop: Workshop, taken: Path) -> None:
    """Compile what nobody has taken, piece by piece."""
    for name, piece in _pieces(workshop).items():
        if _take(taken / name):
            piece()


def _pieces(workshop: Workshop) -> dict[str, Callable[[], Any]]:
    """What compiles each piece, by name. The loop comes when all that it calls has been taken, and one more: so that should be there."""
    from ccsim.engine.kernel import Kernel

    kernel = Kernel(workshop.floor)
    (first, draw), *others = workshop.bench().rehearsals(kernel.blank).items()
    return {**kernel.rehearsals(), first: draw, "loop": kernel.rehearse, **dict(others)}


def _take(piece: Path) -> bool:
    """Whether nobody had taken it."""
    try:
        piece.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


class _Process(Protocol):
    """What is asked of the process beside; `subprocess.Popen` is one."""

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def kill(self) -> None: ...


def _beside(workshop: Workshop, taken: Path) -> _Process | None:
    """A process that shares the work; None where none can be started."""
    if sys.platform == "linux" and all(thread is threading.main_thread() or _of_the_screen(thread) for thread in threading.enumerate()):
        try:
            return _Twin(workshop, taken)
        except OSError:
            return None
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
    command = [sys.executable, "-m", "ccsim.experiment.ahead", str(taken)]
    silent = subprocess.DEVNULL
    try:
        made = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=silent, stderr=silent, env={**os.environ, "PYTHONPATH": paths})
        assert made.stdin is not None
        with made.stdin as pipe:
            pickle.dump(workshop, pipe)
    except (OSError, ValueError, pickle.PicklingError):
        return None
    return made


def _of_the_screen(thread: threading.Thread) -> bool:
    """Whether it does nothing but draw a bar, and holds nothing that compiling needs."""
    return type(thread).__module__ == "rich.live"


class _Twin:
    """A copy of this process, which has imported everything: a second less to wait. Only where no other thread can hold anything then."""

    def __init__(self, workshop: Workshop, taken: Path) -> None:
        self._ended: int | None = None
        self._process = os.fork()
        if self._process == 0:
            status = 1
            try:
                silent = os.open(os.devnull, os.O_RDWR)
                for stream in range(3):
                    os.dup2(silent, stream)
                gc.disable()
                _share(workshop, taken)
                status = 0
            finally:
                os._exit(status)

    def poll(self) -> int | None:
        """The status with which it ended, None before."""
        if self._ended is None:
            try:
                ended, status = os.waitpid(self._process, os.WNOHANG)
            except ChildProcessError:  # somebody else asked
                ended, status = self._process, 0
            self._ended = status if ended else None
        return self._ended

    def wait(self, timeout: float | None = None) -> int:
        """Wait for it to end."""
        until = time.monotonic() + (timeout or _LONGEST)
        while (status := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("compiling", timeout or _LONGEST)
            time.sleep(0.005)
        return status

    def kill(self) -> None:
        """End it at once."""
        os.kill(self._process, signal.SIGKILL)


if __name__ == "__main__":
    gc.disable()  # what compiling leaves behind ends with the process
    _share(pickle.load(sys.stdin.buffer), Path(sys.argv[1]))
