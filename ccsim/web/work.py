"""What workers do: play, compare, draw, calculate, and say it as blocks that a page can show.

Every function takes what was asked, as plain values, and gives plain values; scenarios are read from the workspace in the worker itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ccsim.errors import CcsimError
from ccsim.experiment.history import History
from ccsim.experiment.history.records import record_of
from ccsim.web.answers import MADE, Answer, keep, own
from ccsim.web.blocks import Catcher, in_fields, text_block
from ccsim.web.jobs import Tell
from ccsim.web.pictures import pictures
from ccsim.web.records import in_fields_of_records
from ccsim.web.studies import study_of
from ccsim.web.studies.study import Subject, answer_of
from ccsim.web.telling import days
from ccsim.web.workspace import Workspace

if TYPE_CHECKING:
    from ccsim.experiment.result import Result
    from ccsim.inputs import Scenario

HISTORY: Final = "history.sqlite"
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
    from ccsim.reporting.tables import show_run
    from ccsim.reporting.workbook import write_workbook
    from ccsim.staffing.run import formula_beside
    from ccsim.staffing.run import run as play

    workspace = _workspace(asked)
    scenario = workspace.load(asked["name"])
    told = (asked.get("replications"), asked.get("precision"), asked.get("seed"))
    result = play(scenario, *told, measure=asked.get("measure"), progress=days(tell), at_most=asked.get("at_most"))
    aimed = {"precision": asked.get("precision"), "measure": asked.get("measure"), "precision_reached": result.precision_reached}
    (number,) = _keep(workspace, [result], "run", aimed)
    tell("drawing", 0, 0)
    formula = formula_beside(scenario)
    out = Catcher()
    show_run(out, result, formula)
    if result.precision_missed is not None:
        out.blocks.append(text_block(f"Note: {result.precision_missed}", "yellow"))
    key = f"run-{number}"
    write_workbook(result, own(workspace, MADE) / f"{key}.xlsx", formula)
    answer = _told(key, "run", scenario, out) | {"numbers": [number], "files": [asked["name"]], "pictures": _drawn(result)}
    return keep(workspace, answer)


def compare(asked: Mapping[str, Any], tell: Tell) -> Answer:
    """Play scenarios under the same luck, keep their runs, and say and draw what differs."""
    from ccsim.experiment.compare import compare as play
    from ccsim.reporting.comparison import show_comparison

    workspace = _workspace(asked)
    scenarios = [workspace.load(name) for name in asked["names"]]
    told = _told_of(asked, ("measure", "within", "confidence"))
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
        drawn += [{**picture, "of": one.name} for picture in _drawn(one.result, _COMPARED)]
    drawn.sort(key=lambda picture: _COMPARED.index(picture["name"]))
    for number, picture in enumerate(drawn):
        picture["name"] = f"{picture['name']}-{number}"
    key = f"compare-{'-'.join(map(str, numbers))}"
    answer = _told(key, "compare", scenarios[0], out) | {"numbers": numbers, "files": list(asked["names"]), "pictures": drawn}
    return keep(workspace, answer | {"title": "Compared: " + " and ".join(scenario.title for scenario in scenarios)})


def make(asked: Mapping[str, Any], tell: Tell) -> Answer:
    """Make the report or the workbook of a kept run, by playing the very same days again."""
    from ccsim.experiment.history import HistoryError, scenario_of
    from ccsim.reporting.report import explained, write_report
    from ccsim.reporting.workbook import write_workbook
    from ccsim.staffing.run import formula_beside
    from ccsim.staffing.run import run as play

    workspace, number, what = _workspace(asked), int(asked["number"]), asked["what"]
    path = own(workspace, MADE) / f"run-{number}.{'html' if what == 'report' else 'xlsx'}"
    if not path.exists():
        with History(history_of(workspace)) as history:
            record = history.run(number)
        if not record.exact:
            raise HistoryError(f"the scenario of run {number} could not be kept exactly, so it cannot be played again")
        scenario = scenario_of(record)
        controls = "controls" in record.document  # what a precision asked for
        result = play(scenario, record.replications, None, record.seed, record.engine, None, None, days(tell), controls)  # type: ignore[arg-type]
        if what == "report":
            why = explained(result, progress=days(tell, "asking why it is not Erlang's answer"))
            tell("drawing", 0, 0)
            write_report(result, path, *why)
        else:
            write_workbook(result, path, formula_beside(scenario))
    return {"number": number, "what": what}


def card(asked: Mapping[str, Any], tell: Tell) -> Answer:
    """The activation card, as blocks and as the page to print."""
    from ccsim.contingent.card import card as ask
    from ccsim.reporting.card import card_html, show_card

    tell("looking ahead from every queue", 0, 0)
    workspace = _workspace(asked)
    scenario = workspace.load(asked["name"])
    found = ask(scenario, asked.get("pool"), asked.get("share"))
    out = Catcher()
    show_card(out, found)
    return _told("", "card", scenario, out) | {"print": card_html(found)}


def now(asked: Mapping[str, Any], tell: Tell) -> Answer:
    """How many contingents to call at this moment."""
    from ccsim.contingent.now import now as ask
    from ccsim.reporting.now import show_now

    tell("playing the next two hours", 0, 0)
    scenario = _workspace(asked).load(asked["name"])
    found = ask(
        scenario, asked["at"], asked["waiting"], asked["agents"], asked.get("oldest"), asked.get("on") or 0,
        calls_so_far=asked.get("calls_so_far"), pool=asked.get("pool"), free=asked.get("free"), **_told_of(asked, _OF_NOW),
    )  # fmt: skip
    out = Catcher()
    show_now(out, found)
    return _told("", "now", scenario, out)


_OF_NOW: Final = ("asked", "activations", "logged_in", "level", "judge", "by", "span", "futures", "seed")


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


def _drawn(result: Result, wanted: tuple[str, ...] = ()) -> list[dict[str, str]]:
    return [picture._asdict() for picture in pictures(result, wanted)]


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
    "card": card,
    "now": now,
    "calculate": calculate,
    "study": study,
}
