"""Scenarios played side by side: each as by itself, whatever the workers, balanced at any time."""

from __future__ import annotations

import _thread
import json
import threading
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from ccsim.engine.draws import _Asked, _Callings
from ccsim.errors import InputError
from ccsim.experiment.executors import Benches, Span, played_by
from ccsim.experiment.paired import _BENCHES_KEPT, Played, batch_percentiles, play
from ccsim.experiment.replicate import run
from ccsim.experiment.workshop import Bench
from ccsim.inputs.scenario import Scenario, changed, loads
from ccsim.measures.definitions import COLUMNS, PERCENTILES
from tests.unit.experiment.centres import PLAIN, plain, whole


def two() -> dict[str, Scenario]:
    return {"A": whole(), "B": changed(whole(), {"staff.early.agents": 9})}


def documents(played: Sequence[Played]) -> list[str]:
    return [json.dumps(one.result.to_dict()) for one in played]


def test_each_scenario_comes_to_what_it_comes_to_by_itself_to_the_last_bit() -> None:
    played, complete = play(two(), 40, 1, "kernel")
    assert complete
    assert documents(played) == [json.dumps(run(scenario, replications=40).to_dict()) for scenario in two().values()]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_number_of_workers_changes_nothing(workers: int) -> None:
    alone, _ = play(two(), 100, 7, "kernel", workers=1)
    others, _ = play(two(), 100, 7, "kernel", workers=workers)
    assert documents(others) == documents(alone)
    for one, other in zip(alone, others, strict=True):
        assert np.array_equal(one.columns, other.columns)


def with_everything_that_calls_are_drawn_from() -> dict[str, Scenario]:
    """The same centre with other staff, and with changes of which each touches the draws of the callers."""
    changes: list[dict[str, object]] = [
        {},
        {"staff.early.agents": 9},
        {"calls.sales.volume": 160},
        {"calls.help.handle_time": "4 min"},
        {"calls.sales.patience.mean": "7 min"},
        {"calls.help.balk": 0.2},
        {"staff.early.agents": 7},
    ]
    return {str(number): changed(whole(), change) for number, change in enumerate(changes)}


def test_scenarios_with_the_same_callers_and_with_others_are_each_as_by_themselves() -> None:
    played, _ = play(with_everything_that_calls_are_drawn_from(), 20, 1, "kernel", workers=1)
    alone = [run(scenario, replications=20) for scenario in with_everything_that_calls_are_drawn_from().values()]
    assert documents(played) == [json.dumps(result.to_dict()) for result in alone]
    assert len(set(documents(played))) == len(played)


def test_callers_whom_scenarios_have_in_common_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With other agents, and with other leave, nobody calls differently; with a higher volume they do."""
    drawn: list[np.uint64] = []
    draw = _Callings.draw

    def counted(callings: _Callings, asked: _Asked) -> tuple[np.ndarray, ...]:
        room = callings._room
        found = draw(callings, asked)
        if callings._room == room:  # else it was drawn once more, with more room
            drawn.extend(asked.keys)
        return found

    monkeypatch.setattr(_Callings, "draw", counted)
    same = {str(agents): changed(plain(), {"staff.desk.agents": agents}) for agents in (1, 2, 3)}
    play(same, 5, 1, "kernel", workers=1)
    assert len(drawn) == len(set(drawn)) == 5
    drawn.clear()
    play(same | {"busier": changed(plain(), {"calls.a.volume": 41})}, 5, 1, "kernel", workers=1)
    assert len(drawn) == 10
    drawn.clear()
    run(plain(), replications=5, workers=1)
    assert len(drawn) == 5


class Recorder:
    """A place of its own where spans are played, which keeps what it was given."""

    def __init__(self) -> None:
        self.given: list[Span] = []

    def chunks(self, workshop: Benches, work: Iterator[Span], stopped: threading.Event) -> Generator[Any, None, None]:
        bench = workshop.bench()
        for span in work:
            self.given.append(span)
            yield bench.chunk(*span, stopped.is_set)


def test_what_is_played_elsewhere_is_shared_out_whatever_the_workers_here() -> None:
    found = []
    for workers in (1, 2):
        place = Recorder()
        with played_by(place):
            played, _ = play(two(), 100, 7, "kernel", workers=workers)
        found.append((place.given, documents(played)))
    alone, _ = play(two(), 100, 7, "kernel", workers=1)
    assert found[0] == found[1]
    assert found[0][1] == documents(alone)
    assert len(found[0][0]) == 8  # two tasks for each of the four rounds of 32 paths at most


def test_both_engines_play_the_same_paths() -> None:
    kernel, _ = play(two(), 10, 1, "kernel")
    simpy, _ = play(two(), 10, 1, "simpy", workers=2)
    for one, other in zip(kernel, simpy, strict=True):
        assert np.array_equal(one.columns, other.columns)


def test_more_scenarios_than_a_worker_has_benches_for_are_played_all_the_same() -> None:
    many = {str(agents): changed(plain(), {"staff.desk.agents": agents}) for agents in range(1, _BENCHES_KEPT + 4)}
    played, _ = play(many, 40, 1, "kernel", workers=2)
    assert documents(played) == [json.dumps(run(scenario, replications=40).to_dict()) for scenario in many.values()]


def test_the_columns_of_a_path_are_its_own_sums() -> None:
    played, _ = play({"A": whole()}, 20, 1, "kernel")
    calls = run(whole(), replications=20).calls(17)
    column = dict(zip(COLUMNS["run"], played[0].columns[17].tolist(), strict=True))
    assert column["offered"] == len(calls)
    assert column["answered"] == calls["answered_at"].notna().sum()
    assert column["wait_abandoned"] == pytest.approx(calls["wait"][calls["hung_up_at"].notna()].sum())
    waits = np.sort(calls["wait"].dropna().to_numpy())
    for place, share in enumerate(PERCENTILES.values()):
        assert played[0].percentiles[17, place] == pytest.approx(waits[int(np.ceil(share * len(waits) - 1e-9)) - 1], abs=0.051)


def test_percentiles_are_of_callers_and_not_of_work() -> None:
    """E-mails that wait for an hour are no part of the waits of those who call."""
    text = PLAIN.replace("staff:", "  mail: {volume: 10, channel: work, handle_time: 10 min}\nstaff:")
    played, _ = play({"A": loads(text)}, 40, 1, "kernel")
    assert played[0].yardstick.callers == (0,)
    mean, each = batch_percentiles(played[0], PERCENTILES["wait_p90"])
    assert mean == played[0].measures["wait_p90"]["mean"]
    assert len(each) == 32
    waits = run(loads(text), replications=40).calls(7)
    mine = np.sort(waits["wait"][waits["call_type"] == "a"].dropna().to_numpy())
    assert played[0].percentiles[7, 1] == pytest.approx(mine[int(np.ceil(0.9 * len(mine) - 1e-9)) - 1], abs=0.051)


def test_what_is_kept_of_a_path_is_its_columns_and_percentiles() -> None:
    played, _ = play(two(), 64, 1, "kernel")
    for one in played:
        assert one.columns.shape == (64, len(COLUMNS["run"]))
        assert one.percentiles.shape == (64, len(PERCENTILES))
        assert all(part.chunk is None for part in one._parts)
        assert sum(part.columns.size + part.percentiles.size for part in one._parts) == 64 * (len(COLUMNS["run"]) + len(PERCENTILES))


def test_progress_counts_the_paths_of_all_scenarios() -> None:
    told: list[tuple[int, int]] = []
    play(two(), 40, 1, "kernel", progress=lambda done, total: told.append((done, total)))
    assert told == [(64, 80), (80, 80)]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_an_interrupt_leaves_is_balanced(workers: int) -> None:
    def interrupted(done: int, total: int) -> None:
        if done >= 128:
            raise KeyboardInterrupt

    played, complete = play(two(), 4000, 1, "kernel", workers, interrupted)
    assert not complete
    assert [one.paths for one in played] == [64, 64]
    assert all(one.result.interrupted for one in played)
    whole_ones = [run(scenario, replications=64).to_dict()["measures"] for scenario in two().values()]
    assert [one.measures for one in played] == whole_ones


def test_ctrl_c_ends_it_between_days() -> None:
    played, complete = play(two(), 10**6, 1, "kernel", 2, lambda done, total: _thread.interrupt_main() if done == 64 else None)
    assert not complete
    assert played[0].paths == played[1].paths >= 32


def test_interrupted_before_the_first_round_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(bench: Bench, most: int) -> None:
        _thread.interrupt_main()

    monkeypatch.setattr(Bench, "go_on", interrupt)
    with pytest.raises(KeyboardInterrupt):
        play(two(), 100, 1, "kernel", 1)


def test_who_is_dropped_is_played_no_further() -> None:
    def decide(played: Sequence[Played], still_in: list[int]) -> list[int]:
        assert len({played[number].rounds for number in still_in}) == 1
        return [number for number in still_in if number < 3 - played[still_in[0]].rounds]

    three = {str(agents): changed(plain(), {"staff.desk.agents": agents}) for agents in (1, 2, 3)}
    for workers in (1, 2):
        played, complete = play(three, 10**6, 1, "kernel", workers, decide=decide)
        assert complete
        assert [one.paths for one in played] == [64, 64, 32]


def test_very_many_scenarios_are_refused() -> None:
    with pytest.raises(InputError, match="501 scenarios"):
        play({str(number): plain() for number in range(501)}, 1, 1, "kernel")
