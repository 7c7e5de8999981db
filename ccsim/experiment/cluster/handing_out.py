"""Work handed out to a cluster's workers, and finished chunks taken back in order.

A task costs dask about a millisecond and the scheduler can start some hundreds in a second, so a task is many chunks: as many as take a
worker a second or more, which is known from what came back. Chunks stay what they are on one machine and are merged one after another in
their order, so how they were grouped, who played them and how often leaves no trace in the result.
"""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ccsim.errors import CcsimError, ResultError
from ccsim.experiment.cluster.likeness import UnlikeWorkerError, unread_by
from ccsim.experiment.cluster.parcel import Answer, Parcel, play, unpack
from ccsim.experiment.executors import Span
from ccsim.experiment.moments import Chunk

if TYPE_CHECKING:
    from distributed import Client

_LEAST_SECONDS: Final = 1.0  # that a task takes a worker, about
_TASKS_A_SECOND: Final = 200.0  # that the scheduler is asked for at most, about
_MOST_CHUNKS: Final = 256  # in a task
_TASKS_A_THREAD: Final = 2  # unfinished, for every thread of the workers
_MOST_WAITING: Final = 16  # tasks for every thread, finished ones included
_FETCHED_AHEAD: Final = 4  # tasks whose answers are fetched while the first of them is merged
_LOOK: Final = 1.0  # s between looks at the workers
_ALONE: Final = 60.0  # s without any worker after which the cluster is lost
_GONE: Final = "the scheduler of the cluster is gone, or has dropped the work"


@dataclass(slots=True)
class _Task:
    spans: list[Span]
    future: Any  # dask's
    answer: Future[list[Chunk]] | None = None


class _LostError(CcsimError):
    """The cluster will not finish what it was given."""


class HandingOut:
    """One stretch of work, as it is handed out and taken back; `lost` says why it ended early, where it was not stopped."""

    def __init__(self, client: Client, parcel: Parcel, stopped: threading.Event) -> None:
        self.lost: str | None = None
        self._client = client
        self._parcel = parcel
        self._stopped = stopped
        self._name = f"ccsim-{uuid.uuid4().hex[:12]}"
        self._number = itertools.count()
        self._tasks: deque[_Task] = deque()
        self._threads = _first_look(client)
        self._chunks_given = 0
        self._seconds_a_chunk = float("inf")
        self._errands = ThreadPoolExecutor(_FETCHED_AHEAD + 1, thread_name_prefix="ccsim-cluster")
        self._look: Future[int] | None = None
        self._looked = self._manned = time.monotonic()

    def chunks(self, work: Iterator[Span]) -> Generator[Chunk, None, None]:
        """The chunks of `work` in order."""
        some = False
        try:
            while True:
                self._hand_out(work)
                if not self._tasks:
                    return
                for chunk in self._taken_back(work):
                    some = True
                    yield chunk
                if self._stopped.is_set():
                    return
        except (_LostError, UnlikeWorkerError) as fault:
            if not some:
                raise ResultError(str(fault)) if isinstance(fault, _LostError) else fault from None
            self.lost = str(fault)
        finally:
            # dask lets go of what nobody holds any more, and workers give up what they are playing.
            for task in self._tasks:
                task.future.release()
            self._errands.shutdown(wait=False, cancel_futures=True)

    def _hand_out(self, work: Iterator[Span]) -> None:
        """Gives out work until every worker's thread has a task to play and another to go on with."""
        while not self._stopped.is_set() and self._room():
            spans = list(itertools.islice(work, self._size()))
            if not spans:
                break
            name = f"{self._name}-{next(self._number)}"
            self._tasks.append(_Task(spans, self._client.submit(play, name, self._parcel, spans, key=name, pure=False)))
            self._chunks_given += len(spans)
        for task in itertools.islice(self._tasks, _FETCHED_AHEAD):
            if task.answer is None:
                task.answer = self._errands.submit(self._fetch, task)

    def _room(self) -> bool:
        """Whether more can be handed out. What is finished waits with the workers while the first task is late, up to a limit."""
        wanted, most = _TASKS_A_THREAD * max(1, self._threads), _MOST_WAITING * max(1, self._threads)
        if len(self._tasks) < wanted:
            return True
        return len(self._tasks) < most and sum(not task.future.done() for task in self._tasks) < wanted

    def _size(self) -> int:
        """Chunks in the next task: one at first, and more as it shows how long they take, so that short work is still shared evenly."""
        seconds = max(_LEAST_SECONDS, self._threads / _TASKS_A_SECOND)
        shared = 1 + self._chunks_given // (2 * max(1, self._threads))
        return max(1, min(_MOST_CHUNKS, int(seconds / self._seconds_a_chunk), shared))

    def _fetch(self, task: _Task) -> list[Chunk]:
        """The chunks of a task, as soon as they are there. Runs beside the merging."""
        answer: Answer = task.future.result()
        self._seconds_a_chunk = min(self._seconds_a_chunk, max(answer.seconds, 1e-6) / len(task.spans))
        return unpack(answer, task.spans)

    def _taken_back(self, work: Iterator[Span]) -> list[Chunk]:
        """The chunks of the first task, none where the work was stopped before they were there; raises `_LostError`."""
        task = self._tasks[0]
        assert task.answer is not None
        while not wait([task.answer], timeout=0.1).done:
            if self._stopped.is_set():
                return []
            self._see_who_is_there()
            self._hand_out(work)
        chunks = _result(task.answer)
        self._tasks.popleft()
        self._see_who_is_there()
        return chunks

    def _see_who_is_there(self) -> None:
        """Counts the workers' threads now and then, without waiting for the scheduler to say so; raises `_LostError` if nobody is left."""
        now = time.monotonic()
        if self._look is None and now - self._looked >= _LOOK:
            self._looked = now
            self._look = self._errands.submit(threads_of, self._client)
        elif self._look is not None and self._look.done():
            threads = 0 if self._look.exception() is not None else self._look.result()
            self._look = None
            if threads:
                self._threads, self._manned = threads, now
        if now - self._manned > _ALONE:
            raise _LostError(f"the cluster has had no worker for {_ALONE:.0f} s")


def threads_of(client: Client) -> int:
    """Threads of all workers together."""
    return sum(client.nthreads().values())  # type: ignore[no-untyped-call]


def _first_look(client: Client) -> int:
    try:
        return threads_of(client)
    except (CancelledError, OSError):
        raise ResultError(_GONE) from None


def _result(answer: Future[list[Chunk]]) -> list[Chunk]:
    """What came back; faults of the cluster as `_LostError`, a worker's inability to read its task as `UnlikeWorkerError`."""
    from distributed.client import FutureCancelledError
    from distributed.scheduler import KilledWorker, NoValidWorkerError

    try:
        return answer.result()
    except KilledWorker:
        raise _LostError(
            "the same days were being played on four workers that were lost one after another; is their memory enough?"
        ) from None
    except (CancelledError, FutureCancelledError, NoValidWorkerError, OSError):
        raise _LostError(_GONE) from None
    except (ImportError, AttributeError, RuntimeError) as fault:
        raise unread_by(fault.__cause__ or fault) from None
