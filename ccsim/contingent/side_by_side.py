"""Work on many things at once, each worker a stretch of them; what comes of it does not depend on how many workers there are."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

import numpy as np

Found = TypeVar("Found")
_MOST = 8  # workers


def side_by_side(work: Callable[[int, int], list[Found]], number: int, workers: int | None = None) -> list[Found]:
    """What `work(first, last)` finds for each of `number` things, in their order.

    Small pieces of Python between short plays are work that threads cannot share: each waits for the others. So copies of the process do
    it where that is safe, on Linux and with no thread running besides; elsewhere threads do. `workers`: as many as there are cores, unless
    told, and eight at the most.
    """
    workers = max(1, min(workers or os.cpu_count() or 1, _MOST, number))
    edges = np.linspace(0, number, workers + 1).astype(int).tolist()
    stretches = list(itertools.pairwise(edges))
    if workers == 1:
        return work(0, number)
    if _may_copy():
        found = _by_copies(work, stretches)
    else:
        with ThreadPoolExecutor(workers) as pool:
            found = list(pool.map(lambda stretch: work(*stretch), stretches))
    return [one for some in found for one in some]


def _may_copy() -> bool:
    """Whether the process may be copied as it stands: a copy has none of its other threads, and what they held stays held."""
    return sys.platform == "linux" and threading.active_count() == 1 and not multiprocessing.current_process().daemon


def _by_copies(work: Callable[[int, int], list[Found]], stretches: list[tuple[int, int]]) -> list[list[Found]]:
    """Each stretch but the first is done by a copy of the process. A stretch whose copy does not answer is done here."""
    context: Any = multiprocessing.get_context("fork")
    copies: list[tuple[BaseProcess, Connection]] = []

    def answer(stretch: tuple[int, int], out: Connection) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked is interrupted, and ends its copies
        with contextlib.suppress(Exception):  # whoever asked does the stretch again, and meets the fault
            out.send(work(*stretch))

    try:
        for stretch in stretches[1:]:
            inward, outward = context.Pipe(duplex=False)
            copy = context.Process(target=answer, args=(stretch, outward), daemon=True)
            with warnings.catch_warnings():
                # threads that are not Python's: those of the linear algebra, which see to being copied themselves
                warnings.simplefilter("ignore", DeprecationWarning)
                copy.start()
            outward.close()
            copies.append((copy, inward))
        found = [work(*stretches[0])]
        for stretch, (_, inward) in zip(stretches[1:], copies, strict=True):
            try:
                found.append(inward.recv())
            except EOFError:
                found.append(work(*stretch))
    finally:
        for copy, inward in copies:
            copy.kill()
            copy.join()
            inward.close()
    return found
