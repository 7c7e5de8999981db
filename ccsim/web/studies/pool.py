"""What a supervisor asks of a pool of contingents: how many to call at this moment, and the card that says when to call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ccsim.errors import InputError
from ccsim.units import format_duration, parse_clock, parse_count, parse_counts, parse_duration
from ccsim.web.blocks import in_fields
from ccsim.web.boxes import Box, number_from, part_of_all, sentence, some_time
from ccsim.web.jobs import Tell
from ccsim.web.studies.common import SEED
from ccsim.web.studies.study import Finding, Study, Subject, Values, printed

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

_SPAN: Final = (900.0, 14_400.0)  # how far ahead is looked [s]
_FUTURES: Final = (20, 100_000)
_JUDGED: Final = {"target": "a quarter hour misses the target", "anyone": "somebody waits too long"}


def _span(text: str) -> float:
    """How far to look ahead [s]; raises `InputError`."""
    found = some_time(text)
    if not _SPAN[0] <= found <= _SPAN[1]:
        raise InputError(f"found {format_duration(found)}, where 15 min to 4 h belong")
    return found


def _counts(text: str) -> int | dict[str, int]:
    """A number, or one of each name; raises `InputError`."""
    try:
        return parse_counts(text)
    except InputError as fault:
        raise InputError(str(fault).replace("NAME=N", "one of each, such as english=12, spanish=2")) from None


AT_THIS_MOMENT: Final = (
    Box("at", "Time", "by the clock, such as 10:40", parse_clock, True),
    Box("waiting", "Callers who wait", "a whole number, or english=12, spanish=2", _counts, True),
    Box("oldest", "The oldest has waited", "such as 70 s; needed where somebody waits", parse_duration),
    Box("agents", "Agents on duty", "logged in and not on a break, without contingents; or by group", _counts, True),
    Box("on", "Contingents on duty", "left out: 0", _counts),
    Box("calls_so_far", "Calls so far today", "left out: the queue says how busy the day is", _counts),
    Box("free", "Agents without a call", "left out: drawn where nobody waits", parse_count, more=True),
    Box("asked", "How often each was asked this week", "left out: never", parse_count, more=True),
    Box("activations", "Activations so far", "needed only where the scenario limits them", parse_count, more=True),
    Box("logged_in", "Hours on so far", "of all its people, where the scenario limits them; such as 12 h", parse_duration, more=True),
    Box("level", "Chance to keep below", "left out: 20 %", part_of_all, more=True),
    Box("judge", "What is to be avoided", "left out: as the target says", choices=_JUDGED, more=True),
    Box("by", "How the number is chosen", "left out: by the chance", choices={"chance": "by the chance", "cost": "by the cost"}, more=True),
    Box("span", "How far to look ahead", "left out: 2 h; 15 min to 4 h", _span, more=True),
    Box("futures", "Futures to play", "left out: what two seconds allow", number_from(*_FUTURES), more=True),
    Box(SEED.name, SEED.label, SEED.hint, SEED.read, more=True),
)
SHARE: Final = Box("share", "Calls that may wait too long", "left out: what the target leaves; less calls sooner", part_of_all)
_LEFT_OUT: Final = ("asked", "activations", "logged_in", "level", "judge", "by", "span", "futures", "seed")  # have values of their own


def _pool(subject: Subject) -> Box:
    names = list(subject.scenario.contingent)
    return Box("pool", "Pool", "left out: the only one", choices={name: name for name in names})


def _called(scenario: Scenario) -> bool:
    return bool(scenario.contingent and scenario.staff)


def _check_now(subject: Subject, values: Values) -> dict[str, str]:
    """What cannot be, beside the field with which it came: the state is told again and again, each time with one field more."""
    from ccsim.contingent.state import check_pool, state_of

    scenario = subject.scenario
    if values["judge"] == "target" and scenario.target.share is None:
        return {"judge": "The target of the scenario has no share, so no quarter hour can miss it. Give it one, or avoid the other."}
    told = {"pool": values["pool"], "at": values["at"], "waiting": 0, "oldest": None, "agents": 0}
    steps = ("waiting", "oldest", "agents", "on", "free", "calls_so_far", "asked", "activations", "logged_in")
    field = "pool"
    try:
        pool = check_pool(scenario, values["pool"])
        field = "at"
        state_of(scenario, **told)
        for field in steps:
            if values[field] is None and not (field == "oldest" and values["waiting"]):
                continue
            told[field] = values[field]
            # callers who wait have waited somehow as long as the field on it was not looked at
            state_of(scenario, **(told | ({"oldest": 0.0} if field == "waiting" else {})))
    except InputError as fault:
        return {field: sentence(InputError(in_fields(str(fault))))}
    if values["by"] == "cost" and (scenario.cost is None or scenario.cost.abandoned_call == 0.0 or pool.pay is None):
        return {"by": "What is cheapest needs the cost of an abandoned call and the pay of the pool in the scenario. Go by the chance, or "
                "give both there."}  # fmt: skip
    return {}


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
    check=_check_now,
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
