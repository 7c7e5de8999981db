"""Handle time: its mean and spread, the family that fits best, its parts, and how it differs between intervals, people and their service.

Means rest on sums of calls by day, days left out in turn for the interval, since calls of one day have more in common than calls of two.
People differ by a factor on the logarithm, one-way random effects: the variance between people by moments (Searle, Casella & McCulloch
1992, Variance Components, section 3.6; its interval section 3.5d). Families are compared by the likelihood of their best fits, each with
two numbers (the exponential with one); Brown et al. (2005), JASA 100(469), found the lognormal at a bank.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.by_interval import BySlot, slots_of_calls
from ccsim.fitting.estimate import Estimate, Floats, both_ways, coded, group_sums, left_out_in_turn

if TYPE_CHECKING:
    import pandas as pd

FEWEST: Final = 30  # calls, below which nothing is said of a spread
FAR: Final = 4.5  # robust standard deviations of the logarithm, from which a handle time is called an outlier
CALLS_EACH: Final = 20  # of a person, from which its own mean counts among those of people
NEW: Final = 5  # days: agents first seen later than this after the start count as new


@dataclass(frozen=True)
class HandleTime:
    """What the answered calls of one type say."""

    mean: Estimate  # of all calls [s]
    of_people: Estimate  # of people, each counting once: who is quick takes more calls; nan without agents [s]
    cv: Estimate  # of all calls
    cv_within: Estimate  # of one person's calls; nan without agents
    spread: Estimate  # cv between people; nan without agents
    family: str  # the likeliest
    log_likelihood: dict[str, float]  # by family, of all calls
    talk: Estimate  # s; nan where the records give no parts
    hold: Estimate
    wrap: Estimate
    slots: BySlot  # by interval of arrival
    learning: Estimate  # change of the handle time per week of service of people who are new, a share; nan without
    agents: int
    outliers: tuple[int, ...]  # rows of the file


def fit_handle_time(frame: pd.DataFrame, interval: float) -> HandleTime | None:
    """What the answered calls of one type in `frame` (as of `CallRecords`) say; None where none has a handle time."""
    some = frame.loc[(frame["handle_time"] > 0).to_numpy(), ["row", "arrival", "handle_time", "talk", "hold", "wrap", "agent"]]
    if some.empty:
        return None
    x = some["handle_time"].to_numpy(dtype=float)
    logs = np.log(x)
    moment = some["arrival"].to_numpy(dtype="datetime64[ns]")
    day = moment.astype("datetime64[D]")
    slot = ((moment - day).astype("timedelta64[ms]").astype("int64") // round(interval * 1000)).astype(np.int64)
    sums = group_sums(day if len(np.unique(day)) > 4 else np.arange(len(x)) % 20, np.ones(len(x)), x, x * x, logs, logs * logs)
    if len(x) < 3:
        sums = sums.sum(axis=0, keepdims=True)
    likelihood = likelihoods(x)
    family = max(likelihood, key=lambda name: likelihood[name] - (1.0 if name == "exponential" else 2.0))
    who = some["agent"].to_numpy(dtype=object)
    columns = (np.ones(len(x)), x, x * x, logs, logs * logs)
    mean = _both_ways(lambda s: s[1] / s[0], sums, who, columns, "s")
    cv = _both_ways(_log_cv if family == "lognormal" else _cv, sums, who, columns, "")
    if len(x) < FEWEST:
        cv = Estimate(cv.value, np.nan, np.nan, "", len(x), "calls")
    within, spread, agents = _between_people(logs, who)
    return HandleTime(
        mean=mean,
        of_people=_of_people(x, who),
        cv=cv,
        cv_within=within,
        spread=spread,
        family=family,
        log_likelihood=likelihood,
        talk=_part(some, "talk", day, who),
        hold=_part(some, "hold", day, who),
        wrap=_part(some, "wrap", day, who),
        slots=slots_of_calls(day, slot, x, round(86400 / interval)),
        learning=_learning(logs, who, day),
        agents=agents,
        outliers=_outliers(logs, some["row"].to_numpy()),
    )


def _both_ways(statistic: Callable[[Floats], float], by_day: Floats, who: Any, columns: tuple[Floats, ...], unit: str) -> Estimate:
    """A statistic of sums with an interval that allows for what calls of one day, and of one person, have in common."""
    count = len(columns[0])
    of_days = left_out_in_turn(statistic, by_day, unit, count, "calls", positive=True)
    known = np.array([name is not None for name in who], dtype=bool)
    if known.mean() < 0.9 or len((named := coded(who[known]))[0]) < 3:
        return of_days
    codes = np.full(count, len(named[0]))
    codes[known] = named[1]
    of_people = left_out_in_turn(statistic, group_sums(codes, *columns), unit, count, "calls", positive=True)
    # Fifty lots of calls that have nothing in common tell what calls by themselves would come to.
    alone = left_out_in_turn(statistic, group_sums(np.arange(count) % 50, *columns), unit, count, "calls", positive=True)
    return both_ways(of_days, of_people, alone)


def _cv(s: Floats) -> float:
    mean = s[1] / s[0]
    return float(np.sqrt(max(s[2] / s[0] - mean * mean, 0.0)) / mean)


def _log_cv(s: Floats) -> float:
    """cv of a lognormal law with this variance of the logarithm: sqrt(exp(variance) - 1)."""
    mean = s[3] / s[0]
    return float(np.sqrt(np.expm1(max(s[4] / s[0] - mean * mean, 0.0))))


def likelihoods(x: Floats) -> dict[str, float]:
    """Log-likelihood of the best exponential, lognormal, gamma and Weibull law for these positive values.

    >>> found = likelihoods(np.exp(np.linspace(-2.0, 2.0, 101)))
    >>> sorted(found) == ["exponential", "gamma", "lognormal", "weibull"]
    True
    """
    from scipy import optimize, special

    n, mean, logs = len(x), float(x.mean()), np.log(x)
    sum_logs = float(logs.sum())
    found = {"exponential": -n * (np.log(mean) + 1.0)}
    variance = float(logs.var())
    if variance <= 1e-9:
        return found
    found["lognormal"] = -sum_logs - n / 2 * (np.log(2 * np.pi * variance) + 1.0)
    gap = np.log(mean) - float(logs.mean())  # log(k) - digamma(k) at the best gamma shape k
    shape = float(optimize.brentq(lambda k: np.log(k) - special.digamma(k) - gap, 1e-3, 1e6))
    found["gamma"] = (shape - 1) * sum_logs - n * shape - n * shape * np.log(mean / shape) - n * float(special.gammaln(shape))

    def slope(k: float) -> float:
        weights = np.exp(k * (logs - logs.max()))
        return float((weights * logs).sum() / weights.sum() - 1.0 / k - logs.mean())

    k = float(optimize.brentq(slope, 0.02, 200.0))
    log_scale = float(logs.max() + np.log(np.exp(k * (logs - logs.max())).mean()) / k)
    found["weibull"] = n * np.log(k) - n * k * log_scale + (k - 1) * sum_logs - n
    return {name: float(value) for name, value in found.items()}


def _part(some: pd.DataFrame, name: str, day: Any, who: Any) -> Estimate:
    values = some[name].to_numpy(dtype=float)
    known = ~np.isnan(values)
    if not known.any():
        return Estimate(np.nan, np.nan, np.nan, "s", 0, "calls")
    columns = (np.ones(int(known.sum())), values[known])
    sums = group_sums(day[known], *columns)
    if not columns[1].any():
        return left_out_in_turn(lambda s: s[1] / s[0], sums, "s", len(columns[1]), "calls")
    return _both_ways(lambda s: s[1] / s[0], sums, who[known], columns, "s")


def _of_people(x: Floats, who: Any) -> Estimate:
    """Mean over people of their own means, of those with calls enough; people left out in turn."""
    known = np.array([name is not None for name in who], dtype=bool)
    if known.mean() < 0.9:
        return Estimate(np.nan, np.nan, np.nan, "s", 0, "people")
    sums = group_sums(coded(who[known])[1], np.ones(int(known.sum())), x[known])
    sums = sums[sums[:, 0] >= min(CALLS_EACH, sums[:, 0].max())]
    means = np.column_stack([np.ones(len(sums)), sums[:, 1] / sums[:, 0]])
    return left_out_in_turn(lambda s: s[1] / s[0], means, "s", len(means), "people", positive=True)


def _between_people(logs: Floats, who: Any) -> tuple[Estimate, Estimate, int]:
    """cv of one person's calls, cv between people, and how many people."""
    from scipy import special

    nothing = Estimate(np.nan, np.nan, np.nan, "", 0, "people")
    known = np.array([name is not None for name in who], dtype=bool)
    if known.sum() < FEWEST:
        return nothing, nothing, 0
    _, codes = coded(who[known])
    own = logs[known]
    sums = np.column_stack([np.bincount(codes, weights=column) for column in (np.ones(len(own)), own, own * own)])
    sums = sums[sums[:, 0] > 1]
    people = len(sums)
    if people < 3:
        return nothing, nothing, people

    n, y, squares = sums.T
    total, free = float(n.sum()), float(n.sum() - people)
    inside = float((squares - y * y / n).sum()) / free
    across = float((y * y / n).sum() - y.sum() ** 2 / total) / (people - 1)
    often = (total - float((n * n).sum()) / total) / (people - 1)
    if inside < 1e-12:
        return nothing, nothing, people
    within = [np.sqrt(np.expm1(inside * free / q)) for q in (free, special.chdtri(free, 0.025), special.chdtri(free, 0.975))]
    # Tukey's and Williams's limits for the variance between people.
    limits = [
        (people - 1) * (across - inside * float(special.fdtri(people - 1, free, at))) / (often * float(special.chdtri(people - 1, 1 - at)))
        for at in (0.975, 0.025)
    ]
    between = [float(np.sqrt(np.expm1(max(variance, 0.0)))) for variance in ((across - inside) / often, *limits)]
    spread = Estimate(between[0], between[1], between[2], "", people, "people")
    return Estimate(float(within[0]), float(within[1]), float(within[2]), "", round(total), "calls"), spread, people


def _learning(logs: Floats, who: Any, day: Any) -> Estimate:
    """Change of the handle time a week of service, of agents first seen well after the records begin; each against its own mean."""
    nothing = Estimate(np.nan, np.nan, np.nan, "share", 0, "people")
    known = np.array([name is not None for name in who], dtype=bool)
    if known.sum() < FEWEST:
        return nothing
    names, codes = coded(who[known])
    days, y = day[known].astype("int64"), logs[known]
    first = np.full(len(names), np.iinfo(np.int64).max)
    np.minimum.at(first, codes, days)
    new = first > days.min() + NEW
    used = new[codes]
    if new.sum() < 5 or used.sum() < FEWEST:
        return nothing
    x = (days - first[codes])[used] / 7.0
    codes, y = codes[used], y[used]
    often = np.bincount(codes, minlength=len(names))
    x = x - (np.bincount(codes, weights=x, minlength=len(names)) / np.maximum(often, 1))[codes]
    y = y - (np.bincount(codes, weights=y, minlength=len(names)) / np.maximum(often, 1))[codes]
    sums = group_sums(codes, x * y, x * x)
    if sums[:, 1].sum() <= 0:
        return nothing
    found = left_out_in_turn(lambda s: s[0] / s[1] if s[1] > 0 else np.nan, sums, "share", int(new.sum()), "people")
    return Estimate(float(np.expm1(found.value)), float(np.expm1(found.low)), float(np.expm1(found.high)), "share", found.count, "people")


def _outliers(logs: Floats, rows: Any) -> tuple[int, ...]:
    """Rows whose handle time lies far from the others: on the logarithm, by the median and its median deviation."""
    middle = np.median(logs)
    scale = 1.4826 * np.median(np.abs(logs - middle))
    if scale <= 0:
        return ()
    return tuple(int(row) for row in rows[np.abs(logs - middle) > FAR * scale])
