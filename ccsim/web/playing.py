"""How a scenario is played: days, seed, and how well a measure is to be known; the fields, and what was typed into them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ccsim.errors import InputError
from ccsim.web.boxes import NO, YES_OR_NO, Box, Misfilled, Typed, number_from, part_of_all, read_boxes, sentence, yes
from ccsim.web.studies.common import LARGEST_SEED, MEASURES, measures

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

FaultOfDraws = Callable[
    [str, "Scenario"], str
]  # of a file and a scenario: why its sets of parameters are not the scenario's; "" if they are

MOST_DAYS: Final = 1_000_000
MOST_MORE: Final = 4  # scenarios compared besides A and B
LEAST_BATCHES: Final = 5
_NOT_WITH_BATCHES: Final = {
    "days": "Days to play are given",
    "precision": "A precision is given",
    "controls": "Control variates are chosen",
    "draws": "What the records leave open is asked for",
}
DAYS_AND_SEED: Final = (
    Box("days", "Days to play", "left out: 200", number_from(1, MOST_DAYS)),
    Box("seed", "Seed", "left out: 1", number_from(0, LARGEST_SEED)),
)


def choice_faults(first: str | None, second: str | None, more: Sequence[str]) -> dict[str, str]:
    """What is wrong with the scenarios chosen to be compared, by field: first, second, more.

    >>> choice_faults("a.yaml", None, []), choice_faults("a.yaml", "a.yaml", ["b.yaml"])
    ({'second': 'Choose a scenario.'}, {'second': 'This is Scenario A, too; choose another.'})
    """
    faults = {name: "Choose a scenario." for name, chosen in (("first", first), ("second", second)) if not chosen}
    if first and first == second:
        faults["second"] = "This is Scenario A, too; choose another."
    if {first, second} & {*more}:
        faults["more"] = "One of these is Scenario A or B already; take it out here."
    elif len(more) > MOST_MORE:
        faults["more"] = f"{len(more)} are chosen; take out all but {MOST_MORE}."
    return faults


def _filled(typed: Typed, name: str) -> bool:
    """Whether something stands in a field."""
    return bool(str(typed.get(name) or "").strip())


def _precisely(typed: Typed) -> bool:
    return _filled(typed, "precision")


def boxes_of(scenario: Scenario | None, draws: Sequence[str] = ()) -> tuple[Box, ...]:
    """The fields of how a scenario is played; a precision's measure are those that the scenario has, if it can be read.

    `draws` are names of files with sets of parameters.
    """
    open_left = Box("draws", "What the records leave open", "sets of parameters, kept with a scenario made of records; left out: nothing",
                    choices={name: name for name in draws}, more=True)  # fmt: skip
    return (
        *DAYS_AND_SEED,
        Box("precision", "Precision", "in place of days: 0.5 pt of a share, 2 % of itself, 1 s of a wait", str),
        Box(
            "measure", "Of which measure", "left out: the target’s service level",
            choices={} if scenario is None else measures(scenario),
            belongs=_precisely,
        ),
        Box("at_most", "Days at most", "left out: 100,000", number_from(1, MOST_DAYS), belongs=_precisely),
        Box(
            "controls", "Control variates", "measures set against what luck brought, for narrower intervals; left out: with a precision",
            yes, choices=YES_OR_NO, more=True,
        ),
        Box(
            "batches", "Batches of one long path", "in place of days: the path is played once and cut into so many, for a centre that "
            "never closes", number_from(LEAST_BATCHES, MOST_DAYS), more=True,
        ),
        *([open_left] if draws else []),
    )  # fmt: skip


COMPARED: Final = (
    *DAYS_AND_SEED,
    Box("measure", "What is compared", "left out: the service level of A", choices=MEASURES),
    Box("intervals", "Interval by interval as well", "where a plan differs for an hour, that hour tells most", choices=YES_OR_NO, first=NO),
    Box("within", "Play on until the best is found", "differences left undecided, such as 0.5 pt or 2 s; left out: no", str),
    Box("confidence", "How sure of the best", "left out: 95 %", part_of_all, belongs=lambda typed: _filled(typed, "within")),
)


def faults_of(
    typed: Typed, scenario: Scenario | None, draws: Sequence[str] = (), fault_of_draws: FaultOfDraws = lambda name, scenario: ""
) -> dict[str, str]:
    """What is wrong with what was typed, by field."""
    return _read(typed, scenario, draws, fault_of_draws)[1]


def how_played(
    typed: Typed, scenario: Scenario | None, draws: Sequence[str] = (), fault_of_draws: FaultOfDraws = lambda name, scenario: ""
) -> dict[str, Any]:
    """Replications, seed, precision, measure and the rest as typed; raises `Misfilled`."""
    values, faults = _read(typed, scenario, draws, fault_of_draws)
    if faults:
        raise Misfilled(faults, {box.name: box.name for box in boxes_of(None, draws)})
    return {"replications": values.pop("days"), **values}


def _read(
    typed: Typed, scenario: Scenario | None, draws: Sequence[str], fault_of_draws: FaultOfDraws
) -> tuple[dict[str, Any], dict[str, str]]:
    values, faults = read_boxes(boxes_of(scenario, draws), typed)
    if values["precision"] and "precision" not in faults:
        if values["days"] is not None:
            faults["precision"] = "Days to play are given too: one of them decides how long to go on. Leave the other out."
        else:
            faults |= _precision_faults(values, scenario)
    beside = next((words for name, words in _NOT_WITH_BATCHES.items() if values.get(name)), "")
    if values["batches"] is not None and beside:
        faults.setdefault("batches", f"{beside} too, and batches cut one path that is played once. Leave one of them out.")
    elif values["batches"] is not None and scenario is not None:
        faults |= _batches_faults(values["batches"], scenario)
    if values.get("draws") and scenario is not None and (fault := fault_of_draws(values["draws"], scenario)):
        faults["draws"] = fault
    return values, faults


def _batches_faults(batches: int, scenario: Scenario) -> dict[str, str]:
    """Whether the path of a scenario can be cut into so many."""
    from ccsim.experiment.batch_means import _cuts as cuts_of

    try:
        cuts_of(scenario.horizon, batches)
    except InputError as fault:
        return {"batches": sentence(fault).replace("`", "")}
    return {}


def _precision_faults(values: Mapping[str, Any], scenario: Scenario | None) -> dict[str, str]:
    from ccsim.experiment.precision import parse_precision
    from ccsim.measures.definitions import target_measure

    measure = values["measure"] or target_measure(scenario.target.variant if scenario is not None else "offered")
    try:
        parse_precision(values["precision"], measure)
    except InputError as fault:
        return {"precision": sentence(fault)}
    return {}
