"""Jobs go on by themselves, are ended at once by whoever may end them, and by nobody else."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ccsim.errors import InputError
from ccsim.web import jobs as under_test
from ccsim.web.jobs import Jobs, Tell
from ccsim.web.refusals import Refused

LONG = 120.0  # s; far longer than anything here takes


def work(kind: str, asked: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """What a worker does in these tests."""
    if kind == "for ever":
        tell("working", 1, 10)
        tell("working", 10, 10)
        while True:
            time.sleep(0.01)
    if kind == "beat":  # a file grows as long as this goes on, which hears nothing and gives nobody a turn
        tell("beating", 1, 10)
        with open(asked["file"], "ab", buffering=0) as file:
            while True:
                file.write(b".")
                sum(range(200_000))
    if kind == "fail":
        raise InputError("there is nobody to play")
    if kind == "break":
        raise ZeroDivisionError("a fault of ours")
    if kind == "die":
        os._exit(3)
    return {"pid": os.getpid(), "asked": dict(asked)}


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs(work, {"runs": 2, "quick": 1})
    yield made
    made.close()


def test_a_worker_does_one_job_after_the_other(jobs: Jobs) -> None:
    done = [jobs.start("echo", "one", {"n": n}, "me", "quick") for n in range(3)]
    assert all(job.over.wait(LONG) for job in done)
    assert [job.answer["asked"] for job in done if job.answer] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert len({job.answer["pid"] for job in done if job.answer}) == 1


def test_a_long_run_keeps_nobody_from_a_quick_answer(jobs: Jobs) -> None:
    long = [jobs.start("for ever", "long", {}, "me") for _ in range(3)]
    assert jobs.start("echo", "quick", {}, "me", "quick").over.wait(LONG)
    assert all(job.ended is None for job in long)


def test_who_began_a_job_ends_it_and_its_process_is_gone(jobs: Jobs) -> None:
    job = jobs.start("for ever", "long", {}, "me")
    while job.done < 10:
        time.sleep(0.01)
    jobs.end(job.id, "me")
    assert job.over.wait(LONG)
    assert job.state == "ended"
    after = jobs.start("echo", "after", {}, "me")
    assert after.over.wait(LONG)
    assert after.state == "done"


def test_what_is_ended_stops_before_it_is_said_to_be_over_and_the_next_one_begins(tmp_path: Path) -> None:
    jobs = Jobs(work, {"runs": 1})
    try:
        first = jobs.start("beat", "long", {"file": str(tmp_path / "beats")}, "me")
        after = jobs.start("echo", "after", {}, "me")
        while not ((tmp_path / "beats").exists() and (tmp_path / "beats").stat().st_size):
            time.sleep(0.01)
        assert after.started is None
        jobs.end(first.id, "me")
        assert first.over.wait(LONG)
        beats = (tmp_path / "beats").stat().st_size
        assert after.over.wait(LONG)
        assert (tmp_path / "beats").stat().st_size == beats
        assert first.ended is not None
        assert after.started is not None
        assert first.ended <= after.started
        assert (first.state, after.state) == ("ended", "done")
    finally:
        jobs.close()


def test_somebody_else_cannot_end_it_and_that_is_logged(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    job = jobs.start("for ever", "long", {}, "me")
    while job.done < 10:
        time.sleep(0.01)
    with caplog.at_level(logging.WARNING, "ccsim.web"), pytest.raises(Refused, match="somebody else's"):
        jobs.end(job.id, "somebody")
    assert "refused" in caplog.text
    assert job.ended is None
    assert not job.stop.is_set()
    jobs.end(job.id, "the keeper", keeper=True)
    assert job.over.wait(LONG)


def test_a_job_that_waits_is_ended_without_being_begun(jobs: Jobs) -> None:
    for _ in range(2):
        jobs.start("for ever", "long", {}, "me")
    waiting = jobs.start("for ever", "waiting", {}, "me")
    jobs.end(waiting.id, "me")
    assert (waiting.state, waiting.started) == ("ended", None)


@pytest.mark.parametrize(
    "kind, said", [("fail", "there is nobody to play"), ("break", "a fault in ccsim itself (ZeroDivisionError"), ("die", "broke off")]
)
def test_what_goes_wrong_is_said_and_the_next_job_is_done(jobs: Jobs, kind: str, said: str) -> None:
    job = jobs.start(kind, "wrong", {}, "me", "quick")
    assert job.over.wait(LONG)
    assert job.state == "failed"
    assert said in job.error
    assert jobs.start("echo", "after", {}, "me", "quick").over.wait(LONG)


def test_no_more_jobs_are_taken_than_can_be_done(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "MOST_WAITING", 3)
    for _ in range(3):
        jobs.start("for ever", "long", {}, "me")
    with pytest.raises(Refused, match="waiting already"):
        jobs.start("for ever", "long", {}, "me")


def stepped(steps: Iterable[tuple[float, int]], total: int) -> tuple[under_test.Job, list[float | None]]:
    """A job that was told of its progress at these seconds ago, and the end that it expected after each of them."""
    job = under_test.Job("1", "run", "a run", "me", {}, "runs", state="running")
    now, told = time.monotonic(), []
    for ago, done in steps:
        job.step("playing days", done, total, now - ago)
        told.append(None if job.expected is None else job.expected - (now - ago))
    return job, told


def test_the_time_left_is_told_from_the_pace() -> None:
    job, _ = stepped([(10.0 - n, 5 * n) for n in range(11)], 200)
    assert job.left == pytest.approx(30.0, rel=0.05)
    assert job.share == 0.25


def test_no_time_left_is_told_before_a_few_per_cent_are_done() -> None:
    _, told = stepped([(40.0 - n, n) for n in range(41)], 1000)
    assert told[:30] == [None] * 30
    assert told[30] == pytest.approx(970.0)


def test_the_time_left_goes_down_where_the_pace_wavers() -> None:
    done, steps = 0, []
    for second in range(400):
        steps.append((400.0 - second, done))
        done += 12 if second % 2 else 8
    _, told = stepped(steps, 8000)
    left = [one for one in told if one is not None]
    assert len(left) > 300
    assert all(after < before for before, after in pairwise(left))
    assert left[-1] == pytest.approx(400.0, rel=0.1)


def test_where_the_pace_changes_for_good_another_end_is_told() -> None:
    job, _ = stepped([(100.0 - n, 10 * n if n < 50 else 490 + 2 * (n - 49)) for n in range(101)], 1000)
    assert job.left == pytest.approx((1000 - job.done) / 2.0, rel=0.6)
    assert job.left > (1000 - job.done) / 5.0


def test_a_second_part_of_a_job_has_a_pace_of_its_own() -> None:
    job, _ = stepped([(20.0, 0), (19.0, 50), (18.0, 100), (10.0, 0), (9.0, 0)], 100)
    assert job.left is None
