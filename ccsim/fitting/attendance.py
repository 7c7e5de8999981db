"""Absence, lateness and shifts from logs of people.

The chance p(w) of being away on weekday w is a share; two people of one day are away together more often than chance has it where the day's
own rate varies. Of n people then n p (1 - p) (1 + (n - 1) r) is the variance of those away, r being the correlation of two, as a Beta law
of the rate has it (Skellam 1948, J. Royal Statistical Society B 10(2)); it is found by the sum of squares that this makes of the days'
departures, and its limits by the percentiles of that sum (see `demand.py`, which finds the busyness of days so).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.estimate import Estimate, Floats, both_ways, group_sums, left_out_in_turn, share_by_groups
from ccsim.fitting.people import APART, ON_DUTY, PAID_BREAK, UNPAID_BREAK, PeopleLog
from ccsim.fitting.skills import Skills
from ccsim.fitting.spells import falling_together, fit_lasts, lag

if TYPE_CHECKING:
    import pandas as pd

GRACE: Final = 60.0  # s that nobody calls late
NO_WORD: Final = "absence"  # of those who did not come, and of whom nothing else is said
ROUNDED: Final = 900.0  # s: shifts are told apart by quarters of an hour


@dataclass(frozen=True)
class Category:
    """One category of shrinkage."""

    kind: str
    share: Estimate  # of scheduled shifts for absence; of paid time for planned and in-shift
    weekdays: dict[int, float]  # factors on the odds; empty where weekdays do not differ more than chance has it
    weekdays_p: float  # chance of weekdays at least as unequal if all were alike
    correlation: Estimate  # of two people's being away on one day
    lasts: Estimate  # mean length of an absence in calendar days; limits of nan where each day may stand by itself
    pieces: float = np.nan  # s: mean length of absences that took a part of a shift only, for these

    @property
    def lasting(self) -> bool:
        """Whether absences are seen to last."""
        return bool(np.isfinite(self.lasts.low))

    @property
    def correlation_key(self) -> float:
        """The correlation as the scenario has it: of falling ill, where absences last."""
        value = self.correlation.value
        return falling_together(value, self.lasts.value, self.share.value) if self.lasting else value


@dataclass(frozen=True)
class People:
    """What the logs say of shifts and of who keeps to them."""

    shifts: int
    agents: int
    categories: dict[str, Category]
    late: tuple[Estimate, Estimate] | None  # chance, and by how much [s]
    early: tuple[Estimate, Estimate] | None
    patterns: tuple[tuple[float, float, tuple[int, ...]], ...]  # start and end [s after midnight], people by weekday [7]
    takes: tuple[tuple[str, ...], ...]  # call types of the people of each pattern; empty for all types
    together: tuple[tuple[float, float, tuple[int, ...]], ...]  # patterns, whatever people take
    duty: pd.DataFrame  # stretches on the queue as scheduled: agent, start, end


def fit_people(log: PeopleLog, skills: Skills | None = None) -> People:
    """What a roster or an attendance log says; shifts are told apart by what their people take, where that is known."""
    frame = log.frame
    shifts = _shifts(frame)
    categories: dict[str, Category] = {}
    categories |= _absences(log, shifts)
    categories |= _in_part(shifts, set(categories))
    paid = float(shifts["paid"].sum())
    lengths = (frame["end"] - frame["start"]).dt.total_seconds()
    days = frame["start"].to_numpy(dtype="datetime64[D]")
    for kind in ("planned", "in-shift"):
        for name in dict.fromkeys(frame.loc[(frame["kind"] == kind).to_numpy(), "meaning"]):
            own = ((frame["kind"] == kind) & (frame["meaning"] == name)).to_numpy()
            categories[str(name)] = Category(
                kind, _paid_share(lengths.to_numpy() * own, days, shifts, paid), {}, np.nan, _unknown(), _unknown()
            )
    late = early = None
    if log.attendance:
        there = shifts[shifts["away"].isna().to_numpy() & shifts["came"].notna().to_numpy()]
        late = _delay(there, (there["came"] - there["start"]).dt.total_seconds().to_numpy())
        early = _delay(there, (there["end"] - there["left"]).dt.total_seconds().to_numpy())
    on_queue = frame[(frame["meaning"] == ON_DUTY).to_numpy()]
    by_skill = _patterns(shifts, skills or Skills((), {}))
    return People(
        shifts=len(shifts),
        agents=int(shifts["agent"].nunique()),
        categories=categories,
        late=late,
        early=early,
        patterns=tuple(pattern for _, pattern in by_skill),
        takes=tuple(takes for takes, _ in by_skill),
        together=tuple(pattern for _, pattern in _patterns(shifts, Skills((), {}))),
        duty=on_queue[["agent", "start", "end"]].reset_index(drop=True),
    )


def _unknown() -> Estimate:
    return Estimate(np.nan, np.nan, np.nan, "share", 0, "days")


def _shifts(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a person's shift: agent, start, end, came, left, paid [s], away (the category that took it whole, or None)."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    ordered = frame.sort_values(["agent", "start", "end"], kind="stable")
    absent: list[tuple[str, float]]
    row: Any  # a named tuple of the columns
    for row in ordered.itertuples(index=False):
        length = (row.end - row.start).total_seconds()
        own = rows[-1] if rows and rows[-1]["agent"] == row.agent and row.start - rows[-1]["end"] < APART else None
        away = row.meaning if row.kind in ("absence", "planned") else None
        absent = [(row.meaning, length)] if row.kind == "absence" else []
        works = row.meaning not in (PAID_BREAK, UNPAID_BREAK) and away is None
        paid = 0.0 if row.meaning == UNPAID_BREAK else length
        if own is None:
            rows.append(
                {"agent": row.agent, "start": row.start, "end": row.end, "came": row.came, "left": row.left, "paid": paid,
                 "reason": away, "works": works, "absent": absent}
            )  # fmt: skip
            continue
        own["paid"] += paid if row.start >= own["end"] else (-length if row.meaning == UNPAID_BREAK else 0.0)
        own["end"] = max(own["end"], row.end)
        own["came"] = row.came if pd.isna(own["came"]) else own["came"]
        own["left"] = row.left if not pd.isna(row.left) else own["left"]
        own["works"] |= works
        own["absent"] += absent
        own["reason"] = away or own["reason"]
    found = pd.DataFrame(rows)
    away_names = [shift["reason"] if shift["reason"] and not shift["works"] else None for shift in rows]
    found["away"] = pd.Series(away_names, dtype=object)
    return found.sort_values(["start", "agent"], kind="stable").reset_index(drop=True)


def _in_part(shifts: pd.DataFrame, taken: set[str]) -> dict[str, Category]:
    """Absences that took a part of a shift on which the person else worked: no whole people, and a share of the paid time."""
    lengths: dict[str, list[tuple[Any, float]]] = {}
    for start, parts, works in zip(shifts["start"], shifts["absent"], shifts["works"], strict=True):
        for name, length in parts if works else []:
            lengths.setdefault(str(name), []).append((np.datetime64(start, "D"), length))
    paid, found = float(shifts["paid"].sum()), {}
    for name, own in lengths.items():
        title = f"{name} for part of a shift" if name in taken else name
        days, seconds = np.array([day for day, _ in own]), np.array([length for _, length in own])
        known = _paid_share(seconds, days, shifts, paid)
        found[title] = Category("in-shift", known, {}, np.nan, _unknown(), _unknown(), float(seconds.mean()))
    return found


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
        names[silent] = NO_WORD
    day = shifts["start"].to_numpy(dtype="datetime64[D]").astype("int64")
    who = shifts["agent"].to_numpy(dtype=object).astype(str)
    found = {}
    for name in dict.fromkeys(name for name in names[~planned] if name is not None):
        found[str(name)] = _category(day, who, np.asarray(names == name, dtype=float) * ~planned, ~planned)
    return found


def _category(day: Any, who: Any, away: Floats, due: Any) -> Category:
    """One category of absence from the day and the person of each shift, whether the person was away, and was to come at all, all [N]."""
    from scipy import special

    share = _share(day, who, away)
    day, who, away = day[due], who[due], away[due]
    days, codes = np.unique(day, return_inverse=True)
    weekday = (days + 3) % 7
    n: Floats = np.bincount(codes).astype(float)
    x = np.asarray(np.bincount(codes, weights=away), dtype=float)
    rate = float(away.mean())
    lasts = fit_lasts(who, day, away)
    by_day = np.full(len(n), rate)
    kinds = np.unique(weekday)
    p_value, factors = np.nan, {}
    serial = lag(lasts.value, rate) ** 2 if np.isfinite(lasts.low) else 0.0
    correlation = _correlation(n, x, by_day, len(n) - 1, serial)
    if len(kinds) > 1 and 0 < rate < 1 and len(n) > 2 * len(kinds):
        shares = np.array([x[weekday == w].sum() / n[weekday == w].sum() for w in kinds])
        people = np.array([n[weekday == w].sum() for w in kinds])
        # Days of their own rates spread more than people by themselves would: the test allows for it.
        spread = 1.0 + max(correlation.value, 0.0) * (n.mean() - 1.0)
        chi = float((people * (shares - rate) ** 2 / (rate * (1 - rate))).sum()) / spread
        p_value = float(special.chdtrc(len(kinds) - 1, chi))
        if p_value < 0.05:
            # A weekday on which nobody was away, or everybody, is taken half a person from that.
            shares = np.clip(shares, 0.5 / people, 1 - 0.5 / people)
            odds = rate / (1 - rate)
            factors = {int(w): float(own / (1 - own) / odds) for w, own in zip(kinds, shares, strict=True)}
            by_day = np.array([shares[list(kinds).index(w)] for w in weekday])
            correlation = _correlation(n, x, by_day, len(n) - len(kinds), serial)
    return Category("absence", share, factors, p_value, correlation, lasts)


def _share(day: Any, who: Any, away: Floats) -> Estimate:
    """Share of all shifts, planned leave included; its interval allows for what shifts of one day, and of one person, have in common."""
    ones, count = np.ones(len(away)), len(away)

    def left_out(groups: Any) -> Estimate:
        return share_by_groups(group_sums(groups, ones, away), "shifts")

    people = np.unique(who, return_inverse=True)[1]
    if people.max() < 2 or not 0.0 < away.mean() < 1.0:
        return left_out(day)
    found = both_ways(left_out(day), left_out(people), left_out(np.arange(count) % 50))
    return replace(found, high=min(found.high, 1.0))


def _correlation(n: Floats, x: Floats, p: Floats, freedom: int, serial: float) -> Estimate:
    """Correlation r of two people's absences on one day, from days on which x of n were away where n p were to be expected.

    The squares of x - n p over n p (1 - p) (1 + (n - 1) r) add up to the degrees of freedom, and for the limits to the percentiles of
    chi-square. It has fewer degrees where x is small and so has longer tails than a normal law (by its kurtosis), and where a day resembles
    the one before: of squares the part `serial` is left a day later.
    """
    from scipy import optimize, special

    used = (n > 1) & (p > 0) & (p < 1)
    if used.sum() < 5 or freedom < 2:
        return _unknown()
    n, x, p = n[used], x[used], p[used]
    variance = n * p * (1 - p)
    tails = float(((1 - 6 * p * (1 - p)) / variance).mean())
    free = max(freedom * 2.0 / (2.0 + max(tails, 0.0)) * (1.0 - serial) / (1.0 + serial), 1.0)
    lowest = -1.0 / float(n.max() - 1.0) + 1e-9

    def solve(target: float) -> float:
        def excess(r: float) -> float:
            return float(((x - n * p) ** 2 / (variance * (1.0 + (n - 1.0) * r))).sum()) / freedom - target

        return 1.0 if excess(1.0) > 0 else lowest if excess(lowest) < 0 else float(optimize.brentq(excess, lowest, 1.0, xtol=1e-10))

    value, low, high = (solve(target) for target in (1.0, special.chdtri(free, 0.025) / free, special.chdtri(free, 0.975) / free))
    return Estimate(value, low, high, "", len(n), "days")


def _paid_share(lengths: Floats, days: Any, shifts: pd.DataFrame, paid: float) -> Estimate:
    """Share of paid time, days left out in turn."""
    kinds = np.unique(np.concatenate([days, shifts["start"].to_numpy(dtype="datetime64[D]")]))
    top = np.bincount(np.searchsorted(kinds, days), weights=lengths, minlength=len(kinds))
    bottom = np.bincount(
        np.searchsorted(kinds, shifts["start"].to_numpy(dtype="datetime64[D]")),
        weights=shifts["paid"].to_numpy(dtype=float),
        minlength=len(kinds),
    )
    sums: Any = np.column_stack([top, bottom])
    count = round(paid / 3600)
    found = left_out_in_turn(lambda s: s[0] / s[1] if s[1] > 0 else np.nan, sums, "share", count, "paid hours")
    return replace(found, low=max(found.low, 0.0), high=min(found.high, 1.0)) if np.isfinite(found.low) else found


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
    by = left_out_in_turn(lambda s: s[2] / s[1] if s[1] > 0 else np.nan, sums, "s", int(late.sum()), "shifts", positive=True)
    return share_by_groups(sums[:, :2], "shifts"), by


def _patterns(shifts: pd.DataFrame, skills: Skills) -> list[tuple[tuple[str, ...], tuple[float, float, tuple[int, ...]]]]:
    """Different shifts by quarters of an hour, with the people who have each on a weekday, planned leave included, on an average week.

    Before each stand the call types that these people take, none for all.
    """
    start = shifts["start"].to_numpy(dtype="datetime64[s]").astype("int64")
    length = (shifts["end"] - shifts["start"]).dt.total_seconds().to_numpy()
    day = start // 86400
    clock = (np.round((start % 86400) / ROUNDED) * ROUNDED) % 86400
    whole = np.maximum(np.round(length / ROUNDED), 1) * ROUNDED
    days = np.unique(day)
    dates = Counter(int(w) for w in (days + 3) % 7)
    people: Counter[tuple[tuple[str, ...], float, float, int]] = Counter()
    for agent, at, long, w in zip(shifts["agent"], clock, whole, (day + 3) % 7, strict=True):
        people[skills.known.get(str(agent), ()), float(at), float(long), int(w)] += 1
    found: dict[tuple[tuple[str, ...], float, float], list[int]] = {}
    for (takes, at, long, w), count in sorted(people.items()):
        found.setdefault((takes, at, at + long), [0] * 7)[w] = round(count / dates[w])
    return [(takes, (at, end, tuple(counts))) for (takes, at, end), counts in found.items() if any(counts)]
