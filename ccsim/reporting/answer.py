"""What a run says in sentences: the answer first, then what was demanded, what was left undone, and what `required` leaves out."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from ccsim.engine.duty import never_closes
from ccsim.errors import InputError
from ccsim.reporting.terms import answered_words, only_work, work_of
from ccsim.reporting.wording import (
    EVERY_DAY,
    clock,
    count,
    duration,
    every_day,
    half_width,
    number_of,
    percent,
    plain_percent,
    target_words,
    value,
    within_words,
)
from ccsim.staffing.left_out import left_out_words
from ccsim.staffing.requirement import requirement

if TYPE_CHECKING:
    from ccsim.experiment.result import Result
    from ccsim.inputs import Scenario, Target

_MOST_WEAK = 3  # call types named in a sentence


def answer(result: Result) -> list[str]:
    """Return the answer of a run in a few sentences: what callers met with, whether the target held, and which call types it hides."""
    scenario, document = result.scenario, result.to_dict()
    measures, rows, target = document["measures"], document["intervals"], scenario.target
    name = f"service_level_{target.variant}"
    level, work = measures[name], only_work(scenario)
    if number_of(level) is None:
        return ["No work came in." if work else "No calls came in."]
    always = every_day(level, name)
    around = "" if always else half_width(level, name)
    first = f"{value(level)}{around} {answered_words(scenario, target.variant)} {within_words(scenario)}"
    first += f" on {EVERY_DAY}" if always else ""
    hung_up, blocked = measures.get("abandoned_fraction"), measures.get("blocked_fraction")
    first += f"; {value(hung_up)} hung up" if number_of(hung_up) is not None and not work else ""
    first += f"; {value(blocked)} found all lines taken" if number_of(blocked) else ""
    who = "What was done had waited" if work else "Callers waited"
    sentences = [f"{first}. {who} {value(measures['mean_wait'])} on average."]
    judged = [(meets(row, target), row) for row in rows] if common_in_force(scenario) else []
    known = [(met, row) for met, row in judged if met is not None]
    return sentences + _target_sentences(scenario, known, measures.get("target_met")) + weak_words(result)


def weak_words(result: Result) -> list[str]:
    """A sentence on the call types that are below the target for certain where all callers together are not, or have a target of their own.

    For certain: the whole 95 % interval of the type's service level is below. None where there is but one type.
    """
    scenario, document = result.scenario, result.to_dict()
    whole, common = number_of(document["measures"].get(f"service_level_{scenario.target.variant}")), scenario.target
    hidden = common.share is not None and whole is not None and whole >= common.share
    weak: list[tuple[float, str]] = []
    for name, call in scenario.calls.items() if len(scenario.calls) > 1 else ():
        target = scenario.target_of(name)
        measure = f"service_level_{target.variant}"
        found = document["call_types"].get(name, {}).get(measure)
        if target.share is None or not (hidden or call.target is not None) or not _below(found, target.share):
            continue
        around = "" if every_day(found, measure) else half_width(found, measure)
        asked = "" if target.share == common.share else f", where {plain_percent(target.share)} is asked for"
        weak.append((found["mean"] - target.share, f"{name} with {value(found)}{around} within {duration(target.wait)}{asked}"))
    if not weak:
        return []
    shown = [words for _, words in sorted(weak)[:_MOST_WEAK]]
    more = [f"{len(weak) - len(shown)} more"] if len(weak) > len(shown) else []
    if len(weak) == 1:
        return [f"One call type misses the target, taken by itself: {shown[0]}."]
    return [f"{len(weak)} call types miss the target, taken by themselves: {'; '.join([*shown, *more])}."]


def _below(found: dict[str, Any] | None, share: float) -> bool:
    """Whether a service level is known, with its whole interval below a share."""
    return found is not None and found["mean"] is not None and found["high"] is not None and bool(found["high"] < share)


def called_words(result: Result) -> list[str]:
    """For each pool of contingents a sentence on what it comes to: how often it is called, and its paid hours and cost a day."""
    said = []
    for pool, entry in result.to_dict()["contingent"].items():
        used = entry.get("share_of_days_used")
        if number_of(used) is None:
            continue
        if number_of(used) == 0.0:
            said.append(f"Contingents ({pool}): called on none of the days played.")
            continue
        parts = [f"called on {value(used)}{half_width(used, 'share_of_days_used')} of days"]
        for name, words in (("hours_paid", "paid hours a day"), ("cost", "")):
            told = entry.get(name)
            if told is not None and number_of(told) is not None:
                parts.append(f"{value(told)}{half_width(told, name)} {words or told['unit']}")
        said.append(f"Contingents ({pool}): {', '.join(parts)}{', days without a call counted in' if len(parts) > 1 else ''}.")
    return said


def meets(row: dict[str, Any], target: Target) -> bool | None:
    """Whether the measures of an interval, over all days played together, meet the target; None without calls."""
    checks = []
    if target.share is not None:
        level = number_of(row.get(f"service_level_{target.variant}"))
        checks.append(None if level is None else level >= target.share)
    for name in ("average_speed_of_answer", "abandoned_fraction", "occupancy"):
        ceiling, found = getattr(target, name), number_of(row.get(name))
        if ceiling is not None:
            checks.append(None if found is None else found <= ceiling)
    if not number_of(row.get("offered")) or all(check is None for check in checks):
        return None
    return all(check is not False for check in checks)


def in_force(scenario: Scenario) -> list[tuple[Target, list[str], bool]]:
    """The targets that the whole is judged by (as `ccsim.measures.targets` judges): each with its types, and whether as one of several.

    The common target is for all callers together who have none of their own; an own target is for each type by itself.
    """
    callers = [name for name, call in scenario.calls.items() if call.channel != "work"] or list(scenario.calls)
    rest = [name for name in callers if scenario.calls[name].target is None]
    found: list[tuple[Target, list[str], bool]] = [(scenario.target, rest, False)] if rest else []
    for name, call in scenario.calls.items():
        if call.target is not None:
            alike = next((names for target, names, own in found if own and target == call.target), None)
            if alike is None:
                found.append((call.target, [name], True))
            else:
                alike.append(name)
    return found


def common_in_force(scenario: Scenario) -> bool:
    """Whether the common target is demanded of anybody: not where all callers have targets of their own."""
    return not all(own for _, _, own in in_force(scenario))


def demand_words(scenario: Scenario, among: Collection[str] | None = None) -> str:
    """What is demanded, as a noun: the common target, or those of all types, or of those `among`, where any has one of its own."""
    all_types = [(target, [name for name in names if among is None or name in among], own) for target, names, own in in_force(scenario)]
    demanded = [(target, names, own) for target, names, own in all_types if names]
    if not any(own for _, _, own in demanded):
        return target_words(scenario.target)
    mixed = len({target.per for target, _, _ in demanded}) > 1
    said = []
    for target, names, own in demanded:
        whom = f" for {'each of ' if own and len(names) > 1 else ''}{listed(names)}{'' if own or len(names) == 1 else ' together'}"
        said.append(f"{target_words(target)}{whom}{f' by {target.per}' if mixed else ''}")
    return "; ".join(said)


def heading_words(scenario: Scenario, among: Collection[str] | None = None) -> str:
    """What is demanded, for a heading: `demand_words`, and whether it is by day.

    >>> from ccsim.inputs import loads
    >>> calls = "calls: {a: {volume: 100, handle_time: 180 s, patience: {mean: 5 min}}}"
    >>> heading_words(loads("date: 2027-04-12\\nopen: 08:00-12:00\\ntarget: {wait: 30 s, share: 80 %, per: day}\\n" + calls))
    '80 % within 30 s, by day'
    """
    several = len({target.model_dump_json() for target, _, _ in in_force(scenario)}) > 1
    return demand_words(scenario, among) + (f",{' all' if several else ''} by day" if per_words(scenario) == "day" else "")


def common_words(scenario: Scenario) -> str:
    """The common target as all callers together are held against it: each type at the wait of its own target."""
    target = scenario.target
    return target_words(target).replace(f" within {duration(target.wait)}", f" {within_words(scenario)}")


def per_words(scenario: Scenario) -> str:
    """What the target is judged over: by day where all that is demanded is, else by interval."""
    return "day" if all(target.per == "day" for target, _, _ in in_force(scenario)) else "interval"


def _target_sentences(scenario: Scenario, judged: Sequence[tuple[bool | None, dict[str, Any]]], target_met: Any) -> list[str]:
    """In how many intervals the target was met, all days together, and on how many days or intervals of single days it held."""
    several = any(own for _, _, own in in_force(scenario))
    what = "days" if per_words(scenario) == "day" else "intervals of single days"
    held = "" if number_of(target_met) is None else f"held on {value(target_met)} of {what}"
    taken = ""
    if judged:
        taken = f"in {sum(bool(good) for good, _ in judged)} of {len(judged)} intervals, all days taken together"
        taken += _worst_words(scenario, judged)
    if not several:
        parts = [f"met {taken}" if taken else "", f"it {held}" if held else ""]
        said = "; ".join(part for part in parts if part)
        return [f"Target {target_words(scenario.target)}: {said}."] if said else []
    sentences = [f"Targets {demand_words(scenario)}" + (f": all of them {held}." if held else ".")]
    if taken:
        sentences.append(f"All {'work' if only_work(scenario) else 'callers'} together met {common_words(scenario)} {taken}.")
    return sentences


def _worst_words(scenario: Scenario, judged: Sequence[tuple[bool | None, dict[str, Any]]]) -> str:
    worst = _worst(scenario.target, [row for good, row in judged if not good])
    if worst is None:
        return ""
    row, words = worst
    when = clock(row["start"]) if scenario.days == 1 else row["start"].replace("T", " ")
    return f", worst at {when} ({words})"


def _worst(target: Target, missed: list[dict[str, Any]]) -> tuple[dict[str, Any], str] | None:
    """Of the intervals that miss the target the one that misses an aim furthest, and by what; service levels before other aims."""
    name = f"service_level_{target.variant}"
    below = [row for row in missed if target.share is not None and (number_of(row.get(name)) or 0.0) < target.share]
    if below:
        row = min(below, key=lambda row: number_of(row.get(name)) or 0.0)
        return row, value(row.get(name))
    aims = {"abandoned_fraction": "hung up", "average_speed_of_answer": "on average", "occupancy": "occupied"}
    for other, words in aims.items():
        ceiling = getattr(target, other)
        above = [row for row in missed if ceiling is not None and (number_of(row.get(other)) or 0.0) > ceiling]
        if above:
            row = max(above, key=lambda row: number_of(row.get(other)) or 0.0)
            return row, f"{value(row.get(other))} {words}"
    return None


def history_words(document: dict[str, Any]) -> list[str]:
    """For each call type whose volume counts every call offered: how many of these are first calls.

    >>> history_words({"first_calls": {"sales": {"first": 800.0, "offered": 1000.0}}})
    ['sales: of 1,000 calls a day in the volume 800 are first calls, the others redials, repeats and transfers.']
    """
    return [
        f"{name}: of {count(told['offered'])} calls a day in the volume {count(told['first'])} are first calls, "
        "the others redials, repeats and transfers."
        for name, told in (document.get("first_calls") or {}).items()
    ]


def left_words(scenario: Scenario, measures: dict[str, Any]) -> list[str]:
    """Sentences on callers and work that were still there when the path was over; none where nobody and nothing was."""
    said = []
    callers, undone = measures.get("unsettled"), measures.get("work_undone")
    if number_of(callers) and not only_work(scenario):
        said.append(
            f"{value(callers)} callers a day were still waiting when the path was over: they count as offered and not answered, "
            "and are in none of the waits."
        )
    if number_of(undone):
        came_in = number_of(measures.get("work_offered")) or 0.0
        share = f" ({percent((number_of(undone) or 0.0) / came_in)} of it)" if came_in else ""
        of_done = {scenario.target_of(name).variant for name in work_of(scenario)} == {"answered"}
        counts = "a service level of the work done leaves it out" if of_done else "it counts as not taken up in time"
        said.append(
            f"Of the work that came in, {value(undone)} a day{share} was left undone when the path was over: {counts}, and the waits are "
            f"those of the work done.{' With more `days` the next one goes on with it.' if scenario.days == 1 else ''}"
        )
    return said


def work_words(scenario: Scenario) -> list[str]:
    """What to know of waits where there is work: whose they are, and that they run while the centre is closed."""
    work = work_of(scenario)
    said = []
    if work and not only_work(scenario):
        said.append(f"Waits and service levels are those of callers; work ({', '.join(work)}) stands among the call types.")
    if work and scenario.days > 1 and not never_closes(scenario.horizon):
        said.append("Work waits by the clock from when it came in until it is taken up, also while the centre is closed.")
    return said


def every_day_words(result: Result) -> str:
    """What it means that a share was 0 % or 100 % on every day played.

    On n paths without an exception, exceptions come on fewer than 1 - 0.05^(1/n) of all paths with 95 % confidence, about 3/n (the "rule
    of three"; Hanley & Lippman-Hand 1983, JAMA 249). What happens within a day hangs together, so that more calls a day say no more.
    """
    days, many = result.scenario.days, result.replications
    others = percent(-math.expm1(math.log(0.05) / many))
    unit = "days" if days == 1 else f"paths of {days} days"
    return f"Every day: so it was on each of the days played; with 95 % confidence it is otherwise on fewer than {others} of all {unit}."


def left_out_of_required(scenario: Scenario) -> str:
    """What the formula's required agents, and Erlang C's answer beside them, are not for: as `ccsim staff` tells it; empty for nothing."""
    return listed(left_out_words(scenario))


def required_words(scenario: Scenario) -> str:
    """Where the required agents come from and what they leave out."""
    left_out = left_out_of_required(scenario)
    return f"Required agents are the formula's, as `ccsim staff` gives them{f': {left_out} left out' if left_out else ''}."


def no_formula_words(scenario: Scenario) -> list[str]:
    """Why no formula says how many agents are required; empty where one does."""
    try:
        requirement(scenario)
    except InputError as error:
        return [f"No required agents, and no formula's answer: {error}."]
    return []


def listed(names: Sequence[str]) -> str:
    """Names in a row.

    >>> listed(["e-mail", "redials", "transfers"]), listed(["sales"]), listed([])
    ('e-mail, redials and transfers', 'sales', '')
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
