"""`ccsim run` with control variates and a precision: what it says of them, and what it says when it cannot get there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_a_precision_uses_controls_and_says_so(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("run", twenty, "--precision", "3 pt")
    assert said.status == 0
    assert "Set against what luck brought (people absent, work that callers bring" in said.out
    document = json.loads(ccsim("run", twenty, "--precision", "3 pt", "--json").out)
    assert document["controls"]["used"][0] == "people absent"
    assert document["controls"]["gain"]["service_level_offered"] > 1.2


def test_controls_are_left_out_where_that_is_asked_for_and_of_a_plain_run(ccsim: Callable[..., Any], twenty: Path) -> None:
    for how in (("--precision", "3 pt", "--no-controls"), ("--replications", "20")):
        assert "controls" not in json.loads(ccsim("run", twenty, *how, "--json").out)
        assert "Set against" not in ccsim("run", twenty, *how).out
    assert "controls" in json.loads(ccsim("run", twenty, "--replications", "20", "--controls", "--json").out)


def test_a_precision_out_of_reach_says_how_far_it_got(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("run", twenty, "--precision", "0.01 pt", "--at-most", 80)
    assert said.status == 0
    assert "Note: after 80 replications, the most there may be, service_level_offered is known to " in said.err
    assert "not to 0.01 pt: that takes about " in said.err


@pytest.mark.parametrize("how", [("--at-most", "0", "--precision", "1 pt"), ("--at-most", "50")])
def test_a_limit_that_makes_no_sense_is_refused(ccsim: Callable[..., Any], twenty: Path, how: tuple[str, ...]) -> None:
    said = ccsim("run", twenty, *how)
    assert said.status == 2
    assert "at_most" in said.err
    assert "Traceback" not in said.err


def test_a_kept_run_with_controls_is_played_again_with_them(
    ccsim: Callable[..., Any], twenty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCSIM_HISTORY", str(tmp_path / "history.sqlite"))
    assert ccsim("run", twenty, "--precision", "3 pt").status == 0
    assert ccsim("runs", "check", 1).status == 0
