"""What things are called in a scenario: its measures, and who or what comes in. Work is not spoken of as callers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ccsim.engine.duty import never_closes
from ccsim.measures.definitions import label
from ccsim.reporting.wording import VARIANT_WORDS, unit_words

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

SHORT_LABELS = {
    "offered": "offered a day",
    "first_calls": "first calls",
    "redials": "redials",
    "repeats": "repeats",
    "transfers": "passed on to it",
    "told_to_call_again": "told to call again",
    "attempts_per_caller": "attempts a caller",
    "lost_fraction": "lost",
    "answered": "answered a day",
    "unsettled": "left at the end",
    "mean_wait": "mean wait",
    "average_speed_of_answer": "speed of answer",
    "wait_p90": "90 % wait at most",
    "over_threshold": "over target wait",
    "abandoned_fraction": "hung up",
    "occupancy": "occupancy",
    "overtime_hours": "overtime, h a day",
    "target_met": "target held",
    "agents_scheduled": "scheduled",
    "agents_on_duty": "on duty",
    "activations": "activations a day",
    "agents_on": "on, mean",
    "hours_paid": "paid h a day",
    "share_of_days_used": "days used",
    "first_activation": "first activation",
    "cost": "cost a day",
}
# The same where nothing but work comes in. Work waits from when it came in until somebody takes it up
_OF_WORK = {
    "offered": "work that came in",
    "answered": "work done",
    "unsettled": "work left undone when the path was over",
    "first_calls": "work that came of no other",
    "mean_wait": "mean wait of the work done",
    "average_speed_of_answer": "mean wait of the work done",
    "over_threshold": "taken up after the threshold, of all that came in",
    "service_level_offered": "taken up within the threshold, of all that came in",
    "service_level_answered": "taken up within the threshold, of all that was done",
    "service_level_excluding_short_abandons": "taken up within the threshold, of all that came in",
    "service_level_counting_short_abandons": "taken up within the threshold, of all that came in",
    "never_came": "later work that never came, the centre being closed",
    "occupancy": "at work, of the time on duty",
}
_HEADS_OF_WORK = {"offered": "came in a day", "answered": "done a day", "attempts_per_caller": "attempts", "first_calls": "of no other"}
# Nobody hangs up who does not call: these say nothing of work, or the same as others do
_NOT_OF_WORK = (
    "abandoned", "abandoned_fraction", "abandoned_fraction_excluding_short", "attempts_per_caller", "lost_fraction", "work_offered",
    "work_done", "work_undone", "service_level_excluding_short_abandons", "service_level_counting_short_abandons",
    "average_speed_of_answer",
)  # fmt: skip


def only_work(scenario: Scenario) -> bool:
    """Whether nothing but work comes in, so that there are no callers to speak of."""
    return all(call.channel == "work" for call in scenario.calls.values())


def work_of(scenario: Scenario) -> list[str]:
    """Names of the types that are work."""
    return [name for name, call in scenario.calls.items() if call.channel == "work"]


def label_in(scenario: Scenario, name: str) -> str:
    """What a measure is called in a scenario."""
    if name == "never_came" and never_closes(scenario.horizon):
        return "later calls due after the end of the path"
    if name == "target_met" and any(call.target is not None for call in scenario.calls.values()):
        return "all targets held"
    return _OF_WORK.get(name, label(name)) if only_work(scenario) else label(name)


def head_in(scenario: Scenario, name: str) -> str:
    """The same in few words, for the head of a column."""
    short = SHORT_LABELS | (_HEADS_OF_WORK if only_work(scenario) else {})
    return short.get(name) or ("within target wait" if name.startswith("service_level") else label_in(scenario, name))


def unit_in(scenario: Scenario, name: str, entry: dict[str, Any]) -> str:
    """What stands behind a measure's number: its unit, unless the number shows it already. Work is not counted in calls."""
    words = unit_words(entry)
    return words.removeprefix("calls ") if only_work(scenario) or name.startswith("work_") else words


def says_nothing_in(scenario: Scenario, name: str) -> bool:
    """Whether a measure says nothing in a scenario that others do not say."""
    return only_work(scenario) and name in _NOT_OF_WORK and name != f"service_level_{scenario.target.variant}"


def answered_words(scenario: Scenario, variant: str) -> str:
    """Of whom, or of what, a service level is the share: of all callers were answered."""
    if not only_work(scenario):
        return VARIANT_WORDS[variant]
    return "of the work done was taken up" if variant == "answered" else "of all work was taken up"
