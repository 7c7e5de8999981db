"""What workers do: play, compare, draw, calculate, and say it as blocks that a page can show.

Every function takes what was asked, as plain values, and gives plain values; scenarios are read from the workspace in the worker itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ccsim.errors import CcsimError
from ccsim.experiment.history import History
from ccsim.experiment.history.records import record_of
from ccsim.web.answers import Answer, keep, made
from ccsim.web.blocks import Catcher, in_fields, text_block
from ccsim.web.jobs import Tell
from ccsim.web.pictures import pictures
from ccsim.web.records import in_fields_of_records
from ccsim.web.studies import study_of
from ccsim.web.studies.study import Subject, answer_of
from ccsim.web.telling import days, shares
from ccsim.web.workspace import Workspace

if TYPE_CHECKING:
    from ccsim.experiment.result import Result
    from ccsim.fitting.drawn import Draws
    from ccsim.inputs import Scenario

HISTORY: Final = "history.sqlite"
_PLAYED: Final = ("replications", "precision", "seed", "measure", "controls", "at_most", "batches")
_COMPARED = ("service", "wait", "agents")  # charts of each scenario that stand side by side


def do(kind: str, asked: Mapping[str, Any], tell: Tell) -> Answer:
    """Do a job of a kind; raises `CcsimError` with a sentence for what cannot be done."""
    try:
        return _KINDS[kind](asked, tell)
    except CcsimError as fault:  # where the folder lies on this machine is nobody's business
        said = within(str(fault), str(asked.get("folder", "")))
        of_records = kind == "study" and not asked.get("name")
        raise CcsimError(in_fields_of_records(said) if of_records else in_fields(said)) from None


def within(sentence: str, root: str) -> str:
    """A sentence with the names of files as the folder has them.

    >>> within("plans/a.yaml, line 3: ...", "plans")
    'a.yaml, line 3: ...'
    """
    return sentence.replace(f"{root}{os.sep}", "") if root else sentence


def history_of(workspace: Workspace) -> Path:
    """The file that keeps the page's runs."""
    return workspace.own / HISTORY


def _workspace(asked: Mapping[str, Any]) -> Workspace:
    return Workspace(asked["folder"])


def warm(asked: Mapping[str, Any], tell: Tell) -> Answer:
    """Import what the others need."""
    import ccsim.experiment.compare
    import ccsim.reporting.tables
    import ccsim.staffing.run
    import ccsim.theory.calculator  # noqa: F401

    return {}


def run(asked: Mapping[str, Any], tell: Tell) -> Answer:
    """Play a scenario, keep the run, and say and draw what came of it."""
    from ccsim.measures.definitions import target_measure
    from ccsim.reporting.controls import control_words
    from ccsim.reporting.tables import show_run
    from ccsim.reporting.workbook import write_workbook
    from ccsim.staffing.run import formula_beside
    from ccsim.staffing.run import run as play

    workspace = _workspace(asked)
    scenario = workspace.load(asked["name"])
    drawn = _draws_of(workspace, scenario, asked.get("draws"))
    told: dict[str, Any] = {name: asked.get(name) for name in _PLAYED}
    result = play(scenario, progress=days(tell), **told)
    aimed = {name: asked.get(name) for name in ("precision", "measure", "batches")} | {"precision_reached": result.precision_reached}
    (number,) = _keep(workspace, [result], "run", aimed)
    tell("drawing", 0, 0)
    formula = formula_beside(scenario)
    out = Catcher()
    show_run(out, result, formula)
    if drawn is not None:
        _show_open(out, result, drawn, asked["draws"], tell)
    for said in control_words(result.controls, asked.get("measure") or target_measure(scenario.target.variant), result.replications):
        out.blocks.append(text_block(said))
    if result.precision_missed is not None:
        out.blocks.append(text_block(f"Note: {result.precision_missed}", "yellow"))
    key = f"run-{number}"
    write_workbook(result, made(workspace, number, "workbook"), formula)
    answer = _told(key, "run", scenario, out) | {"numbers": [number], "files": [asked["name"]], "pictures": _drawn(result)}
    answer["rules"] = bool(scenario.contingent and scenario.staff)
    return keep(workspace, answer)


def _draws_of(workspace: Workspace, scenario: Scenario, name: str | None) -> Draws | None:
    """The sets of parameters in a file of the folder; raises `InputError` where they are another scenario's."""
    if not name:
        return None
    from ccsim.fitting.draws_file import check_draws, read_draws

    draws = read_draws(workspace.path(name))
    check_draws(draws, scenario, name)
    return draws


def _show_open(out: Catcher, result: Result, draws: Draws, name: str, tell: Tell) -> None:
    """Say what the records leave open of a run, by playing it with each set of parameters."""
    from ccsim.experiment.drawn import with_draws
    from ccsim.reporting.drawn import show_open

    show_open(out, result.scenario, with_draws(result, draws, name, None, days(tell, "playing what the records leave open")), name)


def compare(asked: Mapping[str, Any], tell: Tell) -> Answer:
    """Play scenarios under the same luck, keep their runs, and say and draw what differs."""
    from ccsim.experiment.compare import compare as play
    from ccsim.reporting.comparison import show_comparison

    workspace = _workspace(asked)
    scenarios = [workspace.load(name) for name in asked["names"]]
    told = _told_of(asked, ("measure", "within", "confidence", "intervals"))
    found = play(scenarios, asked.get("replications"), asked.get("seed"), progress=days(tell), **told)
    numbers = _keep(workspace, [one.result for one in found.played], "compare", {})
    tell("drawing", 0, 0)
    out = Catcher()
    show_comparison(out, found)
    for block in out.blocks:  # the column of files says where they lie on this machine
        for row in block.get("rows", ()):
            row[:] = [within(cell, str(workspace.root)) for cell in row]
    drawn = []
    for one in found.played:
        drawn += [{**picture, "of": one.name} for picture in _drawn(one.result, _COMPARED, [other.result for other in found.played])]
    drawn.sort(key=lambda picture: _COMPARED.index(picture["name"]))
    for number, picture in enumerate(drawn):
        picture["name"] = f"{picture['name']}-{number}"
    key = f"compare-{'-'.join(map(str, numbers))}"
    answer = _told(key, "compare", scenarios[0], out) | {"numbers": numbers, "files": list(asked["names"]), "pictures": drawn}
    return keep(workspace, answer | {"title": "Compared: " + " and ".join(scenario.title for scenario in scenarios)})


def make(asked: Mapping[str, Any], tell: Tell) -> Answer:
    """Make the report or the workbook of a kept run, by playing the very same days again."""
    from ccsim.contingent.frontier import frontier
    from ccsim.experiment.history import HistoryError, scenario_with_files
    from ccsim.reporting.report import explained, write_report
    from ccsim.reporting.workbook import write_workbook
    from ccsim.staffing.run import formula_beside
    from ccsim.staffing.run import run as play

    workspace, number, what = _workspace(asked), int(asked["number"]), asked["what"]
    path = made(workspace, number, what)
    if not path.exists():
        with History(history_of(workspace)) as history:
            record = history.run(number)
        if not record.exact:
            raise HistoryError(f"the scenario of run {number} could not be kept exactly, so it cannot be played again")
        with scenario_with_files(record) as scenario:
            cut = record.document.get("batches")  # of one path, in place of replications
            told = {"batches": cut["count"]} if cut else {"replications": record.replications, "controls": "controls" in record.document}
            result = play(scenario, seed=record.seed, engine=record.engine, progress=days(tell), **told)  # type: ignore[arg-type]
            if what != "workbook":
                why = explained(result, progress=days(tell, "asking why it is not Erlang's answer"))
                found = frontier(scenario, seed=result.seed, progress=shares(tell, "playing rules")) if what == "rules" else None
                tell("drawing", 0, 0)
                write_report(result, path, *why, found)
            else:
                write_workbook(result, path, formula_beside(scenario))
    return {"number": number, "what": what}


def _told_of(asked: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Those of the names that were told; what was left out is as the function has it."""
    return {name: asked[name] for name in names if asked.get(name) is not None}


def calculate(asked: Mapping[str, Any], tell: Tell) -> Answer:
    """The calculator: a queue described by formula, and what one more agent buys."""
    from ccsim.web.calculator import calculated

    return calculated(asked)


def study(asked: Mapping[str, Any], tell: Tell) -> Answer:
    """Answer a study, and keep the answer."""
    workspace = _workspace(asked)
    one, subject = study_of(asked["study"]), Subject(workspace, asked["name"])
    title = subject.scenario.title if subject.name else ""
    found = one.do(subject, asked["values"], tell)
    return keep(workspace, answer_of(one, subject, asked["typed"], found, title))


def _drawn(result: Result, wanted: tuple[str, ...] = (), beside: Sequence[Result] = ()) -> list[dict[str, str]]:
    return [picture._asdict() for picture in pictures(result, wanted, beside)]


def _told(key: str, kind: str, scenario: Scenario, out: Catcher) -> Answer:
    return {"key": key, "kind": kind, "title": scenario.title, "blocks": out.blocks, "pictures": []}


def _keep(workspace: Workspace, results: list[Result], command: str, asked: Mapping[str, Any]) -> list[int]:
    """Keep runs in the page's own history before anything else is done with them; their numbers."""
    with History(history_of(workspace), create=True) as history:
        return history.keep([record_of(result, command, asked) for result in results])


_KINDS: Final[Mapping[str, Callable[[Mapping[str, Any], Tell], Answer]]] = {
    "warm": warm,
    "run": run,
    "compare": compare,
    "make": make,
    "calculate": calculate,
    "study": study,
}
