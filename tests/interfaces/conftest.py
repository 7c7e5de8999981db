"""A small scenario in a file, and the command line called as a user would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ccsim.cli import main

TWENTY = """
title: Twenty [red]people[/red]
date: 2027-04-12
open: 08:00-10:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: 400, handle_time: {mean: 180 s, cv: 1, dist: exponential}, patience: {mean: 5 min}}
staff:
  day: {agents: 20, shift: 08:00-10:00}
shrinkage:
  sickness: {share: 30 %, kind: absence}
contingent:
  home:
    agents: 4
    takes: [support]
    available: 08:00-10:00
    accept: 75 %
    notice: 10 min
    activate: {when: estimated_wait, reaches: 60 s, call_up: 2}
    release: {when: estimated_wait, falls_to: 10 s}
    block: 1 h
"""


class Said(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def twenty(tmp_path: Path) -> Path:
    """A scenario of two hours with a roster, absence and contingents."""
    path = tmp_path / "twenty.yaml"
    path.write_text(TWENTY, encoding="utf-8")
    return path


@pytest.fixture
def ccsim(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call a command; gives its exit status and what it printed."""

    def call(*arguments: object) -> Said:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        status = left.value.code
        assert isinstance(status, int)
        return Said(status, printed.out, printed.err)

    return call
