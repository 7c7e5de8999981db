"""What travels between this machine and a worker: the workshop on the way out, finished chunks on the way back.

A parcel holds the scenario as it was read, without its text, path and folder: a worker needs no files. It goes with every task, so that
any worker can take any task at any time, and the loss of a worker loses nothing but time.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from ccsim.errors import CcsimError
from ccsim.experiment.cluster.likeness import described, numbers, other_numbers, unlike, unlike_workers
from ccsim.experiment.executors import Benches, Span
from ccsim.experiment.moments import Chunk
from ccsim.inputs.scenario import Scenario

T = TypeVar("T")

# What a worker keeps ready: workshops in a process, benches (some 5 MB) in each thread.
_SHOPS_KEPT: Final = 4
_BENCHES_KEPT: Final = 2


class Parcel(NamedTuple):
    """A workshop, packed once and sent with every task."""

    name: str  # a print of its content
    content: bytes


class Answer(NamedTuple):
    """What comes back of a task."""

    chunks: bytes  # packed
    seconds: float  # that playing them took


class UnwantedError(CcsimError):
    """The task was given up at home while it was being played."""


class _Packer(pickle.Pickler):
    """Leaves out of scenarios what only files and screens are about."""

    def reducer_override(self, value: Any) -> Any:
        if type(value) is Scenario and (value.text or value.data or value.path or value.folder):
            return value.model_copy(update={"text": "", "data": {}, "path": None, "folder": None}).__reduce_ex__(5)
        return NotImplemented


def pack(workshop: Benches) -> Parcel:
    """The parcel of a workshop, with what a worker must have in common with this machine."""
    file = io.BytesIO()
    _Packer(file, 5).dump(workshop)
    # The workshop is bytes within: what it needs to be read is looked at first.
    content = zlib.compress(pickle.dumps((described(), numbers(), file.getvalue()), 5))
    return Parcel(hashlib.sha256(content).hexdigest()[:16], content)


def play(task: str, parcel: Parcel, spans: Sequence[Span]) -> Answer:
    """Plays spans on a worker, as the task of that name.

    Raises `UnlikeWorkerError` on a worker that would come to other numbers, and `UnwantedError` when nobody waits for the answer any more.
    """
    bench = _bench(parcel)
    unwanted = _unwanted(task)
    began = time.perf_counter()
    chunks = []
    for span in spans:
        chunk = bench.chunk(*span, unwanted)
        if unwanted():
            raise UnwantedError(f"{task} was given up")
        chunks.append(chunk)
    seconds = time.perf_counter() - began
    return Answer(zlib.compress(pickle.dumps(chunks, 5), 1), seconds)


def unpack(answer: Answer, spans: Sequence[Span]) -> list[Chunk]:
    """The chunks of an answer, one for each span."""
    chunks: list[Chunk] = pickle.loads(zlib.decompress(answer.chunks))
    assert len(chunks) == len(spans)
    assert all(chunk is not None and chunk.first == first for chunk, (first, _) in zip(chunks, spans, strict=True))
    return chunks


_lock = threading.Lock()
_shops: OrderedDict[str, Benches] = OrderedDict()
_own = threading.local()


def _bench(parcel: Parcel) -> Any:
    """This thread's bench for a parcel."""
    if not hasattr(_own, "benches"):
        _own.benches = OrderedDict()
    return _kept(_own.benches, parcel.name, _BENCHES_KEPT, lambda: _workshop(parcel).bench())


def _workshop(parcel: Parcel) -> Benches:
    """This process's workshop for a parcel."""
    with _lock:
        return _kept(_shops, parcel.name, _SHOPS_KEPT, lambda: _open(parcel))


def _kept(shelf: OrderedDict[str, T], name: str, most: int, made: Callable[[], T]) -> T:
    if name not in shelf:
        while len(shelf) >= most:
            shelf.popitem(last=False)
        shelf[name] = made()
    shelf.move_to_end(name)
    return shelf[name]


def _open(parcel: Parcel) -> Benches:
    """The workshop in a parcel; raises `UnlikeWorkerError` where this is not a machine like the one that sent it."""
    here, print_of_numbers, content = pickle.loads(zlib.decompress(parcel.content))
    differing = unlike(here, described())
    if differing:
        raise unlike_workers({_address(): differing})
    if numbers() != print_of_numbers:
        raise other_numbers(_address())
    workshop: Benches = pickle.loads(content)
    return workshop


def _address() -> str:
    from distributed import get_worker

    return str(get_worker().address)


def _unwanted(task: str) -> Callable[[], bool]:
    """Whether a task that is being played here was given up at home meanwhile."""
    from distributed import get_worker

    tasks = get_worker().state.tasks

    def given_up() -> bool:
        known = tasks.get(task)
        return known is not None and known.state == "cancelled"

    return given_up
