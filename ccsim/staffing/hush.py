"""A solver that says nothing on standard output.

HiGHS prints a line of its own now and then, whatever its options say ("transformNewIntegerFeasibleSolution tmpSolver.run();"), and a JSON
object must stand there alone.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_OUT = 1  # the file of standard output
_lock = threading.Lock()
_inside = 0
_kept = -1


@contextmanager
def hushed() -> Iterator[None]:
    """What is written to standard output meanwhile is lost, nothing that was written before; threads may be inside together."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside, _kept
    with _lock:
        _inside += 1
        if _inside > 1:
            return
        _flush()
        try:
            _kept = os.dup(_OUT)
            nowhere = os.open(os.devnull, os.O_WRONLY)
        except OSError:  # there is no standard output
            _kept = -1
            return
        os.dup2(nowhere, _OUT)
        os.close(nowhere)


def _leave() -> None:
    global _inside, _kept
    with _lock:
        _inside -= 1
        if _inside or _kept < 0:
            return
        _flush()
        os.dup2(_kept, _OUT)
        os.close(_kept)
        _kept = -1


def _flush() -> None:
    """Bring out what Python and the C library still hold back."""
    with suppress(Exception):
        if sys.stdout is not None:
            sys.stdout.flush()
    with suppress(Exception):  # where there is no C library to be had by this name
        ctypes.CDLL(None).fflush(None)
