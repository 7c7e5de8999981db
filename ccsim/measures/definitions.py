"""Every measure that a run reports, each defined once.

A measure is a ratio of two sums: `over` and `under` name columns that are read off each played path (`ccsim.measures.reading`), with
their weights. Over many paths it is pooled, sum over sum, never a mean of ratios, and has one interval by one mechanism
(`ccsim.experiment.estimates`). Counts, hours and money are ratios too: their `under` is the number of calendar days, which is the same
on every path.
A ratio whose `under` is 0 on every path is not known: null in JSON, NaN in tables.

The columns, summed over what is measured of one path (after the warm-up), for the run, a call type, a group, a pool, an interval, or a
pool in an interval:

    offered, answered, abandoned, blocked, unsettled    calls that arrived, and what became of them; a call-back in vain is abandoned
    within, over       calls answered within the threshold; calls answered or hung up beyond it
    short              calls that hung up after no longer than `short_abandon` (those who balk hung up after 0 s)
    first, redials, repeats, transfers, told            calls offered, by what they came of: nothing before, a hang-up or busy signal, an
                       answer, a call passed on, having been told to call again in an outage. Each counts for the type that it calls
    lost               chains of attempts (a first call, repeat or transfer, then redials) that ended without an answer, where and when
                       they began
    call_backs, unreached                               offers of a call-back accepted; call-backs in vain
    never_came         later calls due while the centre was closed or after the path: of the whole path, in proportion to its measured days
    work, work_done, work_undone                        contacts of `channel: work` that came in, that were answered, that were unsettled
    wait_answered, wait_abandoned                       their waits added up [s]
    longest, days_with_waits                            longest wait of each day added up [s]; days on which a call was answered or hung up
    met, judged        units (intervals or days, `ccsim.measures.targets`) in which the target held; those with calls
    handling, on_duty, open                             seconds by the clock, inside the open hours
    contingent_on      `on_duty` of the contingents alone [s]; `on_duty` holds them too
    scheduled          agent-seconds on the roster with everyone present, breaks taken out
    overtime           seconds past the end of shifts
    paid, cost         contingents' paid seconds; money. Who said yes and was not used, being called off or having a log-in that lapsed, is
                       paid `called_off`
    activations, days_used, first                       of a pool: its activations; days that have one; seconds of the day's first after
                       the midnight of the day on which the centre opened, added up: past 86400 where it came after midnight
    lost, scheduled    of scope "shrinkage": seconds that a step of the waterfall takes; paid seconds on the roster
    units              calendar days of the path; 1 for an interval

Where there is work (e-mail, calls to make) beside calls and chats, the traffic of the run and its intervals is that of the callers alone:
an e-mail that waits for four hours must not spoil the wait of calls. Work has its entry among the call types, and its aim is its own
`target`. Time is of everything: handling, occupancy and agents on duty hold work too. Where there is nothing but work, the run's
traffic is the work's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Scope = Literal["run", "call_types", "groups", "contingent", "intervals", "pool_intervals", "shrinkage"]
# What a scenario may have, beyond first calls that wait for agents; its own measures are shown only where it does
Feature = Literal["later", "redials", "repeats", "transfers", "told", "call_backs", "work"]

_TRAFFIC = (
    "offered", "answered", "abandoned", "blocked", "unsettled", "within", "over", "short", "wait_answered", "wait_abandoned",
    "longest", "days_with_waits", "met", "judged", "units",
)  # fmt: skip
_LATER = ("first", "redials", "repeats", "transfers", "told", "lost", "call_backs", "unreached")
COLUMNS: Final[Mapping[Scope, tuple[str, ...]]] = {
    "run": (*_TRAFFIC, "handling", "on_duty", "overtime", "cost", *_LATER, "never_came", "work", "work_done", "work_undone"),
    "call_types": (*_TRAFFIC, *_LATER),
    "groups": ("answered", "handling", "on_duty", "open", "scheduled", "overtime", "units"),
    "contingent": ("answered", "handling", "on_duty", "open", "activations", "paid", "days_used", "first", "cost", "units"),
    "intervals": (*_TRAFFIC, "handling", "on_duty", "open", "scheduled", "contingent_on"),
    "pool_intervals": ("on_duty", "open"),
    "shrinkage": ("lost", "scheduled", "units"),
}

# Units as they stand in the JSON. A share is a fraction from 0 to 1; a clock is a time of day; money stands for the scenario's currency.
CALLS, PER_CALLER, SECONDS, SHARE, HOURS, AGENTS, TIMES, CLOCK, MONEY = (
    "calls a day", "calls a caller", "s", "share", "hours a day", "agents", "times a day", "clock", "money a day",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: `over` divided by `under`, both sums of columns with weights."""

    name: str
    label: str
    unit: str
    over: Mapping[str, float]
    under: Mapping[str, float]
    scopes: tuple[Scope, ...]
    counted: bool = False  # a share of things counted (calls, days): at exactly 0 or 1 its interval still has a width
    needs: Feature | None = None  # shown only where the scenario has it

    def __post_init__(self) -> None:
        for scope in self.scopes:
            missing = (set(self.over) | set(self.under)) - set(COLUMNS[scope])
            assert not missing, f"{self.name} needs {missing} of {scope}"


def _each(name: str, weight: float = 1.0) -> dict[str, float]:
    return {name: weight}


_A_DAY = _each("units")
_EVERYWHERE: tuple[Scope, ...] = ("run", "call_types", "intervals")
_HOUR = 1.0 / 3600.0


def _count(name: str, label: str, scopes: tuple[Scope, ...] = _EVERYWHERE) -> Measure:
    return Measure(name, label, CALLS, _each(name), _A_DAY, scopes)


def _part(name: str, label: str, column: str, needs: Feature, scopes: tuple[Scope, ...] = ("run", "call_types")) -> Measure:
    """A count of calls of one kind, only where there are any of the kind."""
    return Measure(name, label, CALLS, _each(column), _A_DAY, scopes, needs=needs)


def _share(
    name: str, label: str, over: Mapping[str, float], under: Mapping[str, float], scopes: tuple[Scope, ...] = _EVERYWHERE
) -> Measure:
    return Measure(name, label, SHARE, over, under, scopes, counted=True)


MEASURES: Final[tuple[Measure, ...]] = (
    _count("offered", "calls offered"),
    _count("answered", "calls answered", (*_EVERYWHERE, "groups", "contingent")),
    _count("abandoned", "calls that hung up"),
    _count("blocked", "calls that met a busy signal"),
    _count("unsettled", "calls still waiting when the path was over"),
    _part("first_calls", "first calls", "first", "later"),
    _part("redials", "redials after a hang-up or busy signal", "redials", "redials"),
    _part("repeats", "repeats by answered callers", "repeats", "repeats"),
    _part("transfers", "calls passed on", "transfers", "transfers"),
    _part("told_to_call_again", "calls of those told to call again", "told", "told"),
    _part("never_came", "later calls that never came, the centre being closed", "never_came", "later", ("run",)),
    _part("call_backs", "call-backs accepted", "call_backs", "call_backs"),
    _part("call_backs_unreached", "call-backs in vain", "unreached", "call_backs"),
    _part("work_offered", "work that came in", "work", "work", ("run",)),
    _part("work_done", "work done", "work_done", "work", ("run",)),
    _part("work_undone", "work left undone when the path was over", "work_undone", "work", ("run",)),
    Measure("attempts_per_caller", "attempts a caller", PER_CALLER, {"first": 1.0, "redials": 1.0}, _each("first"), ("run", "call_types")),
    Measure("mean_wait", "mean wait, answered and hung up", SECONDS, {"wait_answered": 1.0, "wait_abandoned": 1.0},
            {"answered": 1.0, "abandoned": 1.0}, _EVERYWHERE),
    Measure("average_speed_of_answer", "mean wait of those answered", SECONDS, _each("wait_answered"), _each("answered"), _EVERYWHERE),
    Measure("wait_max", "longest wait of the day", SECONDS, _each("longest"), _each("days_with_waits"), _EVERYWHERE),
    _share("over_threshold", "waited beyond the threshold, of all offered", _each("over"), _each("offered")),
    _share("service_level_offered", "answered within the threshold, of all offered", _each("within"), _each("offered")),
    _share("service_level_answered", "answered within the threshold, of all answered", _each("within"), _each("answered")),
    _share("service_level_excluding_short_abandons", "answered within the threshold, of all offered but short hang-ups",
           _each("within"), {"offered": 1.0, "short": -1.0}),
    _share("service_level_counting_short_abandons", "answered within the threshold or hung up early, of all offered",
           {"within": 1.0, "short": 1.0}, _each("offered")),
    _share("abandoned_fraction", "hung up, of all offered", _each("abandoned"), _each("offered")),
    _share("abandoned_fraction_excluding_short", "hung up, short hang-ups left out", {"abandoned": 1.0, "short": -1.0},
           {"offered": 1.0, "short": -1.0}),
    _share("blocked_fraction", "busy signal, of all offered", _each("blocked"), _each("offered")),
    Measure("lost_fraction", "lost: never answered, however often they called", SHARE, _each("lost"),
            {"first": 1.0, "repeats": 1.0, "transfers": 1.0}, ("run", "call_types"), counted=True, needs="later"),
    Measure("occupancy", "on calls, of the time on duty", SHARE, _each("handling"), _each("on_duty"),
            ("run", "groups", "contingent", "intervals")),
    Measure("overtime_hours", "overtime", HOURS, _each("overtime", _HOUR), _A_DAY, ("run", "groups")),
    _share("target_met", "target held", _each("met"), _each("judged")),
    Measure("cost", "cost", MONEY, _each("cost"), _A_DAY, ("run", "contingent")),
    Measure("agents_scheduled", "agents scheduled", AGENTS, _each("scheduled"), _each("open"), ("groups", "intervals")),
    Measure("agents_on_duty", "agents on duty", AGENTS, _each("on_duty"), _each("open"), ("groups", "intervals")),
    Measure("activations", "activations", TIMES, _each("activations"), _A_DAY, ("contingent",)),
    Measure("agents_on", "contingents on duty", AGENTS, _each("on_duty"), _each("open"), ("contingent", "pool_intervals")),
    Measure("agents_on", "contingents on duty", AGENTS, _each("contingent_on"), _each("open"), ("intervals",)),
    Measure("hours_paid", "contingents' paid hours", HOURS, _each("paid", _HOUR), _A_DAY, ("contingent",)),
    _share("share_of_days_used", "days on which the pool was called", _each("days_used"), _A_DAY, ("contingent",)),
    Measure("first_activation", "first activation, on days that have one", CLOCK, _each("first"), _each("days_used"), ("contingent",)),
    # Of each entry of the waterfall (`ccsim.measures.shrinkage`)
    Measure("hours", "paid hours", HOURS, _each("lost", _HOUR), _A_DAY, ("shrinkage",)),
    Measure("share", "share of the scheduled hours", SHARE, _each("lost"), _each("scheduled"), ("shrinkage",)),
)  # fmt: skip

# Percentiles of the waits of all calls answered or hung up, all days together; of the run and of each call type.
PERCENTILES: Final[Mapping[str, float]] = {"wait_p50": 0.50, "wait_p90": 0.90, "wait_p95": 0.95, "wait_p99": 0.99}
_AFTER = "average_speed_of_answer"  # the percentiles stand behind it


def of_scope(scope: Scope) -> tuple[Measure, ...]:
    """The measures that a scope carries, in the order in which they are shown; the percentiles of waits are not among them."""
    return tuple(measure for measure in MEASURES if scope in measure.scopes)


def names(scope: Scope, features: Collection[Feature] = ()) -> tuple[str, ...]:
    """Names of the measures that a scope carries in a scenario with these features, percentiles included, in the order of showing.

    >>> names("run")[7:10]
    ('average_speed_of_answer', 'wait_p50', 'wait_p90')
    >>> names("run", ["later", "redials"])[5:8]
    ('first_calls', 'redials', 'never_came')
    """
    listed: list[str] = []
    for measure in of_scope(scope):
        if measure.needs is None or measure.needs in features:
            listed.append(measure.name)
        if measure.name == _AFTER and scope in ("run", "call_types"):
            listed += PERCENTILES
    return tuple(listed)


def label(name: str) -> str:
    """What a measure is called before people.

    >>> label("wait_p90")
    'wait that 90 % stay within'
    """
    if name in PERCENTILES:
        return f"wait that {PERCENTILES[name]:.0%} stay within".replace("%", " %")
    return {measure.name: measure.label for measure in MEASURES}[name]


def target_measure(variant: str) -> str:
    """Name of the service level that a target's variant names."""
    return f"service_level_{variant}"
