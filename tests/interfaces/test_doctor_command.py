"""`ccsim doctor` finds an engine that answers wrongly; `ccsim completion` gives scripts by which a shell completes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccsim.engine import replay as replaying

ROOT = Path(__file__).resolve().parents[2]


def test_a_sound_installation_is_well(ccsim: Callable[..., Any]) -> None:
    said = ccsim("doctor", "--json")
    assert said.status == 0
    found = json.loads(said.out)
    assert found["well"] is True
    assert {check["good"] for check in found["checks"]} == {True}
    assert found["cache_writable"] is True
    assert found["versions"]["numpy"]


def test_an_engine_that_answers_wrongly_is_found(ccsim: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    right = replaying.replay

    def patient(calls: Any, duty: Any, engine: str) -> Any:
        """The kernel forgets that callers hang up."""
        return right(calls.assign(patience=1e9) if engine == "kernel" else calls, duty, engine=engine)

    monkeypatch.setattr(replaying, "replay", patient)
    said = ccsim("doctor")
    assert said.status == 1
    assert "WRONG" in said.out
    assert "kernel gave 0, 0, 40, " in said.out
    assert "do not rest on" in said.out


def test_a_check_that_ends_in_a_fault_is_told_and_not_thrown(ccsim: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise TypeError("no such\nsignature")

    monkeypatch.setattr("ccsim.experiment.replicate.run", broken)
    said = ccsim("doctor", "--json")
    assert said.status == 1
    assert "ended in TypeError: no such signature" in said.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(ccsim: Callable[..., Any], shell: str) -> None:
    said = ccsim("completion", shell)
    assert said.status == 0
    assert f"_CCSIM_COMPLETE={shell}_complete" in said.out
    assert json.loads(ccsim("completion", shell, "--json").out)["script"] + "\n" == said.out


@pytest.mark.parametrize(("words", "expected"), [("ccsim doc", "doctor"), ("ccsim run --repl", "--replications")])
def test_words_begun_are_completed(words: str, expected: str) -> None:
    asked = {"_CCSIM_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    code = "from ccsim.cli import main; main([])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | asked, capture_output=True, text=True, check=False)
    assert f"plain,{expected}" in done.stdout.split()
