"""Work shared out over copies of the process, or over threads: what comes of it is the same, and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest

from ccsim.contingent.side_by_side import SideBySide


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


class Squares:
    """Squares of a stretch of numbers, and how often they were asked for."""

    def __init__(self, first: int, last: int) -> None:
        self.stretch, self.asked = range(first, last), 0

    def squares(self, more: int) -> tuple[list[int], int, int]:
        self.asked += 1
        return [k * k + more for k in self.stretch], self.asked, os.getpid()

    def sums(self, told: list[int], more: int) -> list[int]:
        return [one + k + more for one, k in zip(told, self.stretch, strict=True)]


@pytest.mark.parametrize("workers", [1, 2, 3, 20])
def test_all_of_it_is_done_in_order_by_copies_and_by_threads_that_remember(workers: int) -> None:
    answers = []
    for beside in (nullcontext, another_thread):
        with beside(), SideBySide(Squares, 11, workers) as some:
            some.ask("squares", 0)
            found = some.ask("squares", 5)
            sums = some.ask("sums", 1, of_each=list(range(11)))
        assert {asked for _, asked, _ in found} == {2}
        if beside is another_thread:
            assert {process for *_, process in found} == {os.getpid()}
        answers.append(([one for squares, *_ in found for one in squares], [one for stretch in sums for one in stretch]))
    assert answers == [([k * k + 5 for k in range(11)], [2 * k + 1 for k in range(11)])] * 2


def test_a_stretch_whose_copy_dies_is_done_again_from_the_first_question_on() -> None:
    here = os.getpid()

    class Dies(Squares):
        def squares(self, more: int) -> tuple[list[int], int, int]:
            if more and os.getpid() != here:
                os._exit(1)
            return super().squares(more)

    with SideBySide(Dies, 5, 3) as some:
        some.ask("squares", 0)
        for asked in (2, 3):
            found = some.ask("squares", 1)
            assert [one for squares, *_ in found for one in squares] == [1, 2, 5, 10, 17]
            assert {times for _, times, _ in found} == {asked}


def test_a_fault_is_met_by_whoever_asked() -> None:
    class Fails(Squares):
        def squares(self, more: int) -> tuple[list[int], int, int]:
            if 3 in self.stretch:
                raise ValueError("of the last stretch")
            return super().squares(more)

    with SideBySide(Fails, 4, 2) as some, pytest.raises(ValueError, match="of the last stretch"):
        some.ask("squares", 0)


KILLED = """
import os, signal, sys
from ccsim.contingent.side_by_side import SideBySide

class Idle:
    def __init__(self, first, last): ...
    def one(self): return 1

with SideBySide(Idle, 4, 3) as some:
    print(some.ask("one"), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux alone")
def test_copies_end_with_whoever_asked() -> None:
    """Killed, it cannot end them: they see for themselves. They hold its output, which is not over before they are."""
    found = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, timeout=60, check=False)
    assert found.stdout == "[1, 1, 1]\n"
    assert found.returncode == -signal.SIGKILL
