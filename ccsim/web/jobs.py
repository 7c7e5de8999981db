"""Jobs: work that takes longer than a page may wait, done by processes of its own.

Each lane has its workers, so that a long run keeps nobody from the calculator. A worker is a process that stays, since starting one costs
a second; ending a job ends its process, whatever it is doing, and the next one starts at once. A page that is closed ends nothing.
"""

from __future__ import annotations

import logging
import math
import multiprocessing
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final, Literal

from ccsim.errors import CcsimError
from ccsim.web.refusals import LOG, Refused

State = Literal["waiting", "running", "done", "failed", "ended"]
LANES: Final[Mapping[str, int]] = {"runs": 2, "quick": 1}
MOST_WAITING: Final = 50  # jobs of a lane that are not done
MOST_REMEMBERED: Final = 200
_STEP: Final = 0.05  # s between looks at a worker
_TELL: Final = 0.2  # s between words on progress
NICE: Final = 10  # what workers leave to the page: with two runs on two cores it still gets four fifths of one
_SURE: Final = 0.03  # share of a job from which the time left is told
_SMOOTH: Final = 5.0  # s over which the pace is smoothed at least
_OFF: Final = 0.2  # part of the time left by which the end must be off before another is told

Tell = Callable[[str, float, int], None]  # what is done, how much, of how much; of 1, where it is a share of the whole
Work = Callable[[str, Mapping[str, Any], Tell], Mapping[str, Any]]


@dataclass
class Job:
    """One piece of work. `owner` is who asked for it; times are of `time.monotonic`."""

    id: str
    kind: str
    title: str
    owner: str
    asked: Mapping[str, Any]
    lane: str
    state: State = "waiting"
    what: str = ""
    done: float = 0
    total: int = 0
    asked_at: float = field(default_factory=time.monotonic)
    started: float | None = None
    ended: float | None = None
    expected: float | None = None  # when it will be done, as far as its pace tells
    pace: float | None = None  # smoothed, per second
    first_step: float | None = None  # when the first word on progress came
    last_step: float = 0.0
    answer: Mapping[str, Any] | None = None
    error: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def share(self) -> float | None:
        """How much of it is done; None where that is not known yet."""
        return min(self.done / self.total, 1.0) if self.total else None

    @property
    def left(self) -> float | None:
        """Seconds left; None where that is not known yet."""
        if self.expected is None or self.ended is not None:
            return None
        return max(self.expected - time.monotonic(), 0.0)

    def step(self, what: str, done: float, total: int, now: float | None = None) -> None:
        """Take in a word on progress, at the time `now`.

        The pace is smoothed over half of the time so far, and the end that is told stays until it is off by a fifth of what is left: time
        left that jumps up and down tells less than none.
        """
        now = time.monotonic() if now is None else now
        if done < self.done:
            self.first_step = self.pace = self.expected = None
        gained, passed = done - self.done, now - self.last_step
        self.what, self.done, self.total = what, done, total
        if not total:
            return
        if self.first_step is None:
            self.first_step = self.last_step = now
            return
        if gained <= 0 or passed <= 0.0:
            return
        weight = 1.0 if self.pace is None else 1.0 - math.exp(-passed / max(_SMOOTH, (now - self.first_step) / 2.0))
        self.pace = (1.0 - weight) * (self.pace or 0.0) + weight * gained / passed
        self.last_step = now
        if done >= _SURE * total:
            ends = now + (total - done) / self.pace
            if self.expected is None or abs(ends - self.expected) > _OFF * max(self.expected - now, 0.0):
                self.expected = ends

    @property
    def took(self) -> float:
        """Seconds since it was begun."""
        return 0.0 if self.started is None else (self.ended or time.monotonic()) - self.started


class Jobs:
    """All jobs of a page, and the workers that do them; `work` is a function that worker processes can import.

    With `ready` a worker of each lane is started at once, before there is a job. `nice` is how much workers stand back behind others.
    """

    def __init__(self, work: Work, lanes: Mapping[str, int] = LANES, ready: bool = False, nice: int = NICE) -> None:
        self._work, self._nice = work, nice
        self._lanes: dict[str, queue.Queue[Job | None]] = {lane: queue.Queue() for lane in lanes}
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, args=(lane, ready and number == 0), name=f"ccsim {lane} {number}", daemon=True)
            for lane, count in lanes.items()
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def start(self, kind: str, title: str, asked: Mapping[str, Any], owner: str, lane: str = "runs") -> Job:
        """Have something done. Raises `Refused` where too much is waiting already."""
        job = Job(os.urandom(8).hex(), kind, title, owner, dict(asked), lane)
        with self._lock:
            self._check_room(lane)
            self._jobs[job.id] = job
            finished = [one for one in self._jobs.values() if one.ended is not None]
            for old in finished[: max(len(finished) - MOST_REMEMBERED, 0)]:
                del self._jobs[old.id]
        self._lanes[lane].put(job)
        return job

    def check_room(self, lane: str) -> None:
        """Raise `Refused` where too much is waiting already."""
        with self._lock:
            self._check_room(lane)

    def _check_room(self, lane: str) -> None:
        if sum(one.lane == lane and one.ended is None for one in self._jobs.values()) >= MOST_WAITING:
            raise Refused(f"{MOST_WAITING} jobs are waiting already; end some, or try again later")

    def get(self, number: str) -> Job | None:
        """The job of that number, if it is remembered."""
        return self._jobs.get(number)

    def unfinished(self) -> list[Job]:
        """Jobs that wait or run, oldest first."""
        with self._lock:
            return [job for job in self._jobs.values() if job.ended is None]

    def end(self, number: str, who: str, keeper: bool = False) -> None:
        """End a job before it is done. Raises `Refused` for somebody else's, unless asked by the page's keeper."""
        job = self._jobs.get(number)
        if job is None or job.ended is not None:
            return
        if not self.may_end(job, who, keeper):
            raise Refused("this run is somebody else's: only who began it, or the keeper of this page, can end it")
        job.stop.set()
        if job.state == "waiting":
            self._close(job, "ended")

    @staticmethod
    def may_end(job: Job, who: str, keeper: bool = False) -> bool:
        """Whether somebody may end a job: who began it, and the page's keeper."""
        return who == job.owner or keeper

    def close(self) -> None:
        """End everything; for the end of the program."""
        self._closed = True
        for job in self.unfinished():
            job.stop.set()
        for lane in self._lanes.values():
            for _ in self._threads:
                lane.put(None)
        for thread in self._threads:
            thread.join(2.0)

    def _close(self, job: Job, state: State) -> None:
        with self._lock:
            if job.ended is None:
                job.state, job.ended = state, time.monotonic()
        job.over.set()

    def _serve(self, lane: str, first: bool) -> None:
        """One worker's life: wait for a job, hand it to the process, listen until it is done or to be ended."""
        worker: _Worker | None = None
        try:
            if first:
                worker = self._new_worker()
            while not self._closed:
                job = self._lanes[lane].get()
                if job is None:
                    break
                if job.ended is not None or job.stop.is_set():
                    self._close(job, "ended")
                    continue
                if worker is None or not worker.alive():
                    worker = self._new_worker()
                job.state, job.started = "running", time.monotonic()
                state: State = "failed"
                if worker is None:
                    job.error = "the program that plays this could not be started; the machine may be out of memory or of processes"
                else:
                    try:
                        state = self._attend(job, worker)
                    except Exception as fault:  # whatever came back, the lane goes on to the next job
                        LOG.error("a worker broke off: %s", fault or type(fault).__name__)
                        job.error = "the program that played this broke off; try again, with fewer days if it keeps happening"
                        worker.kill()
                        worker = None
                self._close(job, state)
                if state == "ended" and not self._closed:
                    worker = self._new_worker()  # its successor is there when the next job comes
        finally:
            if worker is not None:
                worker.kill()

    def _new_worker(self) -> _Worker | None:
        """A process for jobs; None where the machine has none to give."""
        try:
            return _Worker(self._work, self._nice)
        except OSError as fault:
            LOG.error("no worker could be started: %s", fault)
            return None

    def _attend(self, job: Job, worker: _Worker) -> State:
        worker.pipe.send((job.kind, job.asked))
        while True:
            if job.stop.is_set() or self._closed:
                worker.kill()
                return "ended"
            if not worker.pipe.poll(_STEP):
                if not worker.alive():
                    raise EOFError
                continue
            message, *told = worker.pipe.recv()
            if message == "progress":
                job.step(*told)
            elif message == "done":
                job.answer = told[0]
                return "done"
            else:
                job.error = told[0]
                return "failed"


class _Worker:
    """A process that does one job after the other."""

    def __init__(self, work: Work, nice: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_do, args=(theirs, work, nice), daemon=True)
        self.process.start()
        theirs.close()

    def alive(self) -> bool:
        """Whether it is still there."""
        return self.process.is_alive()

    def kill(self) -> None:
        """End it at once."""
        with suppress(OSError):
            self.process.kill()
            self.process.join(2.0)
        with suppress(OSError):
            self.pipe.close()


def _do(pipe: Connection, work: Work, nice: int) -> None:
    """What a worker's process does: jobs out of the pipe, words on progress and answers into it."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the page, which then ends its workers
    with suppress(OSError, AttributeError):
        os.nice(nice)
    with suppress(Exception):
        work("warm", {}, lambda what, done, total: None)  # what takes long to import is there when the first job comes
    last = 0.0

    def tell(what: str, done: float, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _TELL or done in (0, total):
            last = time.monotonic()
            pipe.send(("progress", what, done, total))

    while True:
        try:
            kind, asked = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            pipe.send(("done", work(kind, asked, tell)))
        except CcsimError as fault:
            pipe.send(("failed", str(fault)))
        except (BrokenPipeError, ConnectionResetError):
            return
        except Exception as fault:
            logging.getLogger("ccsim.web").exception("a fault in ccsim itself")
            pipe.send(("failed", f"a fault in ccsim itself ({type(fault).__name__}: {' '.join(str(fault).split())[:300]})"))
