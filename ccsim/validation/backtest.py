"""The back-test: learn from one part of the records, predict the other, and set beside it what came and what simpler models say."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.errors import InputError
from ccsim.fitting.records import CallRecords
from ccsim.fitting.skills import Skills
from ccsim.fitting.staff_inferred import inferred_duty
from ccsim.validation.duty import mean_on_duty, published
from ccsim.validation.formulas import by_formula
from ccsim.validation.learned import Learned, Recorded, learn, recorded
from ccsim.validation.playing import Path, Pooled, Prediction, Stage, True_
from ccsim.validation.reading import Grid, grid, measures

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.fitting.estimate import Floats

DRAWS: Final = 100
FEWEST: Final = 40  # paths, below which there is no band: of 38 even the least and the greatest hold less than 95 % of further paths
EACH: Final = 4  # paths under one draw of the parameters
INTERVAL: Final = 1800.0  # s
THRESHOLD, SHORT = 20.0, 5.0  # s
NAMED: Final = 0.5  # share of the answered calls that name an agent, below which staff is not read off them
FEW: Final = 5  # calls of an interval, below which its mean wait is compared with nothing

Draw = Callable[[int, int], Path]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Answer:
    """What one model says of the days, or what they were. I intervals."""

    overall: dict[str, float]
    intervals: dict[str, Floats]  # each [I]
    low: dict[str, float]  # 95 % band of each overall measure; empty where the model has none
    high: dict[str, float]
    low_wait: Floats  # [I] 95 % band of the mean wait; [0] where the model has none
    high_wait: Floats
    luck: dict[str, float]  # errors by interval to be expected were the model true; empty where it has no paths


@dataclass(frozen=True)
class Errors:
    """How far a model is from what came: means over the intervals with at least `FEW` calls, weighted by calls."""

    mean_wait: float  # s, mean absolute error by interval
    abandoned_fraction: float
    service_level: float  # offered
    bands: float  # share of those intervals whose actual mean wait lies in its band; nan without bands
    compared: int = 0  # intervals that these means are over


@dataclass(frozen=True)
class Backtest:
    """The prediction, what came, and what else could have been said."""

    train: Recorded
    test: Recorded
    learned: Learned
    seed: int
    draws: int
    threshold: float
    short: float
    on: Grid
    agents: Floats  # [I] mean on duty
    actual: Answer
    models: dict[str, Answer]  # predicted, erlang_c, erlang_a, naive, naive_same_staff
    errors: dict[str, Errors]
    causes: dict[str, tuple[Answer, Errors]]  # the prediction played with true ingredients
    parameter_share: float  # of the variance of the predicted mean wait, that of the parameters


def backtest(
    train: CallRecords,
    test: CallRecords,
    roster: pd.DataFrame | None = None,
    roster_name: str = "the roster",
    *,
    interval: float = INTERVAL,
    threshold: float = THRESHOLD,
    short: float = SHORT,
    draws: int = DRAWS,
    seed: int = 1,
    causes: bool = True,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Learn from `train`, predict `test` given its calls and staff, and compare.

    `roster` (agent, start, end as moments) says who was on duty on the test days; without one it is read off the calls they answered. Bands
    hold the luck of the calls and what the training days leave open of the parameters. Raises `InputError`.
    """
    if draws < FEWEST:
        held = max(draws - 1, 0) / (max(draws, 0) + 1)
        raise InputError(
            f"{draws} paths are too few to give a 95 % band, as even the least and the greatest of them hold {100 * held:.0f} % of further "
            f"ones; ask for {FEWEST} replications or more"
        )
    learnt_from, asked = recorded(train), recorded(test, roster, roster_name)
    _check_apart(learnt_from, asked)
    _check_named(asked)
    types = tuple(dict.fromkeys([*train.types, *test.types]))
    learned = learn(learnt_from, types, seed, -(-draws // EACH))
    on = grid(asked.arrival, interval)
    wait = asked.frame["wait"].to_numpy(dtype=float)
    overall, by_interval = measures(wait, (asked.frame["outcome"] == "answered").to_numpy(), on, threshold, short)
    actual = Answer(overall, by_interval, {}, {}, np.zeros(0), np.zeros(0), {})
    stage = Stage(asked, asked.stretches, learned.skills, learned.order.by_priority, True)
    everybody = Skills(types, {})
    plain = _plain_stretches(asked, test, roster, roster_name)
    agents = mean_on_duty(plain, on.start, interval)
    few, half = max(draws // 4, 2 * EACH), max(draws // 2, FEWEST)
    asked_for = {name: how for name, how in _CAUSES.items() if causes and _matters(name, learned)}
    steps = draws + 2 * half + len(asked_for) * few
    counter = _Counter(progress, steps, workers)

    def play(path: Draw, count: int, parameters: bool) -> tuple[Answer, Floats]:
        return _played(path, count, parameters, on, threshold, short, counter)

    predicted, waits = play(Prediction(learned, asked, stage, seed).path, draws, True)
    models = {
        "predicted": predicted,
        "erlang_c": _formula(on, agents, learned, True, threshold, short),
        "erlang_a": _formula(on, agents, learned, False, threshold, short),
        "naive": play(Pooled(learned, Stage(asked, plain, everybody, False, False), seed).path, half, False)[0],
        "naive_same_staff": play(Pooled(learned, Stage(asked, asked.stretches, everybody, False, False), seed).path, half, False)[0],
    }
    found = {}
    for name, (known, factors, skills, by_priority) in asked_for.items():
        own = Stage(
            asked, asked.stretches, learned.skills if skills else everybody, learned.order.by_priority != by_priority, factors
        )  # fmt: skip
        answer = play(Prediction(learned, asked, own, seed, known).path, few, False)[0]
        found[name] = (answer, errors(answer, actual, on))
    return Backtest(
        learnt_from, asked, learned, seed, draws, threshold, short, on, mean_on_duty(asked.stretches, on.start, interval), actual, models,
        {name: errors(answer, actual, on) for name, answer in models.items()}, found, _share_of_parameters(waits),
    )  # fmt: skip


# What is put in: true ingredients; whether people's own pace is drawn; whether skills hold; whether the other order of answering is played
_CAUSES: Final[dict[str, tuple[True_, bool, bool, bool]]] = {
    "handle_times": (True_(time=True), False, True, False),
    "patience": (True_(patience=True), True, True, False),
    "handle_times_and_patience": (True_(time=True, patience=True), False, True, False),
    "skills_left_out": (True_(), True, False, False),
    "other_order": (True_(), True, True, True),
}


def _matters(cause: str, learned: Learned) -> bool:
    """Whether a replay could differ from the prediction: where all take all types, or all have one priority, it cannot."""
    return {"skills_left_out": bool(learned.skills.known), "other_order": learned.order.answers > 0}.get(cause, True)


class _Counter:
    """Counts paths for whoever shows how far the work is."""

    def __init__(self, progress: Progress | None, steps: int, workers: int | None) -> None:
        self.progress, self.steps, self.done = progress, steps, 0
        self.workers = workers or min(os.cpu_count() or 1, 8)

    def one(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.steps)


def _check_apart(train: Recorded, test: Recorded) -> None:
    """Refuse days that stand in both parts: what is predicted must not have been learned."""
    both = np.intersect1d(np.unique(train.arrival // 86400.0), np.unique(test.arrival // 86400.0))
    if len(both):
        day = np.datetime64(int(both[0]), "D")
        raise InputError(
            f"{train.name} and {test.name} both have calls on {day}" + (f" and {len(both) - 1} more days" if len(both) > 1 else "")
            + "; a prediction of days that were learned from proves nothing. Name parts that have no day in common"
        )  # fmt: skip


def _check_named(test: Recorded) -> None:
    """Refuse to read staff off calls that hardly name anybody."""
    named = float(test.calls.named.mean())
    if test.inferred and named < NAMED:
        raise InputError(
            f"{test.name} names who answered in {100 * named:.0f} % of the answered calls, so nobody can tell who was on duty; "
            "name a roster of those days with --staff"
        )


def _plain_stretches(test: Recorded, records: CallRecords, roster: pd.DataFrame | None, name: str) -> pd.DataFrame:
    """Staff as a planner without this program reads it: from the first answer to the end of the last call, or the roster."""
    import pandas as pd

    from ccsim.fitting.service import seconds

    if roster is not None:
        return published(roster, test.arrival, name)
    own = inferred_duty(records.frame)
    plain = pd.DataFrame(
        {"agent": own["agent"], "start": seconds(own["start"].to_numpy()), "end": seconds(own["end"].to_numpy())}
    )  # fmt: skip
    plain = plain[plain["end"] > plain["start"]]
    return plain if len(plain) else test.stretches


def _formula(on: Grid, agents: Floats, learned: Learned, patient: bool, threshold: float, short: float) -> Answer:
    overall, by_interval = by_formula(on, agents, learned.plain, patient, threshold, short)
    return Answer(overall, by_interval, {}, {}, np.zeros(0), np.zeros(0), {})


def _played(path: Draw, count: int, parameters: bool, on: Grid, threshold: float, short: float, counter: _Counter) -> tuple[Answer, Floats]:
    """Means of so many paths, bands where they are enough, and the overall mean wait of each; parameters drawn anew every `EACH` paths."""
    overalls: list[dict[str, float]] = []
    intervals: list[dict[str, Floats]] = []

    def one_path(number: int) -> tuple[dict[str, float], dict[str, Floats]]:
        played = path(number, 1 + number // EACH if parameters else 0)
        wait = np.where(np.isfinite(played.wait), played.wait, np.nan)
        return measures(wait, played.answered, on, threshold, short)

    # The compiled engine lets go of Python's lock, so threads play side by side; results come in the order of the paths. The first is
    # played before there are threads: what it may have to compile is compiled once, and not by several at a time.
    with ThreadPoolExecutor(counter.workers) as threads:
        try:
            for overall, by_interval in chain([one_path(0)], threads.map(one_path, range(1, count))):
                overalls.append(overall)
                intervals.append(by_interval)
                counter.one()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
    waits = np.array([one["mean_wait"] for one in intervals])
    banded = count >= FEWEST
    low, high = _band(waits) if banded else (np.zeros(0), np.zeros(0))
    means = {name: _mean(np.array([one[name] for one in intervals])) for name in intervals[0]}
    ends = {name: _band(np.array([one[name] for one in overalls])) for name in overalls[0] if banded}
    weights = np.where(on.calls >= FEW, on.calls, 0.0)
    luck = {
        name: _luck(np.array([one[key] for one in intervals]), weights)
        for name, key in (
            ("mean_wait", "mean_wait"), ("abandoned_fraction", "abandoned_fraction"), ("service_level", "service_level_offered")
        )
    }  # fmt: skip
    answer = Answer(
        {name: float(_mean(np.array([one[name] for one in overalls]))) for name in overalls[0]},
        means,
        {name: float(band[0]) for name, band in ends.items()},
        {name: float(band[1]) for name, band in ends.items()},
        low,
        high,
        luck,
    )
    return answer, np.array([one["mean_wait"] for one in overalls])


def _mean(values: Floats) -> Any:
    """Mean over the paths that have a number; nan where none has."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)


def _band(values: Floats) -> tuple[Any, Any]:
    """The 2.5 and 97.5 % points over paths, as those of one more path like them: order statistics k and n + 1 - k, k = 0.025 (n + 1)."""
    known = np.where(np.isnan(values), _mean(values), values)
    count = len(known)
    ordered = np.sort(known, axis=0)
    place = np.clip(0.025 * (count + 1) - 1.0, 0.0, count - 1.0)
    below, part = int(place), place - int(place)
    after = min(below + 1, count - 1)
    low = ordered[below] * (1 - part) + ordered[after] * part
    high = ordered[count - 1 - below] * (1 - part) + ordered[count - 1 - after] * part
    return low, high


def _luck(values: Floats, weights: Floats) -> float:
    """Mean absolute distance of one path from the mean of the others: the error that a true model would make."""
    values = np.where(np.isnan(values), _mean(values), values)
    used = (weights > 0) & ~np.isnan(values).any(axis=0)
    if not used.any():
        return float("nan")
    own = values[:, used]
    count = len(own)
    others = (own.sum(axis=0) - own) / (count - 1)
    return float((np.abs(own - others) * weights[used]).sum() / (count * weights[used].sum()))


def errors(answer: Answer, actual: Answer, on: Grid) -> Errors:
    """How far `answer` is from what came. An infinite wait counts as no answer: its interval is left out of that mean."""
    used = on.calls >= FEW

    def mean(name: str) -> float:
        off = np.abs(answer.intervals[name] - actual.intervals[name])
        known = used & np.isfinite(off)
        return float((off[known] * on.calls[known]).sum() / on.calls[known].sum()) if known.any() else float("nan")

    bands = float("nan")
    if len(answer.low_wait):
        true = actual.intervals["mean_wait"]
        known = used & np.isfinite(true) & np.isfinite(answer.low_wait)
        inside = (true >= answer.low_wait - 1e-9) & (true <= answer.high_wait + 1e-9)
        bands = float(inside[known].mean()) if known.any() else float("nan")
    return Errors(mean("mean_wait"), mean("abandoned_fraction"), mean("service_level_offered"), bands, int(used.sum()))


def _share_of_parameters(waits: Floats) -> float:
    """Share of the variance of the overall mean wait that is the parameters': between lots of paths, beyond what is within them."""
    lots = waits[: len(waits) // EACH * EACH].reshape(-1, EACH)
    within = float(lots.var(axis=1, ddof=1).mean())
    between = max(float(lots.mean(axis=1).var(ddof=1)) - within / EACH, 0.0)
    return between / (between + within) if between + within > 0 else 0.0
