"""What a formula leaves out of a scenario: a sentence each for `ccsim staff`, and a few words for under the columns of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccsim.staffing.crews import callers_of, crews

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.inputs.call_types import CallType


@dataclass(frozen=True)
class LeftOut:
    """One thing that required agents are not for, or are only roughly for."""

    words: tuple[str, ...]  # to be listed before "left out"
    sentence: str


def left_out(scenario: Scenario) -> tuple[LeftOut, ...]:
    """Return what the formula leaves out of a scenario, in the order in which it is told.

    What holds of every scenario is not among it: each interval by itself, exponential handle times and patience.
    """
    kinds = [scenario.calls[name] for name in callers_of(scenario)]
    return (
        *_work(scenario, kinds),
        *_later_calls(kinds),
        *_service(scenario, kinds),
        *_people(scenario),
        *_events(scenario, [kind.name for kind in kinds]),
        *_known(scenario),
    )


def left_out_words(scenario: Scenario) -> tuple[str, ...]:
    """Return the same in a few words each: letters, redials, lines, the event storm."""
    return tuple(dict.fromkeys(words for one in left_out(scenario) for words in one.words))


def _work(scenario: Scenario, kinds: list[CallType]) -> Iterator[LeftOut]:
    work = tuple(name for name in scenario.calls if name not in {kind.name for kind in kinds})
    if work:
        yield LeftOut(work, f"Work is left out ({_listed(work)}): it is done when nobody waits, and no time is set aside for it here.")


def _later_calls(kinds: list[CallType]) -> Iterator[LeftOut]:
    """Calls that come of calls, where the volume does not hold them already."""
    first = [kind for kind in kinds if kind.leads_to_calls and not kind.counts_offered]
    there = {
        "redials": any(kind.redial is not None for kind in first),
        "repeats": any(kind.repeat is not None for kind in first),
        "transfers": any(share > 0.0 for kind in first for share in kind.transfer.values()),
    }
    if first:
        names = _listed([kind.name for kind in first])
        yield LeftOut(
            tuple(word for word, true in there.items() if true),
            f"The volume of {names} is taken as it stands: the redials, repeats and transfers that come on top are left out.",
        )


def _service(scenario: Scenario, kinds: list[CallType]) -> Iterator[LeftOut]:
    """How calls come in and are served."""
    if any(max(kind.busyness.day, kind.busyness.week, kind.busyness.interval) > 0.0 for kind in kinds):
        yield LeftOut(("busyness",), "Busyness is left out: the mean day is staffed for, and some days are busier.")
    if scenario.lines is not None:
        yield LeftOut(("lines",), f"The {scenario.lines:,} lines are left out: the formula knows no busy signals.")
    for kind in kinds:
        if kind.at_once > 1:
            yield LeftOut(
                ("several chats at once",),
                f"An agent has {kind.at_once} of {kind.name} in hand at once: each counts for its handle time ÷ {kind.at_once}"
                + (", and that they slow each other down is left out." if kind.slower else "."),
            )
    for word, key, there in (
        ("call-backs", "callback", [kind.name for kind in kinds if kind.callback is not None and kind.callback.accept > 0.0]),
        ("announcements", "announcement", [kind.name for kind in kinds if kind.announcement > 0.0]),
        ("the wait before overflow", "overflow", [kind.name for kind in kinds if kind.overflow is not None]),
    ):
        if there:
            yield LeftOut((word,), f"{word.capitalize()} of {_listed(there)} (`{key}`): left out.")
    if any(len({scenario.calls[name].priority for name in crew.types}) > 1 for crew in crews(scenario)):
        yield LeftOut(("priorities",), "Priorities are left out: in one queue all calls are alike.")


def _people(scenario: Scenario) -> Iterator[LeftOut]:
    """What people differ by, who is never counted, and who is counted for longer than they stay."""
    groups = scenario.staff.values()
    if any(group.handle_time_factor != 1.0 or group.type_factors for group in groups):
        yield LeftOut(
            ("handle-time factors",), "Handle-time factors of groups are left out: the agents counted work at the plain handle time."
        )
    if any(group.handle_time_spread > 0.0 for group in groups):
        yield LeftOut(("spreads of handle time",), "Spreads of handle time between people are left out: everyone handles alike.")
    if any(group.learning is not None for group in groups):
        yield LeftOut(("learning",), "Learning is left out: those still learning work at the plain handle time.")
    ending = [part.name for part in scenario.shrinkage.values() if part.ends_after is not None]
    if ending and scenario.staff:
        yield LeftOut(
            ("employments that end",),
            f"Employments that end by {_listed(ending)} are left out: everyone on the roster counts on every day.",
        )
    if scenario.contingent:
        yield LeftOut(("contingents",), "Contingents are left out: those on the roster are to meet the target by themselves.")


def _events(scenario: Scenario, types: list[str]) -> Iterator[LeftOut]:
    """Events that may or may not happen, and what any do besides multiplying the volume."""
    from ccsim.engine.happenings import chances, pairs

    maybe: list[str] = []
    others: list[str] = []
    for (event, _), chance in zip(pairs(scenario), chances(scenario).tolist(), strict=True):
        if 0.0 < chance < 1.0 and event.volume != 1.0 and any(map(event.touches, types)):
            maybe.append(event.name)
        rest = (event.handle_time, event.absence, event.leave)
        if chance > 0.0 and (event.serve == "none" or any(factor != 1.0 for factor in rest)):
            others.append(event.name)
    maybe, others = list(dict.fromkeys(maybe)), list(dict.fromkeys(others))
    if maybe:
        sentence = f"What may or may not happen is left out of the volume: {_listed(maybe)}."
        yield LeftOut((f"the possible event{'s' * (len(maybe) > 1)} {_listed(maybe)}",), sentence)
    if others:
        sentence = f"What events do to handle times, service, absence and leave is left out: {_listed(others)}."
        does = f"events {_listed(others)} do" if len(others) > 1 else f"event {others[0]} does"
        yield LeftOut((f"what the {does} besides volume",), sentence)


def _known(scenario: Scenario) -> Iterator[LeftOut]:
    told = scenario.known
    if told is None:
        return
    if told.calls and told.at is not None:
        counted = f"the calls counted by {scenario.horizon.moment(told.at)[11:16]}"
        yield LeftOut((counted,), f"{counted.capitalize()} (`known`) are left out: the day is taken to be as busy as its mean.")
    if told.leave or told.away:
        yield LeftOut(("who is known to be away",), "Who is known to be away (`known`) is left out: the mean shrinkage is taken.")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
