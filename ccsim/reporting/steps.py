"""What the steps of an explanation are called, what they come of, and how their sizes are written."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from ccsim.measures.definitions import SECONDS, SHARE
from ccsim.reporting.wording import NOTHING, agents, count, percent, wait

if TYPE_CHECKING:
    from ccsim.staffing.explain import Bar, Explanation, Step

FROM_MINUTES: Final = 600.0  # waits are told in minutes from here on

# Name of each step; why it goes the worse way, and why the better way where that is another reason
_FROM_ERLANG: Final = {
    "ups_and_downs": (
        "The day's ups and downs",
        "Calls come in waves that the agents do not follow exactly, and being short for a while costs more than a surplus gains",
        "The agents are there when the calls come, which a mean over the day does not see",
    ),
    "hang_ups": ("Callers hang up", "Callers who run out of patience hang up", "Callers who hang up shorten the queue for the rest"),
    "whole_agents": ("Whole agents", "Agents come whole, as many over the day; in an interval up to {most} more or fewer"),
    "carry_over": (
        "From interval to interval",
        "Queues are carried over into the next interval",
        "The day begins with nobody waiting, and an overload that passes has no time to grow an endless queue",
    ),
    "handle_time": ("Real handle times", "Handle times vary {spread}"),
    "patience": ("Real patience", "Patience is as the file says, and not the same exponential one for all"),
    "volume": (
        "Uncertain volume",
        "Some days are busier than others (cv {cv}), and a busy day costs more than a quiet one gains",
        "Some days are busier than others (cv {cv}), and there is room on those",
    ),
    "shifts": (
        "Shifts, breaks and their edges",
        "People come for shifts with breaks, which do not begin and end with the intervals",
        "People finish the call in hand when a shift or break is due, and shifts do not end with the intervals",
    ),
    "absence": (
        "Absence as luck",
        "Absence is luck and no percentage: days with many away cost more than days with few gain",
        "Absence is luck and no percentage: as many are away on average, on some days more and on others fewer",
    ),
    "adherence": (
        "Lateness, gaps, time off the queue",
        "Lateness, gaps and time off the queue come at times that nobody chose, and take more than the percentage",
        "Time off the queue comes in pieces, and not as whole people away all day",
    ),
    "pace": ("Some are slower than others", "People do not all take the same time for a call"),
    "skills": (
        "Skills: who takes which call",
        "Not everybody takes every call, or not in the order of arrival, so that callers wait beside idle agents",
        "Calls are answered in an order of preference",
    ),
    "chats": ("Several chats at once", "Chats are handled several at once, each the slower for it"),
    "work": ("E-mail and other work", "E-mail and other work takes agents away from callers"),
    "lines": (
        "Busy signals",
        "Who finds all {lines} lines taken gets a busy signal",
        "Who finds all {lines} lines taken does not join the queue",
    ),
    "announcement": ("Announcement", "Callers listen to an announcement before an agent can be offered"),
    "callback": (
        "Call-backs",
        "Callers who accept a call-back do not hang up, and wait for it",
        "Callers are called back in place of hanging up",
    ),
    "redials": (
        "Calling again",
        "Callers who were lost, or not helped, call again",
        "Callers who call again come when there is room, or were counted in the volume already",
    ),
    "transfers": (
        "Transfers",
        "Calls are passed on and wait a second time",
        "Calls that are passed on were counted in the volume already, or find shorter queues",
    ),
    "events": ("Events", "The day may bring events that change calls or staff"),
    "contingents": (
        "Contingents",
        "Up to {agents} contingents are called up when queues are long, slower than regular staff or in need of time to come",
        "Up to {agents} contingents are called up when queues are long",
    ),
    "known": ("What is known of the day", "Some of the day's luck is known already"),
}  # fmt: skip
_PARTS: Final = {
    "hours": "opening hours and intervals", "volume": "volume", "handle_time": "handle times", "patience": "patience",
    "redials": "redials, repeats and transfers", "staffing": "staff on the roster", "absence": "leave and absence",
    "adherence": "breaks, adherence and time off the queue", "pace": "pace of the agents", "skills": "skills and priorities",
    "service": "how callers are served", "contingents": "contingents", "events": "events", "rules": "lines and closing",
    "known": "what is known of the day", "target": "the target", "cost": "rates of pay",
}  # fmt: skip
_HAPPENED: Final = {
    "volume": "Volume", "handle_time": "Handle times", "absence": "Absence", "adherence": "Adherence", "staff": "Agents on duty",
    "luck": "Luck, and what no column tells",
}  # fmt: skip


class Numbers:
    """How the numbers of an explanation are written: all steps to the same digits, so that they can be added up by eye."""

    def __init__(self, found: Explanation) -> None:
        self.share = found.unit == SHARE
        known = [abs(bar.value) for bar in found.bars if math.isfinite(bar.value)]
        steps = [abs(step.mean) for step in found.steps if math.isfinite(step.mean)]
        largest = max(known, default=0.0)
        self._waits = found.unit == SECONDS
        minutes = self._waits and largest >= FROM_MINUTES
        self.scale = 100.0 if self.share else 1.0 / 60.0 if minutes else 1.0
        self.unit = "pt" if self.share else "min" if minutes else found.unit
        moved = self.scale * max(steps, default=0.0)
        self._digits = 2 if moved < (1.0 if self.share else 2.0) else 1 if moved < 100.0 else 0

    def bar(self, value: float) -> str:
        """What a bar comes to."""
        if self.share:
            return percent(value, self._digits) if not math.isnan(value) else NOTHING
        if not math.isfinite(value):
            return wait(value) if self._waits else NOTHING
        return f"{self.scale * value:,.{self._digits}f} {self.unit}"

    def around(self, bar: Bar) -> str:
        """Half of a simulated bar's interval, as it stands behind the number; empty where there is none."""
        half = self.scale * (bar.high - bar.low) / 2.0
        if bar.by != "simulation" or not math.isfinite(half) or half == 0.0:
            return ""
        if self.share and max(self.scale * bar.value + half - 100.0, half - self.scale * bar.value) > 0.0:  # ± would leave 0 to 100 %
            low, high = (self.scale * min(max(limit, 0.0), 1.0) for limit in (bar.low, bar.high))
            return f" ({low:.{self._digits}f} to {high:.{self._digits}f} %)"
        text = f"{half:,.{self._digits}f}"
        return f" (± {text})" if float(text.replace(",", "")) > 0.0 else f" (± < {10.0**-self._digits:g})"

    def step(self, number: float) -> str:
        """A step with its sign and unit; a dash where it is not known."""
        return f"{self._signed(number)} {self.unit}" if math.isfinite(number) else NOTHING

    def limits(self, step: Step) -> str:
        """The interval of a step in brackets, as it stands behind the number; empty where there is none."""
        if not (math.isfinite(step.low) and math.isfinite(step.high)) or step.low == step.high:
            return ""
        return f" ({self._signed(step.low)} to {self._signed(step.high)} {self.unit})"

    def _signed(self, number: float) -> str:
        text = f"{abs(number) * self.scale:,.{self._digits}f}"
        sign = "" if float(text.replace(",", "")) == 0.0 else "+" if number > 0.0 else "−"
        return sign + text


def bar_name(found: Explanation, bar: Bar) -> str:
    """What the first or last bar of an explanation is called."""
    if bar.key == "erlang_c":
        return "Erlang C for the day's mean"
    if bar.key in ("A", "B"):
        return f"{bar.key}: {scenario_names(found)[bar.key == 'B']}"
    if bar.key == "plan":
        return "As planned"
    if bar.key == "actual":
        return "As it was"
    if bar is found.bars[0]:
        return "Simulated in its plainest form"
    return "As the file says, simulated" if found.kind == "erlang" else "To be expected of such a day"


def scenario_names(found: Explanation) -> tuple[str, str]:
    """What the two scenarios of an explanation are called: by title, or by file where titles are the same."""
    both = found.scenario, found.other or found.scenario
    if both[0].title == both[1].title and all(one.path is not None for one in both):
        return str(both[0].path), str(both[1].path)
    return both[0].title, both[1].title


def step_name(found: Explanation, step: Step) -> str:
    """What a step is called in tables and pictures."""
    if step.key == "calls_and_staff":
        return "Intervals, calls and staff" if "hours" in step.causes else "Calls and staff"
    if found.kind == "between":
        words = _joined([_PARTS[part] for part in step.causes])
        return words[:1].upper() + words[1:]
    return _HAPPENED[step.key] if found.kind == "happened" else _FROM_ERLANG[step.key][0]


def because(found: Explanation, step: Step) -> str:
    """What a step comes of, in plain words, without its size."""
    if found.kind == "between":
        return step_name(found, step)
    if found.kind == "happened":
        return _of_what_happened(found, step)
    if step.facts.get("counted"):
        return "The volume counts those who call again or are passed on, so that fewer callers are behind it, who come more than once"
    worse = found.better is None or (step.mean > 0.0) == (found.better == "lower")
    words = _FROM_ERLANG[step.key]
    chosen = words[1] if worse or len(words) < 3 else words[2]
    return chosen.format(**_spelled(step.facts)) if "{" in chosen else chosen


def _spelled(facts: Any) -> dict[str, str]:
    """The facts of a step as words."""
    told = {name: f"{value:,}" if isinstance(value, int) else f"{value:.2g}" for name, value in facts.items()}
    if "types" in facts:
        cv, several = facts["cv"], facts["types"] > 1
        how = "as exponential ones do" if abs(cv - 1.0) < 0.005 else f"{'more' if cv > 1.0 else 'less'} than exponential ones do"
        told["spread"] = f"{how} (cv {cv:.2g})" + (", and from call type to call type" if several else "")
    return told


def _of_what_happened(found: Explanation, step: Step) -> str:
    planned, actual = step.facts.get("planned", math.nan), step.facts.get("actual", math.nan)
    if step.key == "volume":
        return f"{count(actual)} calls came in a day, where {count(planned)} were expected on days busy and quiet"
    if step.key == "handle_time":
        return f"Handling took {actual:,.0f} s on average, where {planned:,.0f} s were planned"
    if step.key == "absence":
        return f"{agents(actual)} people were away on average, where {agents(planned)} were planned for"
    if step.key == "adherence":
        return f"{agents(actual)} agents were on duty on average, where {agents(planned)} were to be expected of the people who were there"
    if step.key == "staff":
        return f"{agents(actual)} agents were on duty on average, where {agents(planned)} were planned"
    return "What is left is luck, and what no column tells"


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
