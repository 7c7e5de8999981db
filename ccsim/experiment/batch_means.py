"""One long path cut into batches: intervals for a centre that never empties, from a single run of it.

Many replications begin many times over, each with its own warm-up. Where a centre never closes one may play one long path instead, leave
the warm-up out once, cut the rest into batches of the same number of whole days, and take what each batch came to for a replication:

    half-width = t(b - 1) sqrt(Var / b),  Var the variance between b batches

(Law & Kelton 2000, "Simulation Modeling and Analysis", 3rd ed., section 9.5.3; ratios as everywhere, sum over sum with the delta method).
It is one path: who waits at a cut waits on, and counts in the batch in which the call arrived. Batches are of whole days, so that the hours
of the day are in every batch alike, and so that everything counted by the day (the longest wait, targets by the day, pay) belongs to one
batch. Days at the beginning that make no whole batch are left out like the warm-up.

Batches that are too short hang together, and the intervals are then too narrow. Whether they do is looked at in one measure, by von
Neumann's ratio: with x the b batch values, in order, and m their mean,

    C = 1 - sum (x[i] - x[i+1])^2 / (2 sum (x[i] - m)^2)

is near the correlation of neighbours; of independent values it is above 1.645 sqrt((b - 2) / (b^2 - 1)) in 5 % of cases (Fishman 1978,
"Grouping observations in digital simulation", Management Science 24(5)).
"""

from __future__ import annotations

import dataclasses
import math
from copy import copy
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ccsim.engine import duty
from ccsim.engine.draws import Drawer
from ccsim.engine.floor import Day, Floats, Ints, Log
from ccsim.engine.shifts import shifts as shifts_of
from ccsim.engine.tally import Tally
from ccsim.engine.tally.hours import Hours
from ccsim.errors import InputError
from ccsim.experiment.estimates import percentile
from ccsim.experiment.moments import BATCHES, Chunk, Moments, Totals
from ccsim.experiment.result import Needed, Result
from ccsim.experiment.workshop import Engine, Workshop
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.scenario import Scenario
from ccsim.measures.definitions import COLUMNS, PERCENTILES, Scope, of_scope
from ccsim.measures.reading import Read, read_off
from ccsim.measures.risk import Days, read_days
from ccsim.measures.yardstick import Yardstick, first_measured_day
from ccsim.units import HOUR

LEAST_BATCHES: Final = 5  # fewer say next to nothing of whether they hang together
_SURE: Final = 1.645  # the 95 % point of the normal law
_ALIKE: Final = 0.01
# Known of the whole path only
_WITHOUT: Final = ("never_came",)


@dataclass(frozen=True, slots=True)
class Batches:
    """How a path was cut, and whether the batches hang together."""

    count: int
    days: int  # calendar days of each
    left_out: int  # days after the warm-up that make no whole batch
    measure: str  # in which the correlation was looked at
    correlation: float  # of neighbouring batches; nan where they are all the same
    bound: float  # independent batches rarely go beyond it
    notes: tuple[str, ...]
    without: tuple[str, ...] = _WITHOUT  # measures that cannot be told batch by batch

    @property
    def hang_together(self) -> bool:
        """Whether neighbouring batches are more alike than luck makes them."""
        return self.correlation > self.bound

    def plain(self) -> dict[str, Any]:
        """For JSON; null where the correlation is not known."""
        correlation = self.correlation if math.isfinite(self.correlation) else None
        return {
            "count": self.count, "days": self.days, "left_out_days": self.left_out, "measure": self.measure, "correlation": correlation,
            "bound": self.bound, "hang_together": self.hang_together, "notes": list(self.notes),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Cut:
    """One batch: its days and its intervals, numbered in the path."""

    days: range
    first: int
    end: int


def run_batches(scenario: Scenario, batches: int, seed: int, engine: Engine, measure: str, required: Needed) -> Result:
    """The result of one long path, with 95 % intervals from the means of `batches` batches of whole days.

    `measure` is the one in which the batches' correlation is looked at. The rows of intervals are what the one path came to, without
    intervals of confidence. Raises `InputError` where the path has too few whole days after its warm-up, or a batch has no open hours.
    """
    cuts, left_out = _cuts(scenario.horizon, batches)
    workshop = Workshop(scenario, seed, engine)
    factors = None if workshop.first_calls is None else workshop.first_calls.factors
    drawer = Drawer(scenario, workshop.floor, seed, factors)
    day = drawer.day(0)
    log = workshop.bench().play(day)
    path = _Path(workshop, drawer, day, log)
    yardstick = path.yardstick_of(_Cut(range(cuts[0].days.start, cuts[-1].days.stop), cuts[0].first, cuts[-1].end))
    whole, waits = path.read_whole(yardstick)
    pieces = path.pieces(cuts, waits, PERCENTILES.get(measure, 0.5))
    scopes: tuple[Scope, ...] = ("run", "call_types", "groups", "contingent", "shrinkage")
    moments = {scope: Moments.of(np.concatenate([piece.read[scope] for piece in pieces])) for scope in scopes if scope in pieces[0].read}
    moments |= {scope: Moments.of(whole[scope]) for scope in ("intervals", "pool_intervals")}
    on_duty = np.zeros((1, 0)) if required is None else whole["intervals"][..., COLUMNS["intervals"].index("on_duty")] / yardstick.seconds
    values = (
        np.array([piece.wait for piece in pieces])
        if measure in PERCENTILES
        else _values(measure, np.concatenate([piece.read["run"][:, 0] for piece in pieces]))
    )
    bound = _SURE * math.sqrt((batches - 2) / (batches**2 - 1))
    told = Batches(batches, len(cuts[0].days), left_out, measure, neighbours(values), bound, tuple(_notes(scenario, cuts)))
    totals = Totals()
    result = Result(scenario, yardstick, totals, seed, engine, required, workshop.first_calls, batches=told)
    result.add(Chunk(0, moments, np.zeros((batches, waits.shape[1], 0), np.int32), on_duty))
    totals.waits = waits  # put together batch by batch: waits may be long, and batches many
    for piece in pieces:
        result.add_days(piece.days)
    return result


def neighbours(values: Floats) -> float:
    """C, near the correlation of neighbouring values, from von Neumann's ratio; nan where all are the same.

    >>> round(neighbours(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])), 4)
    0.8571
    """
    apart = float(((values - values.mean()) ** 2).sum())
    if not apart > 1e-24 * float((values**2).sum()):
        return math.nan
    return 1.0 - float((np.diff(values) ** 2).sum()) / (2.0 * apart)


def _cuts(horizon: Horizon, batches: int) -> tuple[list[_Cut], int]:
    """The batches of a path, and the number of whole measured days left out before the first."""
    day = horizon.interval_day
    first = int(np.argmax(horizon.measured))
    begins = first_measured_day(horizon)
    begins += int(first > 0 and day[first - 1] == day[first])  # a day of which the warm-up took the morning is no whole day
    whole = horizon.days - begins
    each = whole // batches
    if each < 1:
        less = f"give at most {whole}, or make" if whole >= LEAST_BATCHES else "make"
        raise InputError(
            f"batches is {batches}, but the path has {whole} whole day{'' if whole == 1 else 's'} after the warm-up, and a batch is of "
            f"whole days: {less} `days` longer"
        )
    starts = [horizon.days - each * (batches - number) for number in range(batches)]
    cuts = []
    for start in starts:
        inside = np.flatnonzero((day >= start) & (day < start + each))
        if not len(inside):
            raise InputError(
                f"the centre is closed on all of the {each} day{'' if each == 1 else 's'} from {horizon.day_date(start)} on, which would "
                f"be a batch: give fewer batches, of whole weeks, such as {max(whole // 7, 1)}"
            )
        cuts.append(_Cut(range(start, start + each), int(inside[0]), int(inside[-1]) + 1))
    return cuts, whole - each * batches


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one batch came to."""

    read: Read
    days: Days
    wait: float  # that a share of the batch's calls stayed within [s]


class _Path:
    """A played path, to be read batch by batch.

    What is summed over a whole path (overtime, pay, waits) is summed from the beginning of each batch to the end of the path; a batch's
    own part is that less the next one's.
    """

    def __init__(self, workshop: Workshop, drawer: Drawer, day: Day, log: Log) -> None:
        self._floor, self._yardstick, self._scenario = workshop.floor, workshop.yardstick, workshop.scenario
        self._day, self._log = day, log
        self._attendance = drawer.attendance
        self._shifts = shifts_of(workshop.scenario)
        without_pay = np.array([False, *(not category.paid for category in self._scenario.shrinkage.values())])
        self._unpaid = without_pay[drawer.away] | drawer.attendance.ended if len(self._shifts.day) else np.zeros(0, dtype=bool)

    def read_whole(self, yardstick: Yardstick) -> tuple[Read, Ints]:
        """The whole path from the first batch on, and room for the waits of its calls, [BATCHES, T, bins]."""
        tally = self._tally(yardstick.first_interval)
        return read_off(yardstick, tally, 1, np.zeros(1)), np.zeros((BATCHES, tally.types, tally.bins_used), dtype=np.int64)

    def pieces(self, cuts: list[_Cut], waits: Ints, share: float) -> list[_Piece]:
        """What each batch came to; its waits are added to row b mod BATCHES of `waits`, and `share` of them is what it says of its own."""
        pieces, after = [], None
        for number in reversed(range(len(cuts))):
            tally = self._tally(cuts[number].first)
            pieces.append(self._piece(cuts[number], tally, after, waits[number % BATCHES], share))
            after = tally
        return pieces[::-1]

    def _tally(self, first: int) -> Tally:
        """The path from an interval on."""
        tally = Tally(self._floor, self._yardstick.limits._replace(first_interval=first), 1)
        tally.add(0, self._day, self._log)
        return tally

    def _piece(self, cut: _Cut, tally: Tally, after: Tally | None, waits: Ints, share: float) -> _Piece:
        own = copy(tally)
        own.calls, own.teams = tally.calls[:, : cut.end], tally.teams[:, :, : cut.end]
        own.later = tally.later[:, : cut.end]
        seen = tally.waits[0, :, : tally.bins_used].copy()
        if after is not None:
            own.team_totals, own.pools = tally.team_totals - after.team_totals, tally.pools - after.pools
            seen[:, : after.bins_used] -= after.waits[0, :, : after.bins_used]
        waits[:, : seen.shape[1]] += seen
        yardstick = self.yardstick_of(cut)
        unpaid = np.array([float(self._shifts.paid_hours[self._begin_in(cut) & self._unpaid].sum())])
        read = read_off(yardstick, own, 1, unpaid, self._roster(cut))
        wait = float(percentile(seen[list(yardstick.callers)].sum(axis=0)[None], share, 1).mean[0])
        return _Piece(read, read_days(yardstick, own, 1, read["run"]), wait)

    def yardstick_of(self, cut: _Cut) -> Yardstick:
        """What the measures have to know of a batch."""
        base = self._yardstick
        inside = slice(cut.first - base.first_interval, cut.end - base.first_interval)
        seconds = base.seconds[inside]
        positions = sum(
            float(np.sum(group.positions[cut.first : cut.end] * seconds))
            for group in self._scenario.staff.values()
            if group.positions is not None
        )
        people = float(self._shifts.paid_hours[self._begin_in(cut)].sum())
        return dataclasses.replace(
            base,
            limits=base.limits._replace(first_interval=cut.first),
            seconds=seconds,
            day=base.day[inside],
            measured_days=len(cut.days),
            scheduled=base.scheduled[:, inside],
            paid_hours=people + positions / HOUR,
        )

    def _begin_in(self, cut: _Cut) -> Any:
        return (self._shifts.day >= cut.days.start) & (self._shifts.day < cut.days.stop)

    def _roster(self, cut: _Cut) -> Floats | None:
        """The account of the paid hours of shifts that begin in a batch; None where everybody is a position."""
        if self._yardstick.waterfall is None or not hasattr(self._attendance, "no_event"):
            return None
        hours = Hours(self._floor, self._shifts, self._begin_in(cut), len(self._yardstick.groups), len(self._scenario.shrinkage), 1)
        hours.add(0, self._day, self._log, self._attendance)
        return hours.seconds


def _values(measure: str, columns: Floats) -> Floats:
    """What each batch says of a ratio A / B that is r over all of them: A - r B, from the run's `columns` [batches, V]."""
    meant = {known.name: known for known in of_scope("run")}[measure]
    table = dict(zip(COLUMNS["run"], columns.T, strict=True))
    over, under = (sum((weight * table[name] for name, weight in part.items()), start=np.zeros(())) for part in (meant.over, meant.under))
    return over - (over.sum() / under.sum() if under.sum() > 0.0 else 0.0) * under


def _notes(scenario: Scenario, cuts: list[_Cut]) -> list[str]:
    """What there is to say of the cut that is not seen in the figures."""
    notes = []
    volume = np.sum([call.volume for call in scenario.calls.values()], axis=0)
    calls = [float(volume[cut.first : cut.end].sum()) for cut in cuts]
    if max(calls) - min(calls) > _ALIKE * max(calls):
        notes.append(
            f"The batches are not alike: {min(calls):,.0f} calls are expected in one and {max(calls):,.0f} in another, so the intervals "
            "hold more than luck. Batches of whole weeks would be alike."
        )
    if scenario.events or scenario.known is not None:
        notes.append("What happens on single days (`events`, `known`) is in some batches and not in others, so the intervals hold it too.")
    if cuts[0].first == 0 and duty.never_closes(scenario.horizon):
        notes.append("The path begins with nobody on the line, and that is in the figures: a `warm_up` of some hours would leave it out.")
    return notes
