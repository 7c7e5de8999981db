"""Drawn parameters as a file (JSON), and the check that they belong to a scenario."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from ccsim.errors import InputError, ScenarioError
from ccsim.fitting.drawn import FEWEST, MOST, Draws
from ccsim.inputs.files import read_text
from ccsim.inputs.scenario import Scenario, changed
from ccsim.units import shown

SHAPE: Final = 1  # of the file; a later one may hold other things
_LARGEST: Final = 100_000_000  # bytes
_LONGEST: Final = 40  # letters of a value in a sentence


def draws_text(draws: Draws) -> str:
    """The file that `read_draws` reads: one JSON object with `draws_of` (title and SHA-256 of the scenario), `fitted`, `sets`."""
    document = {
        "ccsim_draws": SHAPE,
        "draws_of": {"title": draws.title, "sha256": draws.text},
        "held": list(draws.held),
        "fitted": draws.fitted,
        "sets": list(draws.sets),
    }
    return json.dumps(document, ensure_ascii=True, allow_nan=False, indent=1) + "\n"


def read_draws(path: str | Path) -> Draws:
    """The draws in a file that `ccsim fit --draws` wrote; raises `InputError` for any other file."""
    text = read_text(Path(path), lambda sentence: InputError(f"{path} {sentence}"), _LARGEST)
    no = f"{path} holds no draws; name the file that `ccsim fit ... --draws 40` wrote beside the scenario"
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(no) from None
    if not isinstance(document, dict) or "ccsim_draws" not in document:
        raise InputError(no)
    if document["ccsim_draws"] != SHAPE:
        raise InputError(f"{path} has the shape {shown(document['ccsim_draws'])} of another version of ccsim; fit again with this one")
    of, fitted, sets, held = (document.get(name, {}) for name in ("draws_of", "fitted", "sets", "held"))
    whole = isinstance(of, dict) and isinstance(fitted, dict) and isinstance(sets, list) and isinstance(held, list)
    if not whole or not fitted or not all(isinstance(one, dict) and one.keys() == fitted.keys() for one in sets):
        raise InputError(f"{path}: its sets do not all have the same keys as `fitted`; the file was changed, so fit again")
    if not FEWEST <= len(sets) <= MOST:
        raise InputError(f"{path} holds {len(sets)} sets; at least {FEWEST} and at most {MOST} are taken, so fit again")
    if not all(_written(value) for one in (*sets, fitted) for value in one.values()):
        raise InputError(f"{path}: a value is neither text nor a list of texts; the file was changed, so fit again")
    return Draws(str(of.get("title")), str(of.get("sha256")), fitted, tuple(sets), tuple(str(sentence) for sentence in held))


def _written(value: Any) -> bool:
    """Whether a value is one that draws have: text, texts in a list or behind keys, or none."""
    if isinstance(value, dict):
        return all(isinstance(one, str) for one in value.values())
    return value is None or isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def check_draws(draws: Draws, scenario: Scenario, name: str) -> None:
    """Raise `InputError` where the scenario says something else at a key that is drawn than the one that the draws were made of.

    `name` is what the draws are called in the sentence.
    """
    for key, value in draws.fitted.items():
        try:
            same = changed(scenario, {key: value})
        except ScenarioError as fault:
            raise InputError(f"{_of_another(name, draws, key)}: {fault}") from None
        if not _says(scenario, same):
            raise InputError(f"{_of_another(name, draws, key)} was fitted as {_short(value)}, which is not what stands there now")


def drawn_scenarios(draws: Draws, scenario: Scenario, name: str) -> list[Scenario]:
    """The scenario with each set of parameters in place of its own; all else is as it stands there.

    Raises `InputError` where the draws do not belong to the scenario (`check_draws`), or a set makes no scenario.
    """
    check_draws(draws, scenario, name)
    found = []
    for number, one in enumerate(draws.sets, start=1):
        try:
            found.append(changed(scenario, one))
        except ScenarioError as fault:
            raise InputError(f"{name}: set {number} of {len(draws.sets)} makes no scenario of this file: {fault}") from None
    return found


def _says(scenario: Scenario, other: Scenario) -> bool:
    """Whether two scenarios have the same calls, staff and shrinkage."""
    return scenario.calls == other.calls and scenario.staff == other.staff and scenario.shrinkage == other.shrinkage


def _of_another(name: str, draws: Draws, key: str) -> str:
    return (
        f"{name} does not belong to this scenario: it was drawn for {shown(draws.title)}; fit again with --draws, or put back what was "
        f"fitted (targets, people and breaks may be changed). There `{key}`"
    )


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
