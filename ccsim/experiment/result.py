"""What a run came to: estimates as numbers, tables and JSON."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import astuple
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim import __version__
from ccsim.engine.call_log import calls_of
from ccsim.engine.floor import Floats, Ints
from ccsim.engine.tally import wait_of
from ccsim.errors import InputError
from ccsim.experiment.cells import Cell, Row, cells, plain
from ccsim.experiment.controls import Controls
from ccsim.experiment.estimates import Estimate, controlled, percentiles, ratio, staffing_band
from ccsim.experiment.first_calls import FirstCalls
from ccsim.experiment.moments import Chunk, Totals
from ccsim.experiment.notebook import html_of
from ccsim.experiment.risk import Risk, Told, clopper_pearson, told
from ccsim.experiment.risk import plain as plain_risk
from ccsim.experiment.waterfall import Account, Block
from ccsim.experiment.workshop import Engine, Workshop
from ccsim.inputs.scenario import Scenario
from ccsim.measures.definitions import AGENTS, COLUMNS, MONEY, PERCENTILES, SECONDS, SHARE, Scope, names, of_scope
from ccsim.measures.risk import TARGET_MISSED, Days
from ccsim.measures.yardstick import Yardstick
from ccsim.units import shown

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.experiment.batch_means import Batches


# Agents required in each interval of the path [I], or what gives them (or None) when they are first looked at
Needed = Floats | Callable[[], Floats | None] | None


class Result:
    """What a run came to.

    scenario, seed, engine   what was played, how
    replications             paths played; each is one day, or `days` of them
    batches                  how the one path was cut into batches and whether these hang together; None where paths are replications
    interrupted              True if the run was ended early; the result is then that of a run with `replications` of them
    precision_reached        whether a run with a precision got there before it ran out of replications; None without one
    precision_missed         a sentence on how far it got, where it did not; None otherwise
    aimed_at                 the measure that a precision was asked for, and that precision as it was written; None without one

    Tables are pandas DataFrames, in seconds and fractions, NaN where a measure is not known (0 calls). `first_activation` is in seconds
    after midnight there, and clock time in `to_dict`.
    """

    def __init__(
        self,
        scenario: Scenario,
        yardstick: Yardstick,
        totals: Totals,
        seed: int,
        engine: Engine,
        required: Needed = None,
        first_calls: FirstCalls | None = None,
        controls: Controls | None = None,
        batches: Batches | None = None,
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self.engine = engine
        self.interrupted = False
        self.precision_reached: bool | None = None
        self.precision_missed: str | None = None
        self.aimed_at: tuple[str, str] | None = None
        self._yardstick = yardstick
        self._totals = totals
        self._needed = required
        self._first_calls = first_calls
        self._controls = controls
        self._risk = Risk(len(yardstick.day_starts) if batches is None else batches.days)
        self.batches = batches

    @property
    def replications(self) -> int:
        """Number of paths played."""
        return self._totals.count if self.batches is None else 1

    def add(self, chunk: Chunk) -> None:
        """Takes in the next chunk of replications; a result that has been looked at forgets what it said."""
        self._totals.add(chunk)
        if chunk.days is not None:
            self._risk.add(chunk.days)
        for kept in ("_run", "_call_types", "_groups", "_contingent", "_shrinkage", "_intervals", "_risks"):
            self.__dict__.pop(kept, None)

    def add_days(self, days: Days) -> None:
        """Takes in the figures of single days where they come apart from a chunk: those of one batch of a path."""
        self._risk.add(days)
        self.__dict__.pop("_risks", None)

    def half_width(self, measure: str) -> tuple[float, float]:
        """Mean and half-width of the 95 % interval of a measure of the whole run, on its wider side; nan where not known."""
        cell = self._run[measure]
        return cell.mean, max(cell.high - cell.mean, cell.mean - cell.low)

    @property
    def controls(self) -> dict[str, Any] | None:
        """What the measures of the run and of the call types were set against; None where that was not asked for.

        `used`: the control variates of the run, `left_out`: sentences on what is not among them, and `gain`: for each measure of the run
        how many times the days would give such an interval without them; infinite where they say all, nan where a measure is not known.
        """
        if self._controls is None:
            return None
        moments = self._totals.moments["run"]
        least = self._least("run")
        used = controlled(moments, len(COLUMNS["run"]), least).used
        gains = {}
        for measure in of_scope("run") if used else ():
            if measure.name in self._run:
                gain = ratio(measure, "run", moments, measure.name in self._yardstick.never, least).gain
                gains[measure.name] = math.nan if gain is None else float(gain[0])
        names = [self._controls.names[number] for number in used]
        return {"used": names, "left_out": list(self._controls.left_out), "gain": gains}

    @property
    def first_calls(self) -> dict[str, dict[str, float]] | None:
        """For each type whose volume counts all calls offered: calls a day of the path, `first` ones and `offered` in all, as the run takes
        them; None where every volume counts first calls.
        """
        found = self._first_calls
        if found is None:
            return None
        days = self.scenario.days
        return {
            name: {"first": float(found.factors[q] * found.given[q]) / days, "offered": float(found.given[q]) / days}
            for q, (name, call) in enumerate(self.scenario.calls.items())
            if call.counts_offered
        }

    @property
    def measures(self) -> pd.DataFrame:
        """Measures of the whole run, one a row: mean, low, high (95 %), unit."""
        return _frame(self._run)

    @property
    def call_types(self) -> dict[str, pd.DataFrame]:
        """The same for each call type by name."""
        return {name: _frame(row) for name, row in self._call_types.items()}

    @property
    def groups(self) -> dict[str, pd.DataFrame]:
        """Measures of each group of the staff by name."""
        return {name: _frame(row) for name, row in self._groups.items()}

    @property
    def contingent(self) -> dict[str, pd.DataFrame]:
        """Measures of each pool of contingents by name."""
        return {name: _frame(row) for name, row in self._contingent.items()}

    @property
    def intervals(self) -> pd.DataFrame:
        """Measures by interval: one row an interval, indexed by its start; columns NAME, NAME_low and NAME_high.

        Intervals of the warm-up are left out; starts are in the scenario's time zone if it has one. `agents_on_duty` holds the contingents
        too, `agents_on` they alone, `agents_on/POOL` one pool's; `agents_scheduled` is the roster with everyone present, breaks taken out.
        The band of `net_staffing` is where 95 % of the days lie, every other interval is one for the mean. `target_missed` is the chance
        that a day misses the target in the interval.
        """
        import pandas as pd

        columns: dict[str, list[float]] = {}
        for row in self._intervals:
            for name, cell in row.items():
                for key, number in ((name, cell.mean), (f"{name}_low", cell.low), (f"{name}_high", cell.high)):
                    columns.setdefault(key, []).append(number)
        starts = [self.scenario.horizon.local(start) for start in self._starts()]
        return pd.DataFrame(columns, index=pd.DatetimeIndex(starts, name="start"))

    def wait_shares(self) -> tuple[Floats, Floats]:
        """Waits [s] in ascending order, and for each the share of calls that waited no longer; empty without calls.

        Calls answered or hung up, of callers where there are any, all days together. Waits are to 0.1 s (1 s beyond three hours).
        """
        counts = self._totals.waits[:, list(self._yardstick.callers)].sum(axis=(0, 1))
        bins = np.flatnonzero(counts)
        upto = np.cumsum(counts[bins])
        return wait_of(bins), upto / upto[-1] if len(bins) else np.zeros(0)

    def _repr_html_(self) -> str:
        """The result as a notebook shows it."""
        return html_of(self)

    @property
    def risk(self) -> pd.DataFrame:
        """How bad a bad day is: a row for each measure of single days and each figure, indexed by `measure` and `which`.

        `which` is `chance` (that a day misses the target as a whole, or in any interval) or `one_in_2`, `one_in_5`, `one_in_20`: as bad as
        this, or worse, is one day in so many. Columns `value`, `low`, `high` (95 %, NaN where there are too few days to say), `unit`,
        `worse` (more or less) and `of` (days; or paths, for what belongs to no single day).
        """
        import pandas as pd

        rows = [(row.daily.name, row.which, *astuple(row.found), row.unit, row.daily.worse, row.daily.of) for row in self._risks]
        heads = ["measure", "which", "value", "low", "high", "unit", "worse", "of"]
        return pd.DataFrame.from_records(rows, columns=heads).set_index(["measure", "which"])

    @cached_property
    def _risks(self) -> list[Told]:
        without = set(self._yardstick.never) | ({"cost"} if "cost" not in self._run else set())
        return told(self._risk, without, self._unit)

    def to_dict(self) -> dict[str, Any]:
        """The result as one object that can be written as JSON: what `ccsim run --json` prints; null where a measure is not known."""
        result: dict[str, Any] = {
            "ccsim": __version__,
            "scenario": self.scenario.title,
            "seed": self.seed,
            "replications": self.replications,
            "engine": self.engine,
        }
        if self.interrupted:
            result["interrupted"] = True
        if self.batches is not None:
            result["batches"] = self.batches.plain()
        result["measures"] = plain(self._run)
        result["call_types"] = {name: plain(row) for name, row in self._call_types.items()}
        result["groups"] = {name: plain(row) for name, row in self._groups.items()}
        result["contingent"] = {name: plain(row) for name, row in self._contingent.items()}
        if self.first_calls is not None:
            result["first_calls"] = self.first_calls
        controls = self.controls
        if controls is not None:
            gains = {name: gain if math.isfinite(gain) else None for name, gain in controls["gain"].items()}
            result["controls"] = {**controls, "gain": gains}
        if self._shrinkage is not None:
            result["shrinkage"] = self._shrinkage.plain()
        result["risk"] = plain_risk(self._risk.days, self._risks)
        result["intervals"] = [
            {"start": self.scenario.horizon.stamp(start), **plain(row)} for start, row in zip(self._starts(), self._intervals, strict=True)
        ]
        return result

    def calls(self, replication: int) -> pd.DataFrame:
        """The call log of one replication, numbered from 0: one row a call, in order of arrival, indexed by the call's number.

        Columns `arrival`, `call_type`, `answered_at`, `ended_at`, `hung_up_at`, `blocked`, `agent`, `wait`; where callers may call again,
        be passed on or be called back, also `reason`, `follows`, `attempt`, `called_back`, `unreached` (`ccsim.engine.call_log.calls_of`).
        Times are seconds after the midnight that begins the path, NaN for what did not happen; a blocked call has no wait. Agents are named
        by group and number in it. First calls are numbered in order of arrival, redials, repeats and transfers after all of them. The path
        is drawn and played again. Raises `InputError` for a replication that was not played.
        """
        if isinstance(replication, bool) or not isinstance(replication, (int, np.integer)) or not 0 <= replication < self.replications:
            raise InputError(f"there is no replication {shown(replication)}: they are numbered 0 to {self.replications - 1}")
        bench = Workshop(self.scenario, self.seed, self.engine, first_calls=self._first_calls).bench()
        day = bench.draw(int(replication))
        return calls_of(bench.floor, day, bench.play(day), self._yardstick.types, self._agent_names(bench.floor.agent_team))

    def _agent_names(self, agent_team: Ints) -> list[str]:
        names = (*self._yardstick.groups, *self._yardstick.pools)
        seen = dict.fromkeys(range(len(names)), 0)
        listed = []
        for team in agent_team.tolist():
            seen[team] += 1
            listed.append(f"{names[team]} {seen[team]}")
        return listed

    @cached_property
    def _required(self) -> Floats | None:
        """Agents required in each measured interval [M]; None where nobody says."""
        needed = self._needed() if callable(self._needed) else self._needed
        return None if needed is None else needed[self._yardstick.first_interval :]

    @property
    def measured(self) -> Ints:
        """Places of the intervals that are told among those of the path: all after the warm-up, and of batches those from the first on."""
        return np.arange(self._yardstick.first_interval, len(self.scenario.horizon.interval_start))

    def _starts(self) -> list[float]:
        """When each measured interval begins [s]."""
        starts: list[float] = self.scenario.horizon.interval_start[self.measured].tolist()
        return starts

    def _unit(self, unit: str) -> str:
        cost = self.scenario.cost
        return unit.replace("money", cost.currency) if unit == MONEY and cost and cost.currency else unit

    def _least(self, scope: Scope) -> tuple[int, ...]:
        """The fewest replications of which each control of a scope is used; empty where it has none."""
        return self._controls.least if self._controls is not None and scope in ("run", "call_types") else ()

    def _rows(self, scope: Scope, count: int) -> list[Row]:
        """The measures of each unit of a scope, percentiles included, in the order in which they are shown."""
        moments = self._totals.moments[scope]
        found: dict[str, list[Cell]] = {}
        listed = names(scope, self._yardstick.features)
        for measure in of_scope(scope):
            if measure.name not in listed or (self.batches is not None and measure.name in self.batches.without):
                continue
            estimate = ratio(measure, scope, moments, measure.name in self._yardstick.never, self._least(scope))
            found[measure.name] = cells(estimate, self._unit(measure.unit))
        if scope in ("run", "call_types"):
            by_unit = [self._percentiles(scope, number) for number in range(count)]
            found.update({name: [unit[place] for unit in by_unit] for place, name in enumerate(PERCENTILES)})
        return [{name: found[name][unit] for name in listed if name in found} for unit in range(count)]

    def _percentiles(self, scope: Scope, number: int) -> list[Cell]:
        waits = self._totals.waits
        which = list(self._yardstick.callers) if scope == "run" else [number]
        seen = waits[:, which[0]] if len(which) == 1 else waits[:, which].sum(axis=1)
        return [cells(estimate, SECONDS)[0] for estimate in percentiles(seen, PERCENTILES.values(), self._totals.count)]

    @cached_property
    def _run(self) -> Row:
        row = self._rows("run", 1)[0]
        if self.scenario.cost is None and all(pool.pay is None for pool in self.scenario.contingent.values()):
            del row["cost"]
        if self._controls is None and self.batches is None and "target_met" in row:
            # of days by themselves the risk tells the same the other way round, and the better: one fact, one interval
            missed = next((found for daily, found in self._risk.chances().items() if daily.name == TARGET_MISSED), None)
            if missed is not None and abs(row["target_met"].mean - (1.0 - missed.figure)) < 1e-9:
                row["target_met"] = _kept(Cell(missed.figure, missed.low, missed.high, SHARE))
        return row

    @cached_property
    def _call_types(self) -> dict[str, Row]:
        return dict(zip(self._yardstick.types, self._rows("call_types", len(self._yardstick.types)), strict=True))

    @cached_property
    def _groups(self) -> dict[str, Row]:
        return dict(zip(self._yardstick.groups, self._rows("groups", len(self._yardstick.groups)), strict=True))

    @cached_property
    def _contingent(self) -> dict[str, Row]:
        pools = dict(zip(self._yardstick.pools, self._rows("contingent", len(self._yardstick.pools)), strict=True))
        for name, pool in self.scenario.contingent.items():
            if pool.pay is None:
                del pools[name]["cost"]
        return pools

    @property
    def shrinkage(self) -> pd.DataFrame | None:
        """The waterfall from the paid hours on the roster to those on the queue; None where nobody is on shifts.

        One row an entry, indexed by group ("" for the whole roster) and entry: scheduled, on_queue, unpaid_breaks_worked, overtime, each
        step by its name, and the totals. Columns are hours a day and share of the scheduled hours, each with `_low` and `_high` (95 %).
        """
        import pandas as pd

        if self._shrinkage is None:
            return None
        blocks = {"": self._shrinkage.whole, **self._shrinkage.groups}
        rows = [(name, entry, *told.hours[:3], *told.share[:3]) for name, block in blocks.items() for entry, told in block.listed()]
        heads = [f"{name}{end}" for name in ("hours", "share") for end in ("", "_low", "_high")]
        return pd.DataFrame.from_records(rows, columns=["group", "entry", *heads]).set_index(["group", "entry"])

    @cached_property
    def _shrinkage(self) -> Account | None:
        """The waterfall; None where nobody is on shifts."""
        moments, waterfall = self._totals.moments.get("shrinkage"), self._yardstick.waterfall
        if moments is None or waterfall is None:
            return None
        hours, share = (cells(ratio(measure, "shrinkage", moments), measure.unit) for measure in of_scope("shrinkage"))
        size = waterfall.entries
        starts = range(0, len(hours), size)
        whole, *groups = (Block.of(waterfall, hours[start : start + size], share[start : start + size]) for start in starts)
        return Account(whole, {self._yardstick.groups[number]: block for number, block in zip(waterfall.groups, groups, strict=True)})

    @cached_property
    def _intervals(self) -> list[Row]:
        count = len(self._yardstick.seconds)
        rows = self._rows("intervals", count)
        pools = self._rows("pool_intervals", count * len(self._yardstick.pools))
        for number, pool in enumerate(self._yardstick.pools):
            for place, row in enumerate(rows):
                row[f"agents_on/{pool}"] = pools[number * count + place]["agents_on"]
        if not self._yardstick.pools:
            for row in rows:
                del row["agents_on"]
        for row, missed in zip(rows, self._chances_to_miss(), strict=True):
            row["target_missed"] = missed
            row["target_met"] = _kept(missed)
        if self._required is not None:
            lows, highs = staffing_band(self._totals.staffing)
            for row, needed, low, high in zip(rows, self._required.tolist(), lows.tolist(), highs.tolist(), strict=True):
                row["required_agents"] = Cell(needed, needed, needed, AGENTS)
                mean = row["agents_on_duty"].mean
                # The band is rounded to quarters of an agent, the mean is not.
                row["net_staffing"] = Cell(mean - needed, min(low, mean) - needed, max(high, mean) - needed, AGENTS)
        return rows

    def _chances_to_miss(self) -> list[Cell]:
        """For each interval the chance that a day misses the target there."""
        moments = self._totals.moments["intervals"]
        sums = moments.mean * moments.count  # of days counted: whole numbers, but for the last bit
        met, judged = (np.rint(sums[:, COLUMNS["intervals"].index(name)]) for name in ("met", "judged"))
        low, high = clopper_pearson(judged - met, judged)
        missed = np.where(judged > 0.0, (judged - met) / np.maximum(judged, 1.0), np.nan)
        # One day tells nothing of luck.
        return cells(Estimate(missed, *(np.where(judged > 1.0, end, np.nan) for end in (low, high))), SHARE)


def _kept(missed: Cell) -> Cell:
    """The chance that a target is met, from that of a miss."""
    return Cell(1.0 - missed.mean, 1.0 - missed.high, 1.0 - missed.low, missed.unit)


def _frame(row: Row) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame.from_records(list(row.values()), columns=list(Cell._fields), index=pd.Index(list(row), name="measure"))
