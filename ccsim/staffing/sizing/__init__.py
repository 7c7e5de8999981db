"""A centre that does not exist yet: from calls a year to people by shift, seats, lines, hours and cost, and what they hang on.

`year` cuts the year into months and takes a week of each; `need` says how many agents its intervals require when days differ; `people`
covers them with shifts; `held` plays the busiest week and corrects them; `trunks` counts lines; `levers` changes one input after the other;
`pooling` sets several centres against one; `check` plays the busiest day; `written` writes the sized centre as a scenario.
docs/decisions/sizing.md says why it is done so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ccsim.errors import InputError
from ccsim.staffing.crews import callers_of
from ccsim.staffing.sizing.answer import Ahead, Case, Sizing, YearTotals
from ccsim.staffing.sizing.check import busiest_day, check
from ccsim.staffing.sizing.held import Held, until_it_holds
from ccsim.staffing.sizing.levers import power_of_one, tornado
from ccsim.staffing.sizing.need import Question, question_of
from ccsim.staffing.sizing.people import Chooser, People, check_options, luck, people_of
from ccsim.staffing.sizing.pooling import Pooling, Share, joined, parts_of
from ccsim.staffing.sizing.trunks import lines_for
from ccsim.staffing.sizing.year import Floats, Month, months_of, notes_of
from ccsim.staffing.turn_up import away_of

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

__all__ = ["Case", "Held", "Pooling", "Share", "Sizing", "size"]

BUSY = 0.001  # 1 busy signal in 1,000 calls
HANDOVER = 900.0  # s
CERTAINTY = 0.95
SECONDS = 4.0
_YEARS_AHEAD = 3
_LOOKED_AT = 8  # intervals in which lines are counted: those with the most agents

Progress = Callable[[str, float], None]
Found = TypeVar("Found")


def size(
    scenarios: Scenario | Sequence[Scenario],
    busy: float = BUSY,
    handover: float = HANDOVER,
    certainty: float = CERTAINTY,
    checked: bool = True,
    seconds: float = SECONDS,
    seed: int = 1,
    progress: Progress | None = None,
) -> Sizing:
    """Return what a centre takes in the year of its `date`: people by shift, seats, lines, hours and cost, low, middle and high.

    scenarios: one, or several that are set against one centre for all. busy: share of callers who may get a busy signal; handover [s]: how
    long people of two shifts are in the house together; certainty: how often enough people are to turn up; checked: whether the busiest
    week is played, and its shifts corrected until they hold; seconds: about how long to choose shifts each time, counted in work done;
    seed: of all luck; `progress(what is being done, share done)`.

    Ctrl-C ends it, `interrupted`, with what was finished once there are shifts for the formula's requirement; before, KeyboardInterrupt is
    raised. Raises `ScenarioError` where a volume is not given by the year, `LimitError` for a target that nobody can meet, and `InputError`
    where options make no sense, files cannot be pooled, or no shift covers the hours.
    """
    check_options(busy, handover, certainty, seconds)
    several = [scenarios] if not isinstance(scenarios, Sequence) else list(scenarios)
    if not several:
        raise InputError("there is no scenario to size; give at least one")
    parts: dict[str, Scenario] = {}
    scenario = several[0]
    if len(several) > 1:
        for one in several:
            months_of(one)  # a fault is told as one of its file, not of the pool
        scenario, parts = joined(several)
    elif len(callers_of(scenario)) > 1:
        parts = parts_of(scenario)
    maker = _Maker(busy, handover, certainty, seconds, seed, progress, 3 + len(parts))
    return maker.size(scenario, parts, checked)


class _Maker:
    """The options of one sizing, and how far it has come."""

    def __init__(
        self, busy: float, handover: float, certainty: float, seconds: float, seed: int, progress: Progress | None, steps: int
    ) -> None:
        self.busy, self.handover, self.certainty, self.seconds, self.seed = busy, handover, certainty, seconds, seed
        self.progress, self.steps, self.done, self.stopped = progress, steps, 0, False

    def tell(self, what: str) -> None:
        if self.progress is not None:
            self.progress(what, min(self.done / (self.steps + 1.0), 1.0))
        self.done += 1

    def unless_stopped(self, work: Callable[[], Found]) -> Found | None:
        """What some work comes to; None from Ctrl-C on."""
        try:
            return None if self.stopped else work()
        except KeyboardInterrupt:
            self.stopped = True
            return None

    def size(self, scenario: Scenario, parts: dict[str, Scenario], checked: bool) -> Sizing:
        self.tell("reading the year")
        notes = notes_of(scenario)
        months = months_of(scenario)
        questions = {month.number: question_of(month.week) for month in months}
        peak, usual = _peak(months, questions), _usual(months, questions)
        question = questions[peak.number]
        low, high = _range(peak.week, "low"), _range(peak.week, "high")
        if low is None and high is None:
            notes.append("No volume has a `low` or `high`, so there is only the middle case; a new centre's year is often 20 % off.")
        monthly = {month.number: _hours(month, questions[month.number]) for month in months}
        named = {"low": low, "middle": tuple(1.0 for _ in question.parts), "high": high}
        told = {name: factors for name, factors in named.items() if factors is not None}
        chooser = Chooser(peak.week, question.shrinkage, self.handover, self.seconds)
        self.tell("choosing shifts")
        by_formula = chooser.people(question.required())
        held = self.unless_stopped(lambda: until_it_holds(chooser, by_formula, self.seed, self.within)) if checked else None
        self.stopped = self.stopped or (held is not None and held.interrupted)
        # What playing asked for beside the formula, in each interval, is asked for in the other cases too
        found = by_formula if held is None else held.people
        more = np.divide(found.needs, by_formula.needs, out=np.ones_like(by_formula.needs), where=by_formula.needs > 0.0)
        cases = {}
        for name, factors in told.items():
            asked = question.times(factors)
            needs = asked.required() * more
            people = found if name == "middle" else self.unless_stopped(lambda needs=needs: chooser.people(needs))  # type: ignore[misc]
            if people is not None:
                cases[name] = self.case(name, peak, question, asked, factors, people, monthly, months)
        middle = cases["middle"]
        interval, ones = power_of_one(question)
        played = None
        if checked:
            self.tell("playing the busiest day")
            work = question.work.offered_load * question.hours
            played = self.unless_stopped(lambda: check(middle.people, middle.lines, work, self.busy, self.seed, self.progress))
        return Sizing(
            scenario=scenario,
            peak=peak,
            usual=usual,
            months=months,
            monthly_hours=tuple(monthly.values()),
            usual_required=questions[usual.number].required(),
            usual_scheduled=questions[usual.number].scheduled(),
            busiest=busiest_day(peak.week, question.work.offered_load * question.hours),
            cases=cases,
            bars=tornado(question, float(middle.people.heads), low, high),
            peak_interval=interval,
            ones=ones,
            pooling=self.unless_stopped(lambda: self.pooling(parts, middle, by_formula)),
            held=held,
            check=played,
            ahead=_ahead(scenario, peak, question, middle),
            busy=self.busy,
            handover=self.handover,
            certainty=self.certainty,
            notes=tuple(notes + _notes(scenario, question) + _late(cases)),
            interrupted=self.stopped,
        )

    def within(self, what: str, share: float) -> None:
        """Tells how far a step has come."""
        if self.progress is not None:
            self.progress(what, min((self.done - 1.0 + share) / (self.steps + 1.0), 1.0))

    def case(
        self,
        name: str,
        peak: Month,
        question: Question,
        asked: Question,
        factors: tuple[float, ...],
        people: People,
        monthly: dict[int, float],
        months: tuple[Month, ...],
    ) -> Case:
        """One of low, middle and high: the peak week's people, seats and lines, and the year's hours and cost."""
        self.tell(f"counting hours and lines, {name}")
        required, scheduled = asked.required(), asked.scheduled()
        try:
            surely = luck(required, asked.hours, scheduled, away_of(peak.week), self.certainty)
        except InputError:
            surely = float("nan")  # no roster turns up so surely
        hours = float(scheduled @ asked.hours)
        grown = hours / float(question.scheduled() @ question.hours)
        fit = people.paid_hours / hours
        calls = _calls_of_the_year(months, factors)
        paid = sum(monthly.values()) * grown * fit
        kept = max(paid, people.paid_hours / 7.0 * _days(peak.week.date.year))
        rate = None if peak.week.cost is None else peak.week.cost.agent_hour
        return Case(
            name=name,
            factors=factors,
            question=asked,
            required=required,
            scheduled=scheduled,
            people=people,
            heads_surely=people.heads * surely,
            lines=_lines(peak.week, asked, required, self.busy),
            fit=fit,
            year=YearTotals(calls, paid, kept, rate),
        )

    def pooling(self, parts: dict[str, Scenario], middle: Case, whole: People) -> Pooling | None:
        """Each part by itself beside the whole, both by formula; None where there is only one."""
        if not parts:
            return None
        shares = []
        for name, scenario in parts.items():
            self.tell(f"sizing {name} by itself")
            months = months_of(scenario)
            questions = {month.number: question_of(month.week) for month in months}
            peak = _peak(months, questions)
            question = questions[peak.number]
            required = question.required()
            people = people_of(peak.week, required, question.shrinkage, self.handover, self.seconds)
            lines = _lines(peak.week, question, required, self.busy)
            calls = sum(month.calls for month in months)
            weekly = (people.paid_hours, people.full_time_equivalents)
            shares.append(Share(name, calls, float(required.max()), people.heads, *weekly, people.seats, lines))
        most = float(middle.required.max())
        weekly = (whole.paid_hours, whole.full_time_equivalents)
        return Pooling(tuple(shares), Share("one centre", middle.year.calls, most, whole.heads, *weekly, whole.seats, middle.lines))


def _peak(months: tuple[Month, ...], questions: dict[int, Question]) -> Month:
    """The month with the day that brings the most work."""

    def busiest(month: Month) -> float:
        question = questions[month.number]
        work = question.work.offered_load * question.hours
        return float(np.bincount(np.asarray(month.week.horizon.interval_day), work).max())

    return max(months, key=busiest)


def _usual(months: tuple[Month, ...], questions: dict[int, Question]) -> Month:
    """The month whose week is nearest to the mean of all."""
    work = {number: float(question.work.offered_load @ question.hours) for number, question in questions.items()}
    mean = float(np.mean(list(work.values())))
    return min(months, key=lambda month: abs(work[month.number] - mean))


def _range(week: Scenario, end: str) -> tuple[float, ...] | None:
    """Factors on the volume of each type of callers at one end of the range; None where no type has one."""
    told = [getattr(week.calls[name].yearly, end) for name in callers_of(week)]
    return None if all(one is None for one in told) else tuple(1.0 + (one or 0.0) for one in told)


def _hours(month: Month, question: Question) -> float:
    return month.over_the_month(question.scheduled() * question.hours)


def _calls_of_the_year(months: tuple[Month, ...], factors: tuple[float, ...]) -> float:
    total = 0.0
    for month in months:
        names = callers_of(month.week)
        volumes = [np.asarray(month.week.calls[name].volume) * factor for name, factor in zip(names, factors, strict=True)]
        total += month.over_the_month(np.sum(volumes, axis=0))
    return total


def _lines(week: Scenario, question: Question, required: Floats, busy: float) -> int:
    """Lines for the interval that needs the most of them; chats hold none, and are left out of the share of the handle time that does."""
    names = callers_of(week)
    shares = np.array([week.calls[name].line_share if week.calls[name].channel == "call" else 0.0 for name in names])
    if not shares.any():
        return 0
    work = question.work
    loads = np.array([part.offered_load for part in question.parts])
    held = (shares[:, None] * loads).sum(axis=0) / np.maximum(loads.sum(axis=0), 1e-12)
    found = {}
    for i in np.argsort(-required)[:_LOOKED_AT].tolist():
        key = tuple(float(x[i]) for x in (work.rate, work.handle_time, required, held, work.hang_up_rate, work.balk))
        if key not in found and key[0] > 0.0:
            rate, handle, agents, line_share, hang_up, balk = key
            found[key] = lines_for(rate, handle, int(agents), line_share, hang_up, balk, busy, question.cv)
    return max(found.values(), default=0)


def _ahead(scenario: Scenario, peak: Month, question: Question, middle: Case) -> tuple[Ahead, ...]:
    """The years after, if growth goes on."""
    growth = []
    for name in callers_of(peak.week):
        yearly = peak.week.calls[name].yearly
        assert yearly is not None
        growth.append(1.0 + yearly.growth)
    if all(one == 1.0 for one in growth):
        return ()
    hours = question.smooth_hours()
    found = []
    for step in range(1, _YEARS_AHEAD + 1):
        later = question.times([one**step for one in growth])
        more = later.smooth_hours() / hours
        calls = middle.year.calls * float(later.work.calls.sum() / question.work.calls.sum())
        found.append(Ahead(scenario.date.year + step, calls, float(later.required().max()), middle.people.heads * more))
    return tuple(found)


def _notes(scenario: Scenario, question: Question) -> list[str]:
    said = []
    types = [scenario.calls[name] for name in callers_of(scenario)]
    if len(types) > 1:
        said.append("Everybody takes every call; in each interval the strictest of the types' targets is met by all of them together.")
    if any(call.channel == "chat" for call in types):
        said.append("Chats hold no line, but those who wait for one are counted as if they did.")
    if any(call.leads_to_calls and not call.counts_offered for call in types):
        said.append("Redials, repeats and transfers come on top of the calls a year; the formula leaves them out, the played day has them.")
    if any(scenario.target_of(call.name).per == "day" for call in types):
        said.append("The target is for the day; here it is met in every interval, which asks for more.")
    endless = not any(np.any(part.hang_up_rate > 0.0) for part in question.parts)
    if endless and question.cv > 0.0:
        said.append("Callers who never hang up are counted on lines for the mean day only: on a busier one they would fill any number.")
    return said


def _late(cases: dict[str, Case]) -> list[str]:
    if any(case.people.roster.out_of_time for case in cases.values()):
        return ["The clock ended the choice of shifts on this machine: another run may find other shifts."]
    return []


def _days(year: int) -> int:
    return (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days
