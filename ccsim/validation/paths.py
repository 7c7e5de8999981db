"""Paths played and put together: what one model says of the days, with bands, and how far it is from what came."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.validation.playing import Path
from ccsim.validation.reading import Grid, measures

if TYPE_CHECKING:
    from ccsim.fitting.estimate import Floats

FEWEST: Final = 40  # paths, below which there is no band: of 38 even the least and the greatest hold less than 95 % of further paths
EACH: Final = 4  # paths under one draw of the parameters
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


class Counter:
    """Counts paths for whoever shows how far the work is."""

    def __init__(self, progress: Progress | None, steps: int, workers: int | None) -> None:
        self.progress, self.steps, self.done = progress, steps, 0
        self.workers = workers or min(os.cpu_count() or 1, 8)

    def one(self) -> None:
        """Count one path more."""
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.steps)


def played(path: Draw, count: int, parameters: bool, on: Grid, threshold: float, short: float, counter: Counter) -> tuple[Answer, Floats]:
    """Means of so many paths, bands where they are enough, and the overall mean wait of each; parameters drawn anew every `EACH` paths."""
    overalls: list[dict[str, float]] = []
    intervals: list[dict[str, Floats]] = []

    def one_path(number: int) -> tuple[dict[str, float], dict[str, Floats]]:
        one = path(number, 1 + number // EACH if parameters else 0)
        wait = np.where(np.isfinite(one.wait), one.wait, np.nan)
        return measures(wait, one.answered, on if one.place is None else replace(on, place=one.place), threshold, short)

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
    low, high = band(waits) if banded else (np.zeros(0), np.zeros(0))
    means = {name: _mean(np.array([one[name] for one in intervals])) for name in intervals[0]}
    ends = {name: band(np.array([one[name] for one in overalls])) for name in overalls[0] if banded}
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


def band(values: Floats) -> tuple[Any, Any]:
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


def share_of_parameters(waits: Floats) -> float:
    """Share of the variance of the overall mean wait that is the parameters': between lots of paths, beyond what is within them."""
    lots = waits[: len(waits) // EACH * EACH].reshape(-1, EACH)
    within = float(lots.var(axis=1, ddof=1).mean())
    between = max(float(lots.mean(axis=1).var(ddof=1)) - within / EACH, 0.0)
    return between / (between + within) if between + within > 0 else 0.0
