"""`--cluster`: refused in one sentence where it cannot be, whichever command it is given to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

COMMANDS = {"run": (), "compare": ("again",), "sweep": ("--set", "staff.day.agents=20,21")}


@pytest.fixture(params=list(COMMANDS))
def command(request: pytest.FixtureRequest, twenty: Path) -> tuple[object, ...]:
    """A command that plays days, with its files and options."""
    return request.param, twenty, *(twenty if word == "again" else word for word in COMMANDS[request.param])


def refused(said: Any) -> str:
    """The one sentence with which a command refused to do anything."""
    lines = [line for line in said.err.splitlines() if "compiling" not in line]
    assert said.status == 2
    assert said.out == ""
    assert len(lines) == 1
    return str(lines[0])


def test_what_is_no_address_is_refused(ccsim: Callable[..., Any], command: tuple[object, ...]) -> None:
    assert "where the address of a dask scheduler belongs" in refused(ccsim(*command, "--cluster", "fifty machines"))


def test_workers_of_this_machine_and_a_cluster_are_not_both_asked_for(ccsim: Callable[..., Any], command: tuple[object, ...]) -> None:
    assert "leave one of them out" in refused(ccsim(*command, "--cluster", "tcp://127.0.0.1:8786", "--workers", 2))


def test_batches_are_of_one_path_and_need_no_cluster(ccsim: Callable[..., Any], twenty: Path) -> None:
    assert "leave --cluster out" in refused(ccsim("run", twenty, "--cluster", "tcp://127.0.0.1:8786", "--batches", 20))


def test_a_cluster_that_does_not_answer_is_told(ccsim: Callable[..., Any], twenty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ccsim.experiment.cluster import Cluster

    made = Cluster.__init__
    monkeypatch.setattr(Cluster, "__init__", lambda self, address: made(self, address, 0.5))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        sentence = refused(ccsim("run", twenty, "--cluster", f"127.0.0.1:{free.getsockname()[1]}"))
    assert "no dask scheduler answers at tcp://127.0.0.1" in sentence
    assert "dask scheduler`" in sentence
