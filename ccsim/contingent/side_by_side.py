"""Work on many things at once, each worker a stretch of them; what comes of it does not depend on how many workers there are."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any

import numpy as np

_MOST = 8  # workers
_Task = tuple[str, tuple[Any, ...]]  # a method, and what it is told


class SideBySide:
    """Workers, each with a stretch of `number` things that it keeps from one question to the next. Used as a context.

    Small pieces of Python between short plays are work that threads cannot share: each waits for the others. So copies of the process do
    it where that is safe, on Linux and with no thread running besides; elsewhere threads do. `make(first, last)` makes the worker of a
    stretch, where it is to work. `workers`: as many as there are cores, unless told, and eight at the most.
    """

    def __init__(self, make: Callable[[int, int], Any], number: int, workers: int | None = None) -> None:
        workers = max(1, min(workers or os.cpu_count() or 1, _MOST, number))
        edges = np.linspace(0, number, workers + 1).astype(int).tolist()
        self._make = make
        self.stretches: list[tuple[int, int]] = list(itertools.pairwise(edges))
        self._here: dict[int, Any] = {}  # workers of this process, by stretch
        self._copies: dict[int, tuple[BaseProcess, Connection]] = {}
        self._asked: list[list[_Task]] = [[] for _ in self.stretches]
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> SideBySide:
        if len(self.stretches) > 1 and _may_copy():
            for k in range(1, len(self.stretches)):
                self._copy(k)
        elif len(self.stretches) > 1:
            self._threads = ThreadPoolExecutor(len(self.stretches))
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        for k in list(self._copies):
            self._end(k)
        if self._threads is not None:
            self._threads.shutdown(wait=kind is None, cancel_futures=True)

    def ask(self, name: str, *told: Any, of_each: Sequence[Any] | None = None) -> list[Any]:
        """What the method `name` of each worker finds, in the order of their stretches.

        The methods are told `of_each` of their stretch alone, if it is given, and then `told`.
        """
        for (first, last), asked in zip(self.stretches, self._asked, strict=True):
            asked.append((name, told if of_each is None else (of_each[first:last], *told)))
        if self._threads is not None:
            return list(self._threads.map(self._answer, range(len(self.stretches))))
        for k, (_, line) in list(self._copies.items()):
            try:
                line.send(self._asked[k][-1])
            except OSError:
                self._end(k)
        return [self._answer(k) for k in range(len(self.stretches))]

    def _answer(self, k: int) -> Any:
        """The answer to the last question of one stretch. One whose copy has died is done here, from the first question on."""
        if k in self._copies:
            try:
                return self._copies[k][1].recv()
            except (EOFError, OSError):
                self._end(k)
        tasks = self._asked[k][-1:]
        if k not in self._here:
            self._here[k], tasks = self._make(*self.stretches[k]), self._asked[k]
        for name, told in tasks:
            found = getattr(self._here[k], name)(*told)
        return found

    def _copy(self, k: int) -> None:
        """A copy of the process that answers for one stretch until it is ended, or whoever asked is gone."""
        context: Any = multiprocessing.get_context("fork")
        mine, its = context.Pipe()
        lines = [mine, *(line for _, line in self._copies.values())]
        copy = context.Process(target=self._work, args=(k, its, lines), daemon=True)
        with warnings.catch_warnings():
            # threads that are not Python's: those of the linear algebra, which see to being copied themselves
            warnings.simplefilter("ignore", DeprecationWarning)
            copy.start()
        its.close()
        self._copies[k] = copy, mine

    def _work(self, k: int, line: Connection, lines_of_asker: Sequence[Connection]) -> None:
        """What a copy does. A fault ends it, and whoever asked does the stretch again, and meets the fault."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked is interrupted, and ends its copies
        for its in lines_of_asker:
            its.close()  # so that the line ends with whoever asked
        try:
            worker = self._make(*self.stretches[k])
            while True:
                name, told = line.recv()
                line.send(getattr(worker, name)(*told))
        except Exception:
            return

    def _end(self, k: int) -> None:
        copy, line = self._copies.pop(k)
        copy.kill()
        copy.join()
        line.close()


def _may_copy() -> bool:
    """Whether the process may be copied as it stands: a copy has none of its other threads, and what they held stays held."""
    return sys.platform == "linux" and threading.active_count() == 1 and not multiprocessing.current_process().daemon
