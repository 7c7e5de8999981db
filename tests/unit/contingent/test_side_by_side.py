"""Work shared out over copies of the process, or over threads: what comes of it is the same, and nothing is lost."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ccsim.contingent.side_by_side import side_by_side


@contextmanager
def another_thread() -> Iterator[None]:
    """A thread that waits: the process may not be copied then."""
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def squares(first: int, last: int) -> list[tuple[int, int]]:
    return [(k * k, os.getpid()) for k in range(first, last)]


@pytest.mark.parametrize("workers", [1, 2, 3, 20])
def test_all_of_it_is_done_in_order_by_copies_and_by_threads(workers: int) -> None:
    copies = side_by_side(squares, 11, workers)
    with another_thread():
        threads = side_by_side(squares, 11, workers)
    assert [square for square, _ in copies] == [square for square, _ in threads] == [k * k for k in range(11)]
    assert {process for _, process in threads} == {os.getpid()}


def test_a_stretch_whose_copy_dies_is_done_again() -> None:
    here = os.getpid()

    def dies_elsewhere(first: int, last: int) -> list[int]:
        if os.getpid() != here:
            os._exit(1)
        return list(range(first, last))

    assert side_by_side(dies_elsewhere, 5, 3) == [0, 1, 2, 3, 4]


def test_a_fault_is_met_by_whoever_asked() -> None:
    def fails(first: int, last: int) -> list[int]:
        if last == 4:
            raise ValueError("of the last stretch")
        return list(range(first, last))

    with pytest.raises(ValueError, match="of the last stretch"):
        side_by_side(fails, 4, 2)
