"""Every scenario that ccsim comes with is read, is played by both engines with the same log, and says where it is from."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import ccsim
from ccsim.engine import duty, reference
from ccsim.engine.draws import Drawer
from ccsim.engine.kernel import Kernel
from tests.engines.fuzz import differences
from tests.house.sources import ROOT

SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
# What the comments of a scenario may name as the place that its numbers are from
SOURCE = re.compile(r"\binvented\b|SSJ tutorial|Call Centre Helper|\bfpp3\b|\(\d{4}\)", re.IGNORECASE)
EXPECTED = {
    "appointment-centre", "football-final", "four-clinics", "new-centre", "night-and-day", "one-centre", "service-desk", "ssj-call-centre",
    "textbook-30-percent-absence", "textbook-fourteen-present", "us-bank-weekday",
}  # fmt: skip
each_scenario = pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)


def test_the_scenarios_that_the_documents_speak_of_are_there() -> None:
    assert {path.stem for path in SCENARIOS} >= EXPECTED


@each_scenario
def test_it_begins_with_its_source_or_the_word_invented(path: Path) -> None:
    head = re.match(r"(#.*\n)+", path.read_text(encoding="utf-8"))
    assert head
    assert SOURCE.search(head[0])


@each_scenario
def test_both_engines_play_it_to_the_last_bit(path: Path) -> None:
    scenario = ccsim.load(path)
    floor = duty.build(scenario)
    drawer, kernel = Drawer(scenario, floor, 11), Kernel(floor)
    for replication in (0, 1) if path.stem != "us-bank-weekday" else (0,):  # whose day has as many calls as seven of the others
        day = drawer.day(replication)
        log = kernel.play(day)
        assert day.arrival.size > 100
        assert not differences(log, reference.play(floor, day))


@each_scenario
def test_it_runs_and_its_calls_add_up(path: Path) -> None:
    result = ccsim.run(ccsim.load(path), replications=16, seed=3)
    means = result.measures["mean"]
    volume = sum(float(np.sum(call.volume)) for call in result.scenario.calls.values() if call.channel != "work")
    assert means["offered"] == pytest.approx(volume / result.scenario.days, rel=0.3)
    assert means["answered"] + means["abandoned"] + means["blocked"] <= means["offered"] + 1e-9
    assert 0.2 < means["service_level_offered"] < 1.0
    assert 0.3 < means["occupancy"] < 1.0


def test_the_appointment_centre_and_the_bank_call_their_contingents() -> None:
    for name in ("appointment-centre", "us-bank-weekday"):
        result = ccsim.run(ccsim.load(ROOT / "scenarios" / f"{name}.yaml"), replications=64)
        pool = result.contingent["home"]["mean"]
        assert pool["activations"] > 0.02
        assert 0.0 < pool["share_of_days_used"] <= 1.0
