"""Runs: the same result whatever the workers, interruption, arguments that make no sense, what a result says."""

from __future__ import annotations

import _thread
import json
import math
import signal
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.experiment.replicate import DEFAULT_REPLICATIONS, run
from ccsim.experiment.workshop import Bench
from ccsim.inputs.scenario import loads
from ccsim.measures.definitions import names
from tests.unit.experiment.centres import PLAIN, plain, whole


@pytest.fixture(scope="module")
def result() -> Any:
    return run(whole(), replications=40, required=[8.0, 8.0, 9.0, math.nan])


def without_engine(result: Any) -> dict[str, Any]:
    document = result.to_dict()
    del document["engine"]
    return document


def test_results_are_the_same_to_the_last_bit_whatever_the_workers() -> None:
    alone = json.dumps(run(whole(), replications=100, workers=1).to_dict())
    for workers in (2, 3):
        assert json.dumps(run(whole(), replications=100, workers=workers).to_dict()) == alone


def test_both_engines_give_the_same_result_to_the_last_bit() -> None:
    assert without_engine(run(whole(), replications=20, engine="simpy")) == without_engine(run(whole(), replications=20))


def test_processes_give_what_one_worker_gives() -> None:
    alone = run(plain(), replications=40, engine="simpy", workers=1).to_dict()
    assert run(plain(), replications=40, engine="simpy", workers=2).to_dict() == alone


def test_another_seed_gives_another_result_and_the_same_seed_the_same() -> None:
    first, again, other = (run(plain(), replications=20, seed=seed).to_dict()["measures"] for seed in (7, 7, 8))
    assert first == again != other


def test_left_out_there_are_two_hundred_replications_and_seed_1() -> None:
    document = run(plain()).to_dict()
    assert (document["replications"], document["seed"]) == (DEFAULT_REPLICATIONS, 1) == (200, 1)


def test_the_object_is_that_of_the_contract(result: Any) -> None:
    document = result.to_dict()
    assert list(document) == [
        "ccsim",
        "scenario",
        "seed",
        "replications",
        "engine",
        "measures",
        "call_types",
        "groups",
        "contingent",
        "shrinkage",
        "risk",
        "intervals",
    ]
    assert list(document["measures"]) == list(names("run"))
    assert list(document["call_types"]) == ["sales", "help"]
    assert list(document["groups"]) == ["early", "desk"]
    assert list(document["contingent"]["home"]) == list(names("contingent"))
    assert [row["start"] for row in document["intervals"]] == [f"2027-04-12T{time}" for time in ("08:00", "08:30", "09:00", "09:30")]
    cells = [*document["measures"].values(), *(cell for row in document["intervals"] for name, cell in row.items() if name != "start")]
    assert all(list(cell) == ["mean", "low", "high", "unit"] for cell in cells)
    json.dumps(document, allow_nan=False)


def test_counts_add_up_over_outcomes_types_groups_and_intervals(result: Any) -> None:
    document = result.to_dict()

    def mean(scope: Any, name: str) -> float:
        return float(scope[name]["mean"])

    whole_run = document["measures"]
    assert mean(whole_run, "offered") == pytest.approx(sum(mean(whole_run, name) for name in ("answered", "abandoned", "blocked")))
    for name in ("offered", "answered", "abandoned", "blocked"):
        assert mean(whole_run, name) == pytest.approx(sum(mean(row, name) for row in document["call_types"].values()))
        assert mean(whole_run, name) == pytest.approx(sum(mean(row, name) for row in document["intervals"]))
    takers = [*document["groups"].values(), *document["contingent"].values()]
    assert mean(whole_run, "answered") == pytest.approx(sum(mean(row, "answered") for row in takers))
    on_duty = sum(mean(row, "agents_on_duty") for row in document["groups"].values()) + mean(document["contingent"]["home"], "agents_on")
    assert np.mean([mean(row, "agents_on_duty") for row in document["intervals"]]) == pytest.approx(on_duty)


def test_tables_say_what_the_object_says(result: Any) -> None:
    document = result.to_dict()
    for name, cell in document["measures"].items():
        assert result.measures.loc[name].tolist() == [cell["mean"], cell["low"], cell["high"], cell["unit"]]
    assert result.call_types["help"].loc["mean_wait", "mean"] == document["call_types"]["help"]["mean_wait"]["mean"]
    assert result.groups["early"].loc["agents_scheduled", "mean"] == pytest.approx(8 * 105 / 120)
    table = result.intervals
    assert table.index[1].isoformat() == "2027-04-12T08:30:00"
    assert table["mean_wait_high"].tolist() == [row["mean_wait"]["high"] for row in document["intervals"]]


def test_the_first_activation_is_a_time_of_day_in_the_object_and_seconds_in_the_table(result: Any) -> None:
    seconds = result.contingent["home"].loc["first_activation", "mean"]
    assert 8 * 3600 <= seconds < 10 * 3600
    minutes = round(seconds / 60)
    assert result.to_dict()["contingent"]["home"]["first_activation"]["mean"] == f"{minutes // 60:02d}:{minutes % 60:02d}"


def test_a_first_activation_after_midnight_is_shown_as_a_time_of_day() -> None:
    """Nobody is there but the contingents, who are called up by the first caller, after midnight: all calls come from 01:00 to 02:00."""
    text = PLAIN.replace("08:00-09:00\ninterval: 30 min", "18:00-02:00\ninterval: 1 h")
    text = text.replace("volume: 20", "volume: [0, 0, 0, 0, 0, 0, 0, 2000]")
    home = "contingent: {home: {agents: 1, notice: 5 min, activate: {when: queue, reaches: 1}}}"
    scenario = loads(text[: text.index("staff:")] + home)
    result = run(scenario, replications=4, seed=1)
    assert result.contingent["home"].loc["first_activation", "mean"] == pytest.approx(25 * 3600, abs=29)
    assert result.to_dict()["contingent"]["home"]["first_activation"]["mean"] == "01:00"


def test_who_is_away_without_pay_in_the_warm_up_takes_nothing_off_the_measured_days() -> None:
    """Half of fifty people are away without pay on the Sunday of the warm-up; on Monday eight work an hour each at 1: it costs 8."""
    text = PLAIN.replace("2027-04-12", "2027-04-11\ndays: 2\nwarm_up: 24 h").replace(
        "desk: {agents: 2, shift: 08:00-09:00}",
        "sunday: {agents: 50, shift: 08:00-09:00, days: [sun]}\n  monday: {agents: 8, shift: 08:00-09:00, days: [mon]}",
    )
    away = "shrinkage: {leave: {share: 50 %, kind: planned, paid: false, groups: [sunday]}}\ncost: {agent_hour: 1}\n"
    # No calls in the last half hour, so that there is no overtime.
    text = text.replace("volume: 20", "volume: [20, 0]")
    result = run(loads(text + away), replications=4, seed=1)
    assert result.measures.loc["cost", ["mean", "low", "high"]].tolist() == [8.0, 8.0, 8.0]


def test_net_staffing_is_on_duty_less_required_and_not_known_where_required_is_not(result: Any) -> None:
    first, *_, last = result.to_dict()["intervals"]
    assert first["net_staffing"]["mean"] == pytest.approx(first["agents_on_duty"]["mean"] - 8.0)
    assert first["net_staffing"]["low"] <= first["net_staffing"]["mean"] <= first["net_staffing"]["high"]
    assert last["net_staffing"]["mean"] is None
    assert last["required_agents"]["mean"] is None


def test_the_calls_of_one_replication_are_those_that_were_counted() -> None:
    result = run(whole(), replications=1)
    log = result.calls(0)
    document = result.to_dict()["measures"]
    assert list(log.columns) == ["arrival", "call_type", "answered_at", "ended_at", "hung_up_at", "blocked", "agent", "wait"]
    assert document["offered"]["mean"] == len(log)
    assert document["answered"]["mean"] == log["answered_at"].notna().sum() == log["agent"].notna().sum()
    assert document["abandoned"]["mean"] == log["hung_up_at"].notna().sum()
    assert document["blocked"]["mean"] == log["blocked"].sum()
    assert document["mean_wait"]["mean"] == pytest.approx(log["wait"].mean())
    assert document["wait_p90"]["mean"] == pytest.approx(log["wait"].quantile(0.9, interpolation="inverted_cdf"), abs=0.051)
    assert set(log.loc[log["agent"].str.startswith("desk", na=False), "call_type"]) <= {"help"}


@pytest.mark.parametrize("number", [-1, 1, 1.0, True, "0"])
def test_a_replication_that_was_not_played_has_no_log(number: Any) -> None:
    with pytest.raises(InputError, match="numbered 0 to 0"):
        run(plain(), replications=1).calls(number)


def test_one_replication_has_means_and_no_intervals() -> None:
    offered = run(plain(), replications=1).to_dict()["measures"]["offered"]
    assert offered["mean"] is not None
    assert offered["low"] is None
    assert offered["high"] is None


def test_costs_are_left_out_where_nothing_is_paid() -> None:
    document = run(plain(), replications=2).to_dict()
    assert "cost" not in document["measures"]
    assert "agents_on" not in document["intervals"][0]


def test_a_roster_costs_its_hours_and_people_away_without_pay_do_not() -> None:
    """Two people for an hour at 20 are 40 a day; each away on half of the days, and paid only when there, 20."""
    cost = ("staff:", "cost: {agent_hour: 20}\nstaff:")
    assert run(plain(cost, ("volume: 20", "volume: 0")), replications=50).measures.loc["cost", "mean"] == pytest.approx(40.0)
    for paid, low, high in (("true", 40.0, 40.0), ("false", 17.0, 23.0)):
        away = ("cost:", f"shrinkage: {{sick: {{share: 50 %, kind: absence, paid: {paid}}}}}\ncost:")
        # 800 coins: a standard error of 0.5 on 20
        measured = run(plain(cost, away, ("volume: 20", "volume: 0")), replications=400).measures.loc["cost", "mean"]
        assert low - 1e-9 <= measured <= high + 1e-9


def test_a_day_without_calls_is_no_error() -> None:
    document = run(plain(("volume: 20", "volume: 0")), replications=20).to_dict()
    assert document["measures"]["offered"]["mean"] == 0.0
    assert document["measures"]["service_level_offered"]["mean"] is None
    assert document["measures"]["wait_p90"]["mean"] is None


def test_warm_up_is_left_out_of_counts_and_intervals() -> None:
    document = run(plain(("target:", "warm_up: 30 min\ntarget:")), replications=50).to_dict()
    assert [row["start"] for row in document["intervals"]] == ["2027-04-12T08:30"]
    assert document["measures"]["offered"]["mean"] == document["intervals"][0]["offered"]["mean"]
    assert 8 < document["measures"]["offered"]["mean"] < 12


def test_counts_of_a_path_of_days_are_per_calendar_day_closed_ones_included() -> None:
    """A Monday to Wednesday with the Tuesday closed: 2 x 20 calls over three days; 100 paths give a standard error of 0.21."""
    three = ("open:", "days: 3\nholidays: [2027-04-13]\nopen:")
    document = run(plain(three), replications=100).to_dict()
    assert document["measures"]["offered"]["mean"] == pytest.approx(40 / 3, abs=0.9)
    assert [row["start"][8:10] for row in document["intervals"]] == ["12", "12", "14", "14"]
    assert document["intervals"][0]["offered"]["mean"] == pytest.approx(10, abs=1.3)


def test_a_warm_up_of_days_takes_those_days_out_of_the_count() -> None:
    two = ("open:", "days: 2\nwarm_up: 1 day\nopen:")
    document = run(plain(two), replications=100).to_dict()
    assert document["measures"]["offered"]["mean"] == sum(row["offered"]["mean"] for row in document["intervals"])
    assert document["measures"]["offered"]["mean"] == pytest.approx(20, abs=1.8)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"replications": 0}, "replications is 0; give a whole number of 1 or more"),
        ({"replications": -5}, "replications is -5"),
        ({"replications": 2.5}, "replications is 2.5"),
        ({"replications": True}, "replications is True"),
        ({"replications": 10**12}, "give at most"),
        ({"seed": -1}, "seed is -1; give a whole number of 0 or more"),
        ({"workers": 0}, "workers is 0"),
        ({"engine": "abacus"}, "no engine 'abacus'; the engines are kernel and simpy"),
        ({"measure": "service_level_ofered"}, "did you mean service_level_offered"),
        ({"measure": "cost"}, "gives no `cost`"),
        ({"replications": 5, "precision": "1 pt"}, "both given"),
        ({"required": [1.0]}, "one number for each of the 2 intervals"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_with_a_sentence(arguments: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        run(plain(), **arguments)


def test_a_scenario_without_staff_is_refused() -> None:
    with pytest.raises(InputError, match="no `staff`"):
        run(plain((PLAIN[PLAIN.index("staff:") :], "")))


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_run_keeps_what_was_finished(workers: int) -> None:
    """What is kept is, to the last bit, a run with so many replications."""

    def after_two(done: int, total: int) -> None:
        assert total == 4000
        if done >= 64:
            raise KeyboardInterrupt

    stopped = run(plain(), replications=4000, workers=workers, progress=after_two)
    assert stopped.interrupted
    assert stopped.replications == 64
    document = stopped.to_dict()
    assert document.pop("interrupted") is True
    assert document == run(plain(), replications=64).to_dict()


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_a_run_between_days(workers: int) -> None:
    stopped = run(
        plain(), replications=10**6, workers=workers, progress=lambda done, total: _thread.interrupt_main() if done == 32 else None
    )
    assert stopped.interrupted
    assert 32 <= stopped.replications < 10**6
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_ends_processes_too() -> None:
    stopped = run(
        plain(),
        replications=10**6,
        engine="simpy",
        workers=2,
        progress=lambda done, total: _thread.interrupt_main() if done == 32 else None,
    )
    assert stopped.interrupted
    assert 32 <= stopped.replications < 10**6


def test_a_run_interrupted_before_anything_was_finished_has_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(bench: Bench, first: int, count: int, stopped: Callable[[], bool]) -> None:
        _thread.interrupt_main()

    monkeypatch.setattr(Bench, "chunk", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(plain(), replications=10, workers=1)


def test_progress_tells_of_every_chunk() -> None:
    told: list[tuple[int, int]] = []
    run(plain(), replications=40, progress=lambda done, total: told.append((done, total)))
    assert told == [(32, 40), (40, 40)]


def test_what_is_kept_does_not_grow_with_the_replications() -> None:
    few, many = (run(plain(), replications=count)._totals for count in (640, 1280))
    assert {scope: moments.comoment.shape for scope, moments in few.moments.items()} == {
        scope: moments.comoment.shape for scope, moments in many.moments.items()
    }
    # Bins of waits go on to the longest wait seen, which grows like a logarithm.
    assert many.waits.size <= 2 * few.waits.size


def test_a_chunk_that_is_stopped_half_way_keeps_the_days_that_were_finished():
    from ccsim.experiment.workshop import Workshop
    from ccsim.inputs import loads

    scenario = loads(
        "open: 08:00-10:00\ninterval: 1 h\ntarget: {wait: 20 s, share: 80 %}\n"
        "calls: {a: {volume: 20, handle_time: 60 s}}\nstaff: {g: {agents: 2}}\n"
    )
    asked = iter([False, False, False, True])
    cut = Workshop(scenario, 1, "simpy").bench().chunk(0, 16, lambda: next(asked))
    whole = Workshop(scenario, 1, "simpy").bench().chunk(0, 3)
    assert cut is not None
    assert whole is not None
    assert cut.count == 3
    assert (cut.waits == whole.waits).all()
    assert Workshop(scenario, 1, "simpy").bench().chunk(0, 16, lambda: True) is None


def test_a_measure_that_the_scenario_adds_can_lead_and_be_played_to_a_precision() -> None:
    again = plain(("volume: 20", "volume: 20, balk: 50 %, redial: {chance: 50 %, after: {mean: 5 min}}"))
    result = run(again, precision="20 %", measure="redials", seed=1)
    mean, half_width = result.half_width("redials")
    assert result.precision_reached
    assert 0.0 < half_width <= 0.2 * mean
    with pytest.raises(InputError, match="no measure 'redials'; nothing in the scenario could give any"):
        run(plain(), precision="20 %", measure="redials")
