"""Finding a dask cluster, and seeing that its workers are like this machine before anything is played there."""

from __future__ import annotations

import logging
import re
import threading
import time
import warnings
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from queue import Empty, Queue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from ccsim.errors import InputError, ResultError, ScenarioError
from ccsim.experiment.cluster.certificates import check_certificates
from ccsim.experiment.cluster.handing_out import HandingOut, threads_of
from ccsim.experiment.cluster.likeness import described, unlike, unlike_workers, unread_by
from ccsim.experiment.cluster.parcel import pack
from ccsim.experiment.executors import Benches, Span, played_by
from ccsim.experiment.moments import Chunk
from ccsim.units import shown

if TYPE_CHECKING:
    from distributed import Client

_SCHEMES: Final = ("tcp", "tls")
_LOOKS: Final = 0.1  # s between looks for workers
_TO_SAY: Final = 60.0  # s that workers have to say what they run; the first time they import it
_LOUD: Final = ("distributed", "tornado", "asyncio")  # loggers
_TO_CLOSE: Final = 5.0  # s


class Cluster:
    """A dask cluster that plays the days of everything within its `with` block.

    `address` is the scheduler's, `tcp://10.0.0.5:8786` or `tls://...`; `patience` how long to wait for it, and for a first worker [s].
    Results are to the last bit those of this machine alone. A worker may come or go at any time. Should the whole cluster be lost, what was
    finished by then is kept: the result says so in `interrupted`, and `lost` says why.

    Entering raises `InputError` where dask is not installed, the address makes no sense, nobody answers, there are no workers, or a worker
    runs something else than this machine.
    """

    def __init__(self, address: str, patience: float = 15.0) -> None:
        self.address = _checked(address)
        self.patience = patience
        self.lost: str | None = None
        self._leave = ExitStack()

    def __enter__(self) -> Cluster:
        _check_dask()
        check_certificates(self.address)
        with ExitStack() as leave:
            leave.enter_context(_quiet())
            self._client = _connected(self.address, self.patience)
            leave.callback(_close, self._client)
            self._check_workers()
            leave.enter_context(played_by(self))
            self._leave = leave.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._leave.close()

    def chunks(self, workshop: Benches, work: Iterator[Span], stopped: threading.Event) -> Generator[Chunk, None, None]:
        """The chunks of `work` in its order, played by the workers.

        Ends early when `stopped` is set. Raises `ResultError` where the cluster is lost before the first chunk.
        """
        out = HandingOut(self._client, pack(workshop), stopped)
        with closing(out.chunks(work)) as chunks:
            try:
                yield from chunks
            except ScenarioError as fault:
                raise workshop.at_home(fault) from None
        if out.lost is not None:
            self.lost = f"{out.lost}; what was finished by then is kept"

    def _check_workers(self) -> None:
        """Waits for a first worker, and raises `UnlikeWorkerError` where one is unlike this machine."""
        until = time.monotonic() + self.patience
        while not threads_of(self._client):
            if time.monotonic() > until:
                raise InputError(
                    f"the scheduler at {self.address} has had no workers for {self.patience:.0f} s; start some on every machine: "
                    f"dask worker {self.address}"
                )
            time.sleep(_LOOKS)
        said = self._said()
        unread = next((what for what in said.values() if not isinstance(what, Mapping)), None)
        if unread is not None:
            raise unread_by(unread)
        here = described()
        differing = {address: what for address, there in said.items() if (what := unlike(here, there))}
        if differing:
            raise unlike_workers(differing)

    def _said(self) -> dict[str, Any]:
        """What every worker says of itself, by address; or the exception that kept it from doing so."""
        asking = ThreadPoolExecutor(1)
        try:
            said: dict[str, Any] = asking.submit(self._client.run, described, on_error="return").result(_TO_SAY)
            return said
        except TimeoutError:
            raise ResultError(
                f"some workers of the cluster at {self.address} did not say within {_TO_SAY:.0f} s what they run; take those away that hang"
            ) from None
        except OSError as fault:
            raise ResultError(f"the workers of the cluster at {self.address} cannot be reached ({fault})") from None
        finally:
            asking.shutdown(wait=False)


def _checked(address: str) -> str:
    """The address with its scheme; raises `InputError` where it cannot be one."""
    told = address if "://" in address else f"tcp://{address}"
    try:
        parts = urlsplit(told)
        whole = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port is not None and parts.path in ("", "/")
    except ValueError:
        whole = False
    if not whole:
        raise InputError(f"found {shown(address)}, where the address of a dask scheduler belongs, such as tcp://10.0.0.5:8786")
    return told.rstrip("/")


def _check_dask() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise InputError("a cluster is reached through dask, which is not installed here: pip install 'ccsim[cluster]'") from None


def _connected(address: str, patience: float) -> Client:
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    found: Queue[Any] = Queue()

    def connect() -> None:
        try:
            with warnings.catch_warnings():
                # What differs is told in our own words, as an error.
                warnings.simplefilter("ignore", VersionMismatchWarning)
                found.put(Client(address, timeout=patience, set_as_default=False, name="ccsim"))  # type: ignore[no-untyped-call]
        except Exception as fault:
            found.put(fault)

    # Beside this thread, because dask waits for ever for somebody who takes the connection and says nothing.
    threading.Thread(target=connect, daemon=True, name="ccsim-cluster").start()
    try:
        client = found.get(timeout=patience + 0.5)
    except Empty:
        client = TimeoutError()
    if isinstance(client, (OSError, TimeoutError)):
        raise InputError(
            f"no dask scheduler answers at {address} within {patience:.0f} s{_because(str(client.__cause__ or client))}; start one there "
            "with `dask scheduler`, and see that its port can be reached from here"
        )
    if isinstance(client, Exception):
        raise InputError(f"the cluster at {address} cannot be reached: {client}")
    return cast("Client", client)


def _because(said: str) -> str:
    """The reason in brackets, where one is known that says more than that time ran out."""
    said = re.sub(r"^in <[^>]*>: ", "", said).rstrip(".")  # which object of dask's says so is nobody's business
    return f" ({said})" if said and "imed out" not in said else ""


def _close(client: Client) -> None:
    with suppress(Exception):
        client.close(timeout=_TO_CLOSE)  # type: ignore[no-untyped-call]


@contextmanager
def _quiet() -> Iterator[None]:
    """dask tells of lost workers and broken connections on standard error; whatever matters of that is told in a sentence of ours."""
    known = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in _LOUD]
    loggers = [logging.getLogger(name) for name in (*_LOUD, *known)]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
