"""Absence, lateness and shifts from logs of people.

The chance p(w) of being away on weekday w is a share; two people of one day are away together more often than chance has it where the day's
own rate varies, and their correlation is, by moments over days of n people of whom x were away,
sum[(x - n p)^2 - n p (1 - p)] / sum[n (n - 1) p (1 - p)], which a Beta law of the rate gives (Skellam 1948,
J. Royal Statistical Society B 10(2)).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.estimate import Estimate, Floats, left_out_in_turn
from ccsim.fitting.people import ON_DUTY, PAID_BREAK, UNPAID_BREAK, PeopleLog

if TYPE_CHECKING:
    import pandas as pd

GRACE: Final = 60.0  # s that nobody calls late
_APART: Final = np.timedelta64(2, "h")  # stretches less than this apart are of one shift
ROUNDED: Final = 900.0  # s: shifts are told apart by quarters of an hour


@dataclass(frozen=True)
class Category:
    """One category of shrinkage."""

    kind: str
    share: Estimate  # of scheduled shifts for absence; of paid time for planned and in-shift
    weekdays: dict[int, float]  # factors on the odds; empty where weekdays do not differ more than chance has it
    weekdays_p: float  # chance of weekdays at least as unequal if all were alike
    correlation: Estimate


@dataclass(frozen=True)
class People:
    """What the logs say of shifts and of who keeps to them."""

    shifts: int
    agents: int
    categories: dict[str, Category]
    late: tuple[Estimate, Estimate] | None  # chance, and by how much [s]
    early: tuple[Estimate, Estimate] | None
    patterns: tuple[tuple[float, float, tuple[int, ...]], ...]  # start and end [s after midnight], people by weekday [7]
    duty: pd.DataFrame  # stretches on the queue as scheduled: agent, start, end


def fit_people(log: PeopleLog) -> People:
    """What a roster or an attendance log says."""
    frame = log.frame
    shifts = _shifts(frame)
    categories: dict[str, Category] = {}
    categories |= _absences(log, shifts)
    paid = float(shifts["paid"].sum())
    lengths = (frame["end"] - frame["start"]).dt.total_seconds()
    days = frame["start"].to_numpy(dtype="datetime64[D]")
    for kind in ("planned", "in-shift"):
        for name in dict.fromkeys(frame.loc[(frame["kind"] == kind).to_numpy(), "meaning"]):
            own = ((frame["kind"] == kind) & (frame["meaning"] == name)).to_numpy()
            categories[str(name)] = Category(kind, _paid_share(lengths.to_numpy() * own, days, shifts, paid), {}, np.nan, _unknown())
    late = early = None
    if log.attendance:
        there = shifts[shifts["away"].isna().to_numpy() & shifts["came"].notna().to_numpy()]
        late = _delay(there, (there["came"] - there["start"]).dt.total_seconds().to_numpy())
        early = _delay(there, (there["end"] - there["left"]).dt.total_seconds().to_numpy())
    on_queue = frame[(frame["meaning"] == ON_DUTY).to_numpy()]
    return People(
        shifts=len(shifts),
        agents=int(shifts["agent"].nunique()),
        categories=categories,
        late=late,
        early=early,
        patterns=_patterns(shifts),
        duty=on_queue[["agent", "start", "end"]].reset_index(drop=True),
    )


def _unknown() -> Estimate:
    return Estimate(np.nan, np.nan, np.nan, "share", 0, "days")


def _shifts(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a person's shift: agent, start, end, came, left, paid [s], away (the category that took it whole, or None)."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    ordered = frame.sort_values(["agent", "start", "end"], kind="stable")
    row: Any  # a named tuple of the columns
    for row in ordered.itertuples(index=False):
        length = (row.end - row.start).total_seconds()
        own = rows[-1] if rows and rows[-1]["agent"] == row.agent and row.start - rows[-1]["end"] < _APART else None
        away = row.meaning if row.kind in ("absence", "planned") else None
        works = row.meaning not in (PAID_BREAK, UNPAID_BREAK) and away is None
        paid = 0.0 if row.meaning == UNPAID_BREAK else length
        if own is None:
            rows.append(
                {"agent": row.agent, "start": row.start, "end": row.end, "came": row.came, "left": row.left, "paid": paid,
                 "reason": away, "works": works}
            )  # fmt: skip
            continue
        own["paid"] += paid if row.start >= own["end"] else (-length if row.meaning == UNPAID_BREAK else 0.0)
        own["end"] = max(own["end"], row.end)
        own["came"] = row.came if pd.isna(own["came"]) else own["came"]
        own["left"] = row.left if not pd.isna(row.left) else own["left"]
        own["works"] |= works
        own["reason"] = away or own["reason"]
    found = pd.DataFrame(rows)
    away_names = [shift["reason"] if shift["reason"] and not shift["works"] else None for shift in rows]
    found["away"] = pd.Series(away_names, dtype=object)
    return found.sort_values(["start", "agent"], kind="stable").reset_index(drop=True)


def _absences(log: PeopleLog, shifts: pd.DataFrame) -> dict[str, Category]:
    """Categories of people who missed a whole shift, of those who were to come."""
    kinds = dict(zip(log.frame["meaning"], log.frame["kind"], strict=True))
    away = shifts["away"].to_numpy(dtype=object)
    planned = np.array([name is not None and kinds.get(name) == "planned" for name in away], dtype=bool)
    missed = np.array([name is not None and kinds.get(name) == "absence" for name in away], dtype=bool)
    names: Any = away.copy()
    names[~missed] = None
    if log.attendance:
        silent = ~missed & ~planned & shifts["came"].isna().to_numpy()
        names[silent] = "absence"
    day = shifts["start"].to_numpy(dtype="datetime64[D]")
    days, codes = np.unique(day[~planned], return_inverse=True)
    weekday = (days.astype("int64") + 3) % 7
    n = np.bincount(codes).astype(float)
    found = {}
    for name in dict.fromkeys(name for name in names[~planned] if name is not None):
        x: Any = np.bincount(codes, weights=(names[~planned] == name).astype(float))
        found[str(name)] = _category(n, x, weekday)
    return found


def _category(n: Floats, x: Floats, weekday: Any) -> Category:
    """One category of absence from people due and people away by day."""
    from scipy import special

    rate = left_out_in_turn(
        lambda s: s[1] / s[0], np.column_stack([n, x]), "share", round(n.sum()), "shifts", positive=bool((x.sum() - x > 0).all())
    )
    by_day = np.full(len(n), rate.value)
    kinds = np.unique(weekday)
    p_value, factors = np.nan, {}
    correlation = _correlation(n, x, by_day, len(n))
    if len(kinds) > 1 and 0 < rate.value < 1 and len(n) > 2 * len(kinds):
        shares = np.array([x[weekday == w].sum() / n[weekday == w].sum() for w in kinds])
        people = np.array([n[weekday == w].sum() for w in kinds])
        # Days of their own rates spread more than people by themselves would: the test allows for it.
        spread = 1.0 + max(correlation.value, 0.0) * (n.mean() - 1.0)
        chi = float((people * (shares - rate.value) ** 2 / (rate.value * (1 - rate.value))).sum()) / spread
        p_value = float(special.chdtrc(len(kinds) - 1, chi))
        if p_value < 0.05:
            # A weekday on which nobody was away, or everybody, is taken half a person from that.
            shares = np.clip(shares, 0.5 / people, 1 - 0.5 / people)
            odds = rate.value / (1 - rate.value)
            factors = {int(w): float(own / (1 - own) / odds) for w, own in zip(kinds, shares, strict=True)}
            by_day = np.array([shares[list(kinds).index(w)] for w in weekday])
            correlation = _correlation(n, x, by_day, len(n) - len(kinds))
    return Category("absence", rate, factors, p_value, correlation)


def _correlation(n: Floats, x: Floats, p: Floats, freedom: int) -> Estimate:
    """Correlation of two people's absences on one day, days left out in turn."""
    if len(n) < 5 or freedom < 2:
        return _unknown()
    grow = len(n) / freedom if freedom < len(n) else len(n) / (len(n) - 1.0)
    sums = np.column_stack([(x - n * p) ** 2 * grow - n * p * (1 - p), n * (n - 1) * p * (1 - p)])
    return left_out_in_turn(lambda s: s[0] / s[1] if s[1] > 0 else np.nan, sums, "", len(n), "days")


def _paid_share(lengths: Floats, days: Any, shifts: pd.DataFrame, paid: float) -> Estimate:
    """Share of paid time, days left out in turn."""
    kinds = np.unique(np.concatenate([days, shifts["start"].to_numpy(dtype="datetime64[D]")]))
    top = np.bincount(np.searchsorted(kinds, days), weights=lengths, minlength=len(kinds))
    bottom = np.bincount(
        np.searchsorted(kinds, shifts["start"].to_numpy(dtype="datetime64[D]")),
        weights=shifts["paid"].to_numpy(dtype=float),
        minlength=len(kinds),
    )
    return left_out_in_turn(
        lambda s: s[0] / s[1] if s[1] > 0 else np.nan, np.column_stack([top, bottom]), "share", round(paid / 3600), "paid hours"
    )


def _delay(shifts: pd.DataFrame, seconds: Any) -> tuple[Estimate, Estimate] | None:
    """Chance of a delay beyond the grace, and its mean [s]; None where the log does not say or nobody was."""
    known = ~np.isnan(seconds)
    if not known.any() or not (seconds[known] > GRACE).any():
        return None
    own = seconds[known]
    late = own > GRACE
    _, codes = np.unique(shifts["start"].to_numpy(dtype="datetime64[D]")[known], return_inverse=True)
    sums: Any = np.column_stack(
        [np.bincount(codes), np.bincount(codes, weights=late.astype(float)), np.bincount(codes, weights=own * late)]
    )
    some = bool((sums[:, 1].sum() - sums[:, 1] > 0).all())
    chance = left_out_in_turn(lambda s: s[1] / s[0] if s[0] > 0 else np.nan, sums, "share", len(own), "shifts", positive=some)
    by = left_out_in_turn(lambda s: s[2] / s[1] if s[1] > 0 else np.nan, sums, "s", int(late.sum()), "shifts", positive=some)
    return chance, by


def _patterns(shifts: pd.DataFrame) -> tuple[tuple[float, float, tuple[int, ...]], ...]:
    """Different shifts by quarters of an hour, with the people who have each on a weekday, planned leave included, on an average week."""
    start = shifts["start"].to_numpy(dtype="datetime64[s]").astype("int64")
    length = (shifts["end"] - shifts["start"]).dt.total_seconds().to_numpy()
    day = start // 86400
    clock = (np.round((start % 86400) / ROUNDED) * ROUNDED) % 86400
    whole = np.maximum(np.round(length / ROUNDED), 1) * ROUNDED
    days = np.unique(day)
    dates = Counter(int(w) for w in (days + 3) % 7)
    people: Counter[tuple[float, float, int]] = Counter()
    for at, long, w in zip(clock, whole, (day + 3) % 7, strict=True):
        people[float(at), float(long), int(w)] += 1
    found: dict[tuple[float, float], list[int]] = {}
    for (at, long, w), count in sorted(people.items()):
        found.setdefault((at, at + long), [0] * 7)[w] = round(count / dates[w])
    return tuple((at, end, tuple(counts)) for (at, end), counts in found.items() if any(counts))
