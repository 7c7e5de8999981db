"""Ctrl-C as an event to look at, in place of an exception in the middle of things."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets; a second Ctrl-C is an exception again.

    Only where Python's own handler is at work: a program that has one of its own keeps it.
    """
    stopped = threading.Event()
    at_work = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    if at_work:
        signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stopped
    finally:
        if at_work:
            signal.signal(signal.SIGINT, signal.default_int_handler)
