"""Jobs go on by themselves, are ended at once by whoever may end them, and by nobody else."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Mapping
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


def test_the_time_left_is_told_from_the_pace() -> None:
    job = under_test.Job("1", "run", "a run", "me", {}, "runs", state="running", done=50, total=200)
    job.first_step = (time.monotonic() - 10.0, 0)
    assert job.left == pytest.approx(30.0, rel=0.05)
    assert job.share == 0.25
