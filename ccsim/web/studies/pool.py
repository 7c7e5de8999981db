"""What a supervisor asks of a pool of contingents: how many to call at this moment, and the card that says when to call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ccsim.units import parse_clock, parse_count, parse_counts, parse_duration
from ccsim.web.blocks import in_fields
from ccsim.web.boxes import Box, number_from, part_of_all, some_time
from ccsim.web.jobs import Tell
from ccsim.web.studies.common import SEED
from ccsim.web.studies.study import Finding, Study, Subject, Values, printed

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

_JUDGED: Final = {"target": "a quarter hour misses the target", "anyone": "somebody waits too long"}
AT_THIS_MOMENT: Final = (
    Box("at", "Time", "by the clock, such as 10:40", parse_clock, True),
    Box("waiting", "Callers who wait", "a whole number, or english=12, spanish=2", parse_counts, True),
    Box("oldest", "The oldest has waited", "such as 70 s; needed where somebody waits", parse_duration),
    Box("agents", "Agents on duty", "logged in and not on a break, without contingents; or by group", parse_counts, True),
    Box("on", "Contingents on duty", "left out: 0", parse_counts),
    Box("calls_so_far", "Calls so far today", "left out: the day is as busy as any", parse_counts),
    Box("free", "Agents without a call", "left out: drawn where nobody waits", parse_count, more=True),
    Box("asked", "How often each was asked this week", "left out: never", parse_count, more=True),
    Box("activations", "Activations so far", "where the pool has at_most", parse_count, more=True),
    Box("logged_in", "Hours on so far", "of all its people, where it has at_most; such as 12 h", parse_duration, more=True),
    Box("level", "Chance to keep below", "left out: 20 %", part_of_all, more=True),
    Box("judge", "What is to be avoided", "left out: as the target says", choices=_JUDGED, more=True),
    Box("by", "How the number is chosen", "left out: by the chance", choices={"chance": "by the chance", "cost": "by the cost"}, more=True),
    Box("span", "How far to look ahead", "left out: 2 h; up to 4 h", some_time, more=True),
    Box("futures", "Futures to play", "left out: what two seconds allow", number_from(1, 100_000), more=True),
    Box(SEED.name, SEED.label, SEED.hint, SEED.read, more=True),
)
SHARE: Final = Box("share", "Calls that may wait too long", "left out: what the target leaves; less calls sooner", part_of_all)
_LEFT_OUT: Final = ("asked", "activations", "logged_in", "level", "judge", "by", "span", "futures", "seed")  # have values of their own


def _pool(subject: Subject) -> Box:
    names = list(subject.scenario.contingent)
    return Box("pool", "Pool", "left out: the only one", choices={name: name for name in names})


def _called(scenario: Scenario) -> bool:
    return bool(scenario.contingent and scenario.staff)


def _now(subject: Subject, values: Values, tell: Tell) -> Finding:
    from ccsim.contingent.now import now
    from ccsim.reporting.now import answer, show_now

    tell("playing the next two hours", 0, 0)
    told = {name: values[name] for name in _LEFT_OUT if values[name] is not None}
    found = now(
        subject.scenario, values["at"], values["waiting"], values["agents"], values["oldest"], values["on"] or 0,
        calls_so_far=values["calls_so_far"], pool=values["pool"], free=values["free"], **told,
    )  # fmt: skip
    return Finding([in_fields(words) for words in answer(found)], printed(show_now, found))


NOW: Final = Study(
    name="now",
    title="How many to call now",
    asks="From what the wall board shows: what happens in the next two hours if 0, 1, ... of them are called at this moment.",
    boxes=lambda subject: (_pool(subject), *AT_THIS_MOMENT),
    do=_now,
    quick=lambda values: True,
    act="Look ahead",
    fits=_called,
)


def _card(subject: Subject, values: Values, tell: Tell) -> Finding:
    from ccsim.contingent.card import card
    from ccsim.reporting.card import card_html, show_card

    tell("looking ahead from every queue", 0, 0)
    found = card(subject.scenario, values["pool"], values["share"])
    return Finding([], printed(show_card, found), page=card_html(found))


CARD: Final = Study(
    name="card",
    title="The card for the supervisor",
    asks="For each half-hour and number of agents on duty, the queue at which to call, on one page to print.",
    boxes=lambda subject: (_pool(subject), SHARE),
    do=_card,
    quick=lambda values: True,
    act="Make the card",
    fits=_called,
)
