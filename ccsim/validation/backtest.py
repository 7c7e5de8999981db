"""The back-test: learn from one part of the records, predict the other, and set beside it what came and what simpler models say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ccsim.errors import InputError
from ccsim.fitting.records import CallRecords
from ccsim.fitting.skills import Skills
from ccsim.fitting.staff_inferred import inferred_duty
from ccsim.notebook import range_of, shown_in_html, with_unit
from ccsim.units import shown
from ccsim.validation.duty import mean_on_duty, published
from ccsim.validation.formulas import by_formula
from ccsim.validation.learned import Learned, Recorded, learn, recorded
from ccsim.validation.paths import EACH, FEWEST, Answer, Counter, Draw, Errors, Progress, errors, played, share_of_parameters
from ccsim.validation.playing import Foretold, Pooled, Prediction, Stage, Truth
from ccsim.validation.reading import Grid, grid, measures
from ccsim.validation.volume import Volume, foretold_volume

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.fitting.estimate import Floats
    from ccsim.fitting.forecasting.calendar import Holiday
    from ccsim.validation.coming import Coming

DRAWS: Final = 100
INTERVAL: Final = 1800.0  # s
THRESHOLD, SHORT = 20.0, 5.0  # s
NAMED: Final = 0.5  # share of the answered calls that name an agent, below which staff is not read off them
CALLS, FORECAST = "calls", "forecast"  # what is given of the days to be predicted
GIVEN: Final = (CALLS, FORECAST)


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
    volume: Volume | None = None  # what was foretold of the calls; None where they are given

    def _repr_html_(self) -> str:
        """As a notebook shows it: what came, what was predicted with its band, and what simpler models say."""
        shown = {"offered": "calls", "mean_wait": "s", "abandoned_fraction": "share", "service_level_offered": "share"}
        said = {"what came": self.actual} | {name.replace("_", " "): answer for name, answer in self.models.items()}
        rows = []
        for words, answer in said.items():
            cells = []
            for name, unit in shown.items():
                band = range_of(answer.low.get(name), answer.high.get(name), unit)
                cells.append(with_unit(answer.overall.get(name), unit) + (f" ({band})" if band else ""))
            rows.append((words, *cells))
        return shown_in_html("The back-test", [], ["", "offered", "mean wait", "hung up", "service level, of all offered"], rows)


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
    given: str = CALLS,
    holidays: Sequence[Holiday] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Learn from `train`, predict `test` given its staff and its calls, or a forecast of them, and compare.

    `roster` (agent, start, end as moments) says who was on duty on the test days; without one it is read off the calls they answered.
    `given` is "calls" or "forecast": then the calls are drawn from what the training days foretell of them, with `holidays` as of
    `forecasting.forecast`. Bands hold the luck of the calls and what the training days leave open of the parameters. Raises `InputError`.
    """
    _check_asked(draws, given)
    learnt_from, asked = recorded(train), recorded(test, roster, roster_name)
    _check_apart(learnt_from, asked)
    _check_named(asked)
    volume = foretold_volume(learnt_from, asked, interval, holidays) if given == FORECAST else None
    types = tuple(dict.fromkeys([*train.types, *test.types]))
    learned = learn(learnt_from, types, seed, -(-draws // EACH))
    on = grid(asked.arrival, interval, volume.start if volume is not None else None)
    wait = asked.frame["wait"].to_numpy(dtype=float)
    overall, by_interval = measures(wait, (asked.frame["outcome"] == "answered").to_numpy(), on, threshold, short)
    actual = Answer(overall, by_interval, {}, {}, np.zeros(0), np.zeros(0), {})
    everybody = Skills(types, {})
    plain = _plain_stretches(asked, test, roster, roster_name)
    agents = mean_on_duty(plain, on.start, interval)
    few, half = max(draws // 4, 2 * EACH), max(draws // 2, FEWEST)
    asked_for = {name: how for name, how in _CAUSES.items() if causes and _matters(name, learned, volume)}
    counter = Counter(progress, draws + 2 * half + len(asked_for) * few, workers)
    by_priority = learned.order.by_priority

    def play(path: Draw, count: int, parameters: bool) -> tuple[Answer, Floats]:
        return played(path, count, parameters, on, threshold, short, counter)

    def predicting(coming: Coming, stage: Stage) -> Prediction:
        return Prediction(learned, coming, stage, seed)

    def pooled(_: Coming, stage: Stage) -> Pooled:
        return Pooled(learned, stage, seed)

    def way(
        on_stage: Callable[[Coming, Stage], Prediction | Pooled], stretches: pd.DataFrame, skills: Skills, priority: bool, factors: bool
    ) -> Draw:  # fmt: skip
        """Paths of the recorded callers, or of callers drawn where a forecast is given."""

        def stage(coming: Coming) -> Stage:
            return Stage(coming, stretches, skills, priority, factors)

        if volume is None:
            return on_stage(asked.coming, stage(asked.coming)).path
        return Foretold(volume, seed, np.searchsorted(on.start, volume.start), stage, on_stage).path

    predicted, waits = play(way(predicting, asked.stretches, learned.skills, by_priority, True), draws, True)
    told = on if volume is None else replace(on, calls=_on(on, volume))
    models = {
        "predicted": predicted,
        "erlang_c": _formula(told, agents, learned, True, threshold, short),
        "erlang_a": _formula(told, agents, learned, False, threshold, short),
        "naive": play(way(pooled, plain, everybody, False, False), half, False)[0],
        "naive_same_staff": play(way(pooled, asked.stretches, everybody, False, False), half, False)[0],
    }
    found = {}
    for name, how in asked_for.items():
        own = Stage(asked.coming, asked.stretches, learned.skills if how.skills else everybody, by_priority != how.other_order, how.factors)
        truth = Truth(asked, how.time, how.patience)
        answer = play(Prediction(learned, asked.coming, own, seed, truth).path, few, False)[0]
        found[name] = (answer, errors(answer, actual, on))
    return Backtest(
        learnt_from, asked, learned, seed, draws, threshold, short, on, mean_on_duty(asked.stretches, on.start, interval), actual, models,
        {name: errors(answer, actual, on) for name, answer in models.items()}, found, share_of_parameters(waits), volume,
    )  # fmt: skip


class _Cause(NamedTuple):
    """What a replay of the recorded callers has."""

    time: bool = False  # recorded handle times are put in
    patience: bool = False  # recorded hang-ups are put in
    factors: bool = True  # people's own pace holds
    skills: bool = True
    other_order: bool = False  # of answering


_CAUSES: Final = {
    "calls": _Cause(),
    "handle_times": _Cause(time=True, factors=False),
    "patience": _Cause(patience=True),
    "handle_times_and_patience": _Cause(time=True, patience=True, factors=False),
    "skills_left_out": _Cause(skills=False),
    "other_order": _Cause(other_order=True),
}


def _matters(cause: str, learned: Learned, volume: Volume | None) -> bool:
    """Whether a replay could differ from the prediction: where calls are given, all take all types, or all have one priority, it cannot."""
    known = {"calls": volume is not None, "skills_left_out": bool(learned.skills.known), "other_order": learned.order.answers > 0}
    return known.get(cause, True)


def _on(on: Grid, volume: Volume) -> Floats:
    """[I] calls foretold for each interval that is compared."""
    found = np.zeros(len(on.start))
    found[np.searchsorted(on.start, volume.start)] = volume.mean
    return found


def _check_asked(draws: int, given: str) -> None:
    """Refuse too few paths, and what cannot be given."""
    if given not in GIVEN:
        raise InputError(f"found {shown(given)} for what is given of the days to be predicted; write calls or forecast")
    if draws < FEWEST:
        held = max(draws - 1, 0) / (max(draws, 0) + 1)
        raise InputError(
            f"{draws} paths are too few to give a 95 % band, as even the least and the greatest of them hold {100 * held:.0f} % of further "
            f"ones; ask for {FEWEST} replications or more"
        )


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
