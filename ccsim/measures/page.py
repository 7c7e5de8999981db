"""The reference page of the measures, drawn from their definitions: `python -m ccsim.measures.page docs/reference/measures.md`."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Mapping

from ccsim.measures.definitions import PERCENTILES, Measure, Scope, label, of_scope
from ccsim.units import HOUR

_HEAD = """# What a run prints

<!-- Written by `python -m ccsim.measures.page`; change ccsim/measures/ instead. -->

`ccsim run FILE --json` prints one object, and `Result.to_dict()` gives it. A measure is an entry `{"mean": x, "low": x, "high": x,
"unit": "s"}`; `low` and `high` are the 95 % interval of the mean, and null after a single path. What is not known (a wait where nobody
called) is null. Shares are fractions, waits seconds, counts, hours and money a calendar day of the path.

The interval of a share of calls or days that was 0, or 1, on every path reaches as far as the rule of three says: 1 − 0.05^(1/n) on n
paths, or n calls where these are fewer (Hanley & Lippman-Hand 1983). It bounds how many days may be otherwise, since calls of one day
hang together; it does not shrink with the number of calls, and tables say *every day* in its place.

| key | what it holds |
|---|---|
| `ccsim`, `scenario`, `seed`, `replications`, `engine` | version, title, and how it was played |
| `interrupted` | true where the run was ended early; else left out |
| `measures` | measures of the whole run, warm-up left out |
| `call_types`, `groups`, `contingent` | measures by name of the call type, group of `staff`, pool |
| `first_calls` | where `volume_counts: offered` is used: of each such type the calls a day `offered`, and the `first` calls among them |
| `shrinkage` | the waterfall of paid hours, below; left out where nobody is on shifts |
| `risk` | how bad a bad day is, and the chance to miss the target: [risk](risk.md) |
| `batches` | with `--batches`: how the one path was cut, and whether the batches hang together: [risk](risk.md) |
| `intervals` | a row for each interval: `start` by the clock (with its offset from Greenwich where clocks show it twice), and measures |

Ratios are pooled over the paths, sum over sum. What a column adds up is said below the tables. Calls count in the interval in which they
arrived, and time in the interval of the clock. A later call (a redial, repeat or transfer) that comes while the centre is closed counts
in the interval begun last.

Measures marked *only with* are left out where the scenario has nothing of the kind. Where there is work (`channel: work`) beside calls
and chats, the counts, waits, service levels and targets of the run and of its intervals are those of the callers alone; the work stands
among the call types, and is judged by a `target` of its own or not at all. Work waits by the clock from when it came in until it is taken
up, also at night where a path has several days. What is left when the path is over, work or callers, is `unsettled`: it is offered, so
that it counts against every service level but that of the answered, and it is in none of the waits nor in `over_threshold`. Time on
duty, handling and occupancy are of everything. An agent with several chats in hand is handling for as long as there is one.
"""
_SCOPES: tuple[tuple[str, Scope, str], ...] = (
    ("The run", "run", "Key `measures`."),
    ("Call types", "call_types", "Key `call_types`. A redial, repeat or transfer belongs to the type that it calls."),
    ("Groups", "groups", "Key `groups`."),
    ("Contingents", "contingent", "Key `contingent`."),
    (
        "Intervals",
        "intervals",
        "Key `intervals`. `agents_on_duty` holds the contingents, `agents_on` they alone, `agents_on/POOL` one pool. Where the agents "
        "required are known there are also `required_agents` and `net_staffing` (on duty less required), whose band is where 95 % of the "
        "days lie; and `ccsim run` puts the formula's answer beside them, `erlang_c`.",
    ),
)
_WITH = {
    "later": "redials, repeats, transfers or outages", "redials": "`redial`", "repeats": "`repeat`", "transfers": "`transfer`",
    "told": "`call_again`", "call_backs": "`callback`", "work": "`channel: work`",
}  # fmt: skip
_COLUMNS = """
## The columns

`offered` calls that arrived, later calls among them; of them `answered`, `abandoned` (hung up, or called back in vain), `blocked` (found
every line taken, or were turned away in an outage) and `unsettled` (still waiting when the path was over). `within`: answered no later
than the target wait; `over`: answered or abandoned after it; `short`: abandoned within `short_abandon`, those who balk
among them unless they listened to a longer announcement first.
`wait_answered`, `wait_abandoned`: their waits added up, from arrival; for a call-back until an agent speaks to the caller, or the ringing
in vain began. `longest`: the longest wait of each day.

`first`, `redials`, `repeats`, `transfers`, `told` (who was told to call again) make up `offered`. `lost`: chains of attempts that ended
without an answer, counted where and when they began; a chain is a first call, a repeat or a transfer with the redials that follow it. Who
was still waiting at the end of the path is not lost. `call_backs`: offers accepted; `unreached`: called back in vain. `never_came`: later
calls that were due while the centre was closed, or after the path; of the whole path, in proportion to its measured days. `work`,
`work_done`, `work_undone`: contacts of work that came in, that were answered, and that were unsettled.

`met`, `judged`: intervals or days in which the target held, and those with calls. Of a call type that is its own target, or else the
common one. Of the run it is all that are in force: the common target for the callers together whose types have none of their own, and
each own target for its type; by day where all of these are `per: day`, else by interval.

`handling`, `on_duty`, `scheduled`: agent-seconds inside the open hours, the last with everyone present, people whose employment has
ended among them, and breaks taken out; ringing a call-back in vain is handling. `open`: seconds of the open hours. `overtime`: seconds
past the end of shifts. `units`: calendar days; 1 for an interval.

## The waterfall of shrinkage

Key `shrinkage`: from the paid hours on the roster to the hours on the queue, of the whole roster and, under `groups`, of each group of
people on shifts. Positions by interval have no shifts and no part in it.

| entry | what it is |
|---|---|
| `scheduled` | paid hours a day of the shifts that begin on measured days, everyone present, unpaid breaks taken out |
| `steps` | a list: `name`, `kind`, `planned` (true or false), `office` ("in" or "out"), `hours` a day, `share` of `scheduled` |
| `unpaid_breaks_worked` | unpaid breaks as rostered less as taken: one that the end of the shift cuts short is time on the queue |
| `on_queue` | hours on duty inside the shifts: `scheduled` + `unpaid_breaks_worked` − all `steps`, to the last second |
| `overtime` | hours past the end of shifts, beside all of these |
| `employments_ended` | with `ends_after`: `people` a path who are gone with shifts to come; `hours` a day of these, beside `scheduled` |
| `shares_added` | the shares of all steps added, with its interval |
| `shares_multiplied` | what they would come to if each were taken of what the ones before left: 1 − (1 − s₁)(1 − s₂)... |
| `planned_share`, `unplanned_share`, `in_office_share`, `out_of_office_share` | the shares of the steps of each heading |

The steps are the categories of `shrinkage` (kinds planned, absence, late, early, in-shift), out of the office first; then `paid breaks`
(kind `breaks`), `breaks that run over` (`overrun`) and `gaps` (what `adherence` loses). Somebody away all day loses the paid hours of the
shift to one category. Of a shift that is worked, the gaps between stretches on duty are shared out to the breaks, pieces of coaching and
small gaps that fell due, in that order; what is missing at its start or end belongs to the category that made the person late or leave
early. Somebody away without pay counts as away all the same: shares are of the hours scheduled. Shifts after the end of an
employment (`ends_after`) are neither paid nor scheduled.

## The calls of one path

`Result.calls(replication)` is a DataFrame with a row for each call, in order of arrival: `arrival`, `call_type`, `answered_at`,
`ended_at`, `hung_up_at`, `blocked`, `agent`, `wait`. Where callers may call again, be passed on or be called back there are also `reason`
(first, redial, repeat, transfer, told to call again), `follows` (number of the call it came of), `attempt` (how many calls of the caller
came before), `called_back` (accepted a call-back) and `unreached` (called back in vain).
"""


def measures_page() -> str:
    """The reference page of the measures, in Markdown."""
    parts = [_HEAD]
    for heading, scope, remark in _SCOPES:
        parts.append(f"\n## {heading}\n\n{remark}\n\n| measure | meaning | unit | how |\n|---|---|---|---|\n")
        for measure in of_scope(scope):
            parts.append(_row(measure))
            if measure.name == "average_speed_of_answer" and scope in ("run", "call_types"):
                fine = "to 0.1 s (to 1 s beyond 3 h, to 100 s beyond 30 h), all days together"
                parts += [f"| `{name}` | {label(name)} | s | {fine} |\n" for name in PERCENTILES]
    parts.append(_COLUMNS)
    return "".join(parts)


def _row(measure: Measure) -> str:
    needed = "`cost` or `pay`" if measure.name == "cost" else None if measure.needs is None else _WITH[measure.needs]
    only = "" if needed is None else f". *Only with {needed}*"
    return f"| `{measure.name}` | {measure.label}{only} | {measure.unit} | {_sum(measure.over)} ÷ {_sum(measure.under)} |\n"


def _sum(weights: Mapping[str, float]) -> str:
    """A linear combination as text.

    >>> _sum({"offered": 1.0, "short": -1.0})
    '(`offered` − `short`)'
    """
    terms: list[str] = []
    for name, weight in weights.items():
        sign = "−" if weight < 0 else "+"
        size = abs(weight)
        term = f"`{name}`" if size == 1.0 else f"`{name}` / 3600" if size == 1.0 / HOUR else f"{size:g} `{name}`"
        terms += [sign, term] if terms or weight < 0 else [term]
    text = " ".join(terms)
    return f"({text})" if len(terms) > 1 else text


def main(arguments: list[str]) -> None:
    """Write the page to the file named."""
    pathlib.Path(arguments[0]).write_text(measures_page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
