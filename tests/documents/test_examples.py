"""The program in `examples/` that `make demo` runs says what is so."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import pytest
from scipy.stats import binom

from tests.house.sources import ROOT
from tests.simulation import exact

QUICK_DAYS = 250


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program as a module, with fewer days to simulate, in the folder that it is run in."""
    spec = importlib.util.spec_from_file_location("textbook_trap", ROOT / "examples" / "textbook_trap.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(module, "DAYS", QUICK_DAYS)
    return module


def exactly(there: int) -> float:
    """Answered within 20 s with so many there, from the balance equations of these tests; overloaded, nothing."""
    return exact.queue(100, 1800, 180, there).answered_within(20) if there > 10 else 0.0


def in_words(text: str) -> tuple[float, float, float]:
    """The three percentages of "80.1% (79.0% to 81.2%)", as shares."""
    mean, low, high = (float(number) / 100 for number in re.findall(r"([\d.]+)%", text))
    return mean, low, high


@pytest.mark.parametrize("there", [1, 9, 10, 11, 13, 14, 20])
def test_so_many_present_answer_as_many_in_time_as_the_balance_equations_say(trap: ModuleType, there: int) -> None:
    """Ten agents and fewer cannot keep up with 10 erlangs; 14 answer 88.8 % (Call Centre Helper's worked example), 13 miss 80 %."""
    assert trap.answered_in_time(there) == pytest.approx(exactly(there), abs=1e-9)
    assert (trap.answered_in_time(there) >= 0.8) == (there >= 14)


@pytest.mark.parametrize(("roster", "absent", "printed"), [(20, 0.30, "80.0%"), (15, 1 / 15, "86.7%"), (14, 0.0, "88.8%")])
def test_the_long_run_is_the_mixture_over_who_is_there(trap: ModuleType, roster: int, absent: float, printed: str) -> None:
    """The binomial mixture, weighted by scipy and solved from the balance equations."""
    mixture = sum(float(binom.pmf(there, roster, 1 - absent)) * exactly(there) for there in range(roster + 1))
    assert trap.in_the_long_run(roster, absent) == pytest.approx(mixture, abs=1e-9)
    assert f"{trap.in_the_long_run(roster, absent):.1%}" == printed


def test_what_is_simulated_holds_the_trap_between_its_bounds(trap: ModuleType) -> None:
    """14 present come to 88.8 %, on nearly every day above 80 %; 20 rostered to 80.4 % on days that start empty (`test_absence`).

    80 % holds where 14 or more are there, on 61 % of days, and on about half of the 16 % with 13. Of 250 days the shares have standard
    errors of 0.2, 1.5 and 2.9 points: none may be off by much more than four, and the two cases lie five and a half of the second apart.
    """
    present, always = trap.simulated("textbook-fourteen-present")
    rostered, often = trap.simulated("textbook-30-percent-absence")
    mean, low, high = in_words(present)
    assert low < mean < high
    assert mean == pytest.approx(0.888, abs=0.01)
    assert always > 0.95
    luck, low, high = in_words(rostered)
    assert low < luck < high
    assert luck == pytest.approx(0.804, abs=0.06)
    assert luck < mean
    assert 0.57 < often < 0.81


def test_what_is_printed_holds_the_numbers(trap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentences, with the simulation's part given: nothing is simulated twice."""
    given = {"textbook-fourteen-present": ("P", 0.99), "textbook-30-percent-absence": ("R", 0.61)}
    monkeypatch.setattr(trap, "simulated", given.__getitem__)
    trap.main()
    said = capsys.readouterr().out
    for part in ("Erlang C says 88.8%", "Simulated: P; 80 % held on 99%", "80.0% in the long run", "R; 80 % held on 61%", "86.7%"):
        assert part in said
