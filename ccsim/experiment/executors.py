"""Chunks of replications, played by one worker or several and handed on in order.

The compiled engine lets go of Python's lock, so its workers are threads; the reference engine is Python and needs processes of its own.
Work is handed out a little ahead of what is taken, so memory does not grow with the number of replications, and whoever takes
the chunks may stop at any time. Within `played_by(elsewhere)` all of it is played by something else, such as the cluster of
`experiment.cluster`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from ccsim.errors import ResultError, ScenarioError
from ccsim.experiment.moments import Chunk

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event as ProcessEvent


class Benches(Protocol):
    """Where a worker gets its tools: a `Workshop`, or a stand-in."""

    chunk_size: int

    def bench(self) -> Any:
        """A new bench."""

    def at_home(self, fault: ScenarioError) -> ScenarioError:
        """What a worker refused that has the sentence and not the file, as it is said here."""


# (first replication, how many)
Span = tuple[int, int]


class Elsewhere(Protocol):
    """Another place where spans are played than this machine's own threads and processes."""

    def chunks(self, workshop: Benches, work: Iterator[Span], stopped: threading.Event) -> Generator[Chunk, None, None]:
        """The chunks of `work` in its order; may end early, but only after a whole chunk."""


_elsewhere: ContextVar[Elsewhere | None] = ContextVar("where days are played", default=None)


@contextmanager
def played_by(elsewhere: Elsewhere) -> Iterator[None]:
    """Within this block, everything that this thread has played is played there, whatever `workers` says."""
    before = _elsewhere.set(elsewhere)
    try:
        yield
    finally:
        _elsewhere.reset(before)


def shared_out(workers: int) -> bool:
    """Whether what this thread has played goes to more than one worker: here, or, whatever `workers` says, elsewhere."""
    return workers > 1 or _elsewhere.get() is not None


def goes(ends: Iterable[int], size: int, together: int, workers: int) -> Iterator[Span]:
    """Spans of one chunk of `size` or several, at most `together`, none of which goes beyond one of `ends`.

    Where workers share, spans get shorter towards each end, so that nobody waits long for the last of them.

    >>> list(goes([10], 2, 4, 1)), list(goes([10], 2, 4, 2))
    ([(0, 8), (8, 2)], [(0, 4), (4, 2), (6, 2), (8, 2)])
    """
    first = 0
    for end in ends:
        while first < end:
            left = -(-(end - first) // size)
            chunks = min(together, left if workers == 1 else -(-left // (2 * workers)))
            yield first, min(chunks * size, end - first)
            first += min(chunks * size, end - first)


def cores() -> int:
    """Number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    workshop: Benches, work: Iterator[Span], workers: int, processes: bool, stopped: threading.Event
) -> Generator[Chunk, None, None]:
    """Plays the spans of `work` and yields their chunks in order, up to the first that `stopped` cut short: what was finished of that."""
    elsewhere = _elsewhere.get()
    if elsewhere is not None:
        chunks = elsewhere.chunks(workshop, work, stopped)
    elif workers == 1:
        chunks = _alone(workshop, work, stopped)
    elif processes:
        chunks = _with_processes(workshop, work, workers, stopped)
    else:
        chunks = _with_threads(workshop, work, workers, stopped)
    expected = None
    with closing(chunks):
        for chunk in chunks:
            if expected is not None and chunk.first != expected:
                return  # the one before was cut short
            expected = chunk.first + chunk.count
            yield chunk


class Goes(Benches, Protocol):
    """A `Workshop` whose benches may play `together` chunks and more before they read anything off."""

    together: int


def in_chunks(workshop: Goes, ends: Iterable[int], workers: int, processes: bool, stopped: threading.Event) -> Generator[Chunk, None, None]:
    """The chunks up to the last of `ends`, in order, as `in_order` has them; what is beyond an end is not played with what is before."""
    size = workshop.chunk_size
    if workshop.together == 1 or _elsewhere.get() is not None:
        yield from in_order(workshop, goes(ends, size, 1, workers), workers, processes, stopped)
        return
    with closing(in_order(_InGoes(workshop), goes(ends, size, workshop.together, workers), workers, processes, stopped)) as found:
        for several in cast("Iterator[_Several]", found):
            yield from several.chunks


@dataclass(frozen=True, slots=True)
class _Several:
    """Chunks in a row; `first` and `count` of their replications."""

    first: int
    count: int
    chunks: list[Chunk]


class _InGoes:
    """A workshop whose benches play spans of several chunks."""

    def __init__(self, workshop: Benches) -> None:
        self.chunk_size = workshop.chunk_size
        self.at_home = workshop.at_home
        self._bench = workshop.bench

    def bench(self) -> _Going:
        """A new bench."""
        return _Going(self._bench())


class _Going:
    """A bench that plays spans of several chunks."""

    def __init__(self, bench: Any) -> None:
        self._bench = bench

    def chunk(self, first: int, count: int, stopped: Callable[[], bool]) -> _Several | None:
        """The chunks of a span, up to where `stopped` cut it short."""
        if count <= self._bench.size:
            chunk = self._bench.chunk(first, count, stopped)
            chunks = [] if chunk is None else [chunk]
        else:
            chunks = self._bench.chunks(first, count, stopped)
        return _Several(first, sum(chunk.count for chunk in chunks), chunks) if chunks else None


def _alone(workshop: Benches, work: Iterator[Span], stopped: threading.Event) -> Generator[Chunk, None, None]:
    bench = workshop.bench()
    for first, count in work:
        chunk = bench.chunk(first, count, stopped.is_set)
        if chunk is None:
            return
        yield chunk


def _with_threads(workshop: Benches, work: Iterator[Span], workers: int, stopped: threading.Event) -> Generator[Chunk, None, None]:
    own = threading.local()
    enough = threading.Event()

    def play(first: int, count: int) -> Chunk | None:
        if not hasattr(own, "bench"):
            own.bench = workshop.bench()
        chunk: Chunk | None = own.bench.chunk(first, count, lambda: stopped.is_set() or enough.is_set())
        return chunk

    executor = ThreadPoolExecutor(workers, thread_name_prefix="ccsim")
    with _quick_turns:
        try:
            yield from _queue(executor, play, work, 2 * workers, stopped)
        finally:
            enough.set()
            executor.shutdown(wait=True, cancel_futures=True)


class _QuickTurns:
    """While any run plays with threads, Python's lock changes hands sooner: a thread that needs it for a moment, between a draw and a play,
    would else stand still until another has read off a whole chunk.
    """

    _TURN = 2e-4  # s, of which Python's own are 25

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs = 0
        self._before = 0.0

    def __enter__(self) -> None:
        with self._lock:
            if self._runs == 0:
                self._before = sys.getswitchinterval()
                sys.setswitchinterval(min(self._TURN, self._before))
            self._runs += 1

    def __exit__(self, *fault: object) -> None:
        with self._lock:
            self._runs -= 1
            if self._runs == 0:
                sys.setswitchinterval(self._before)


_quick_turns = _QuickTurns()


def _with_processes(workshop: Benches, work: Iterator[Span], workers: int, stopped: threading.Event) -> Generator[Chunk, None, None]:
    # imported here: runs of the compiled engine need no processes, and nearly all runs are
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("spawn")
    enough = context.Event()
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_process, initargs=(workshop, enough))
    try:
        with _deaf_to_interrupts():
            # Processes start with the first task.
            executor.submit(os.getpid)
        yield from _queue(executor, _play_in_process, work, 2 * workers, stopped, on_stop=enough.set)
    except BrokenProcessPool:
        if stopped.is_set():
            return
        raise ResultError(
            "a worker process ended before its work was done; run again with workers=1, and in a script of your own call ccsim.run "
            "below `if __name__ == '__main__':`"
        ) from None
    finally:
        enough.set()
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started meanwhile do not hear Ctrl-C, which reaches every process of a terminal: the first one alone decides what to do."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _queue(
    executor: Executor,
    play: Callable[[int, int], Chunk | None],
    work: Iterator[Span],
    ahead: int,
    stopped: threading.Event,
    on_stop: Callable[[], None] = lambda: None,
) -> Generator[Chunk, None, None]:
    """Yields the chunks of `work` in order, keeping at most `ahead` of them handed out."""
    waiting: deque[Future[Chunk | None]] = deque()
    while True:
        while len(waiting) < ahead and not stopped.is_set():
            span = next(work, None)
            if span is None:
                break
            waiting.append(executor.submit(play, *span))
        if stopped.is_set():
            on_stop()
        if not waiting:
            return
        chunk = _result(waiting.popleft(), stopped, on_stop)
        if chunk is None:
            return
        yield chunk


def _result(future: Future[Chunk | None], stopped: threading.Event, on_stop: Callable[[], None]) -> Chunk | None:
    """What a future comes to; looks every now and then whether the run was stopped, which processes cannot see for themselves."""
    while True:
        try:
            return future.result(timeout=0.2)
        except TimeoutError:
            if future.done():
                return future.result()
            if stopped.is_set():
                on_stop()


_bench: Any = None
_enough: ProcessEvent | None = None


def _start_process(workshop: Benches, enough: ProcessEvent) -> None:
    """Makes a process a worker."""
    global _bench, _enough
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bench, _enough = workshop.bench(), enough


def _play_in_process(first: int, count: int) -> Chunk | None:
    assert _enough is not None
    chunk: Chunk | None = _bench.chunk(first, count, _enough.is_set)
    return chunk
