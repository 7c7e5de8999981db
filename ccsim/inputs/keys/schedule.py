"""The keys of a `schedule` section: which shifts people may be given. Read like every other key of the scenario file."""

from __future__ import annotations

from typing import Annotated, Any

from ccsim.inputs import kinds
from ccsim.inputs.kinds import Duration, PositiveDuration, Reads, Share, Truth
from ccsim.inputs.shapes import REQUIRED, Factor, Keys, key, one_of, whole_number

Lengths = Annotated[
    tuple[float, ...],
    Reads(
        "duration, or a list of durations",
        kinds.one_or_list(kinds.read_positive_duration, "durations"),
        "above 0 s",
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]},
    ),
]
Starts = Annotated[
    tuple[str, ...],
    Reads(
        "clock times, or a span with its step",
        kinds.one_or_list(kinds.read_text, "clock times"),
        "such as `07:00-13:00 every 30 min` or [07:00, 12:30]",
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]},
    ),
]
DaysAWeek = Annotated[
    tuple[int, ...],
    Reads(
        "whole number, or a list of them",
        kinds.one_or_list(kinds.whole(1, 7), "numbers of days"),
        "1 to 7",
        {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}, "minItems": 1}]},
    ),
]
People = Annotated[int, whole_number(0, 20_000)]


class LunchKeys(Keys):
    """The long break of a shift, placed where it costs least."""

    length: Duration = key("Length; 0 s for none", 1800.0)
    paid: Truth = key("Whether it is paid", False)
    after: Duration = key("Earliest begin, after the start of the shift", 10800.0)
    before: PositiveDuration = key("Latest end, after the start of the shift", 21600.0)
    every: PositiveDuration = key("Step between the times at which it may begin", 1800.0)
    in_shifts_of: PositiveDuration = key("Least length of a shift that has one", 21600.0)


class ShortBreakKeys(Keys):
    """Short breaks, spread evenly over the work before and after lunch."""

    length: Duration = key("Length; 0 s for none", 900.0)
    paid: Truth = key("Whether they are paid", True)
    one_per: PositiveDuration = key("One for each full stretch of this length in a shift", 14400.0)


class PartTimeKeys(Keys):
    """People who work shorter shifts."""

    lengths: Lengths = key("Lengths of their shifts, from start to end", (18000.0, 14400.0), left_out="4 h or 5 h")
    days_a_week: DaysAWeek = key("Days a week that they work", (3, 4, 5), left_out="3, 4 or 5")
    share: Share = key("Most of all people who may be part-timers; 0 for none", 0.25)


class SkillKeys(Keys):
    """People who take the same calls."""

    takes: kinds.Takes = key("Call types they answer, their own preference first; an inner list is equal", REQUIRED)
    at_most: People | None = key("Most people of this skill", left_out="no limit")
    pay: Factor = key("Factor on the cost of an hour", 1.0)


class ScheduleKeys(Keys):
    """Which shifts `ccsim schedule` may give, and to whom."""

    lengths: Lengths = key("Lengths of a full shift, from start to end, unpaid breaks included", (30600.0,), left_out="8 h 30 min")
    starts: Starts | None = key("When shifts may begin", left_out="every 30 min at which a shift fits into the opening hours")
    lunch: LunchKeys | None = key("The long break", left_out="30 min unpaid, 3 h to 6 h after the start, in shifts of 6 h or more")
    short_breaks: ShortBreakKeys | None = key("Short breaks", left_out="15 min paid for each full 4 h")
    part_time: PartTimeKeys | None = key("Part-timers", left_out="4 h or 5 h on 3 to 5 days, at most 25 % of the people")
    days_a_week: DaysAWeek = key("Days a week that full-timers work", (5,), left_out="5, or every open day where there are fewer")
    longest_day: PositiveDuration = key("Longest shift from start to end", 36000.0)
    rest_between: Duration = key("Least time from the end of a shift to the start of the same person's next", 39600.0)
    weekends: Annotated[str, one_of("any", "one day", "both or none", "off")] = key("How people may work on Saturday and Sunday", "any")
    days_off_together: Truth = key("Whether days off must follow each other", False)
    people: People | None = key("Most people in all", left_out="no limit")
    seats: People | None = key("Most people on duty at once", left_out="no limit")
    calls_an_hour: Annotated[float, Reads("number", kinds.number(0.001, 1e6), "above 0", {"type": "number"})] | None = key(
        "Goal for the calls that an agent handles in an hour on duty", left_out="none"
    )
    skills: dict[str, SkillKeys] = key("Who may be scheduled, by name", {}, left_out="one for each different `takes` under `staff`")


def build_keys(told: Any) -> ScheduleKeys:
    """The keys that a mapping gives, as they would stand below `schedule`; raises pydantic's `ValidationError`."""
    return ScheduleKeys.model_validate(told)
