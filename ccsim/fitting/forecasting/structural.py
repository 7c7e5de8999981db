"""How many calls a day brings, by another law: a structural time series in the state-space form of the library statsmodels.

The logarithm of a day's calls is a level that walks at random, an effect of the weekday that drifts, a regression on the place in the
month, on closed days before and on the eve of one, and the day's own chance. Each variance is the most likely value, found by the Kalman
filter, of whose states the coefficients are a part; so what is not known of them widens the bands. Days without a count, or not used, are
passed over by it. The law beside it (day_law.py) believes beforehand that a level returns and how large parts are; this one believes
nothing, which serves where the level has shifted for good, and costs where the record is short.

Source: Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter, sections 2.3, 3.2 and 3.4; Durbin & Koopman (2012),
Time Series Analysis by State Space Methods, sections 4.3 (filter), 4.10 (missing), 4.11 (forecasts) and 5.3 (exact diffuse
smoother). Needs the extra `[forecast]`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ccsim.errors import InputError
from ccsim.fitting.estimate import Floats
from ccsim.fitting.forecasting.calendar import EXTRA
from ccsim.fitting.forecasting.day_law import SEASONAL, YEAR, Traits

_FIRST: Final = 3  # weeks of the record whose one-step forecasts are not looked at, as the filter still learns
_MONTHS: Final = 62  # days of record, two months, from which the place in the month is told from a level that moves
_OF_MONTH: Final = slice(2, 6)  # columns of the regression
_UNKNOWN: Final = 1.0  # variance of a logarithm of which next to nothing is known, as on the first day after a closed one


@dataclass(frozen=True)
class StructuralLaw:
    """The law of the logarithm of a day's calls, after the days of a record. P states, the last X of them the regression's coefficients."""

    opens: tuple[bool, ...]
    last: float  # position of the record's last day among the open ones
    columns: tuple[bool, ...]  # which columns of `_columns` the regression has
    seasonal: bool
    transition: Floats  # [P, P]
    design: Floats  # [P] the row that reads a day off its states, but for the regression's columns
    shocks: Floats  # [P, P] covariance of what a day adds to the states
    state: Floats  # [P] expected on the day after the record
    unsure: Floats  # [P, P] its covariance
    parts: dict[str, float]  # spreads fitted
    has_seen_after: bool
    told: Floats  # [D] what the days before gave each day of the record
    told_variance: Floats  # [D]
    past: Floats  # [T] what all days used say of each open day of the record, the last one last
    past_variance: Floats  # [T] its own chance included, Poisson noise not

    @property
    def own_variance(self) -> float:
        """How far days differ beyond Poisson noise and what is known of them beforehand."""
        return self.parts["level"] ** 2 + self.parts["noise"] ** 2

    def others(self, logs: Floats) -> tuple[Floats, Floats]:
        """What the days before say of each day of the record, and its variance, Poisson noise included; nan for the first. [D] each"""
        learning = (np.arange(len(logs)) < _FIRST * sum(self.opens)) | (self.told_variance > _UNKNOWN)
        return np.where(learning, np.nan, self.told), self.told_variance

    def predict(self, days: Traits, after_closed: float | None = None) -> tuple[Floats, Floats]:
        """Mean and variance of the logarithm of the calls of some days, [N] each; their own chance included, Poisson noise not.

        Days of the record may be among them, as those whose effect is to be told from what they would have been without it. Those before
        the first one used are as the first of their weekday, but for what the level and the weekday may have changed since.
        """
        steps = self._steps(days)
        mean, variance = np.empty(len(steps)), np.empty(len(steps))
        gone = steps < 0
        period = max(sum(self.opens), 1)
        weeks = np.ceil(np.maximum(-len(self.past) - steps[gone], 0) / period)
        at = np.minimum(steps[gone] + period * weeks, -1).astype(np.int64)
        mean[gone] = self.past[at]
        variance[gone] = self.past_variance[at] + (at - steps[gone]) * (self.parts["level"] ** 2 + self.parts["weekday"] ** 2)
        ahead = Traits(*(column[~gone] for column in days.columns()))
        mean[~gone] = self._rows(ahead) @ self.state
        variance[~gone] = np.diag(self.covariance(ahead, after_closed))
        return mean, variance

    def covariance(self, days: Traits, after_closed: float | None = None) -> Floats:
        """[N, N] covariance of the logarithms of the calls of some days to come; `after_closed` as of `DayLaw.predict`."""
        rows, steps = self._rows(days), self._steps(days)
        furthest = int(steps.max(initial=0))
        every = np.empty((furthest + 1, len(self.design)))
        row = self.design
        for step in range(furthest + 1):
            every[step], row = row, row @ self.transition
        # What the shocks of the days between add: sums of rows * shocks * rows along the diagonals.
        added = every @ self.shocks @ every.T
        whole = np.zeros_like(added)
        for step in range(1, furthest + 1):
            whole[step, step:] = whole[step - 1, step - 1 : furthest] + added[step - 1, step - 1 : furthest]
            whole[step:, step] = whole[step, step:]
        found = rows @ self.unsure @ rows.T + whole[np.ix_(steps, steps)]
        if after_closed is not None:
            unseen = np.where(days.after > 0, after_closed, 0.0)
            found += np.outer(unseen, unseen)
        # What is not known of the states is never below 0, but of counts without any luck the filter has it there by its last digits.
        own = np.diag_indices(len(found))
        found[own] = np.maximum(found[own], 0.0) + self.parts["noise"] ** 2
        return np.asarray(0.5 * (found + found.T), dtype=np.float64)

    def _steps(self, days: Traits) -> Any:
        """How many open days each day lies after the first one after the record, [N]; below 0 within it."""
        return np.round(_position(days, self.opens) - self.last - 1).astype(np.int64)

    def _rows(self, days: Traits) -> Floats:
        """The row that reads each day to come off the states after the record, [N, P]."""
        steps = self._steps(days)
        powers = [self.design]
        for _ in range(int(steps.max(initial=0))):
            powers.append(powers[-1] @ self.transition)
        rows = np.array([powers[step] for step in steps.tolist()]).reshape(len(steps), len(self.design))
        own = _columns(days, self.seasonal)[:, self.columns]
        rows[:, rows.shape[1] - own.shape[1] :] = own
        return rows


def fit_structural(days: Traits, logs: Floats, poisson: Floats, opens: Sequence[bool]) -> StructuralLaw:
    """The law after `logs` [D], whose Poisson noise has the variance `poisson` [D]; raises `InputError` where statsmodels is missing."""
    try:
        from statsmodels.tsa.statespace.structural import UnobservedComponents
    except ImportError:
        raise InputError(f"the structural method is asked for, and the library statsmodels is not installed: {EXTRA}") from None
    place = np.round(_position(days, opens)).astype(np.int64)
    first, length, period = int(place[0]), int(place[-1] - place[0]) + 1, sum(map(bool, opens))
    seasonal = float(np.ptp(days.time)) >= SEASONAL
    columns = _columns(days, seasonal)
    used = np.ptp(columns, axis=0) > 1e-9
    if np.ptp(days.time) < _MONTHS:
        used[_OF_MONTH] = False
    y, x = np.full(length, np.nan), np.zeros((length, int(used.sum())))
    y[place - first], x[place - first] = logs, columns[:, used]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the search, which is tried again below
        regressed = x if x.shape[1] else None
        told = {"level": "local level", "seasonal": period if period > 1 else None, "exog": regressed, "mle_regression": False}
        model = UnobservedComponents(y, **told)
        found = model.fit(disp=False, maxiter=200)
        if not found.mle_retvals.get("converged", True):
            found = model.fit(found.params, disp=False, method="powell", maxiter=50)
        # The smoother loses all digits in the first weeks where a large number stands for what is not known at first: so the limit.
        smoothed = UnobservedComponents(y, use_exact_diffuse=True, **told).smooth(found.params).smoother_results
    named = dict(zip(model.param_names, np.asarray(found.params, dtype=float).tolist(), strict=True))
    shocks = model.ssm["selection"] @ model.ssm["state_cov"] @ model.ssm["selection"].T
    spread = np.sqrt(max(named.get("sigma2.irregular", 0.0) - float(np.mean(poisson)), 1e-8))
    results, own = found.filter_results, place - first
    rows = np.broadcast_to(np.asarray(model.ssm["design"], dtype=float).reshape(1, len(smoothed.smoothed_state), -1)[0],
                           smoothed.smoothed_state.shape).T  # fmt: skip
    unsure = np.einsum("tp,pqt,tq->t", rows, smoothed.smoothed_state_cov, rows)
    return StructuralLaw(
        opens=tuple(opens),
        last=float(place[-1]),
        columns=tuple(used.tolist()),
        seasonal=seasonal,
        transition=np.asarray(model.ssm["transition"], dtype=float),
        design=_plain(model.ssm["design"], x.shape[1]),
        shocks=np.asarray(shocks, dtype=float),
        state=np.asarray(results.predicted_state[:, -1], dtype=float),
        unsure=np.asarray(results.predicted_state_cov[:, :, -1], dtype=float),
        parts={
            "level": float(np.sqrt(named["sigma2.level"])),
            "weekday": float(np.sqrt(named.get("sigma2.seasonal", 0.0))),
            "noise": float(spread),
        },
        has_seen_after=bool(days.after.any()),
        told=np.asarray(results.forecasts[0], dtype=float)[own],
        told_variance=np.asarray(results.forecasts_error_cov[0, 0], dtype=float)[own],
        past=np.asarray((rows.T * smoothed.smoothed_state).sum(axis=0), dtype=float),
        past_variance=np.asarray(np.maximum(unsure, 0.0) + spread**2, dtype=float),
    )


def _plain(design: Any, regressed: int) -> Floats:
    """[P] the part of a design that does not change from day to day."""
    found = np.array(design, dtype=float).reshape(1, np.shape(design)[1], -1)[0, :, -1]
    found[len(found) - regressed :] = 0.0
    return found


def _position(days: Traits, opens: Sequence[bool]) -> Floats:
    """[N] number of each day among the open weekdays since the beginning of the calendar."""
    before = np.concatenate([[0.0], np.cumsum(np.asarray(opens, dtype=float))])
    return np.asarray((days.time - 1) // 7 * before[7] + before[days.weekday], dtype=np.float64)


def _columns(days: Traits, seasonal: bool) -> Floats:
    """[N, X] what the regression may look at: two waves of the place in the month, closed days before, the eve; the place in the year."""
    found = [days.after, days.eve]
    for place in (days.by_calendar, days.by_working_days):
        found += [np.sin(2 * np.pi * place), np.cos(2 * np.pi * place)]
    if seasonal:
        angle = 2 * np.pi * days.time / YEAR
        found += [wave(k * angle) for k in (1, 2) for wave in (np.sin, np.cos)]
    return np.column_stack(found)
