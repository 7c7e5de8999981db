"""A run as JSON and as CSV files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim import __version__
from ccsim.reporting.files import check_folder, replacing
from ccsim.reporting.risk import rows_of

if TYPE_CHECKING:
    from ccsim.experiment.result import Result
    from ccsim.staffing import Beside, Requirement

# The tables of a run, each a file of the folder
_TABLES = ("measures", "call_types", "groups", "contingent", "shrinkage", "risk", "intervals")


def run_json(result: Result, formula: Beside | None) -> str:
    """Return a run as one JSON object: `Result.to_dict()`, with the formula's answer for each interval under `erlang_c`.

    That entry holds `agents`, `service_level` (at the target wait) and `mean_wait` [s]; what is not known, or infinite, is null.
    """
    document = result.to_dict()
    if formula is not None:
        told = zip(document["intervals"], result.measured, strict=True)
        document["intervals"] = [row | {"erlang_c": _said(formula, int(place))} for row, place in told]
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)


def requirement_json(need: Requirement) -> str:
    """Return a requirement as one JSON object (`Requirement.to_dict()` with the version of ccsim)."""
    return json.dumps({"ccsim": __version__, **need.to_dict()}, ensure_ascii=False, indent=2, allow_nan=False)


def csv_places(folder: str | Path) -> list[Path]:
    """Where `write_csv` writes at most."""
    return [Path(folder) / f"{name}.csv" for name in _TABLES]


def write_csv(result: Result, folder: str | Path) -> list[Path]:
    """Write a run's tables into `folder` and return their paths: measures, call types, groups, contingents, shrinkage,
    risk and intervals.

    In intervals.csv a measure has three columns, the mean and `_low` and `_high` of its 95 % interval; elsewhere it has a row. Shares are
    fractions and times seconds, as in the JSON; shrinkage.csv has the rows of the waterfall, hours a day and share of those scheduled, with
    an empty `group` for the whole roster. Raises `InputError` or `ResultError` where the folder takes no files.
    """
    check_folder(folder)
    document = result.to_dict()
    tables = {"measures": [_row(name, entry) for name, entry in document["measures"].items()]}
    for scope, first in (("call_types", "call_type"), ("groups", "group"), ("contingent", "pool")):
        tables[scope] = [{first: key, **_row(name, entry)} for key, found in document[scope].items() for name, entry in found.items()]
    tables["shrinkage"] = _waterfall(document["shrinkage"]) if "shrinkage" in document else []
    tables["risk"] = rows_of(document) if "risk" in document else []
    tables["intervals"] = [_flat(row) for row in document["intervals"]]
    return [_write(Path(folder) / f"{name}.csv", rows) for name, rows in tables.items() if rows]


def _said(formula: Beside, number: int) -> dict[str, float | None]:
    numbers = {name: float(getattr(formula, name)[number]) for name in ("agents", "service_level", "mean_wait")}
    return {name: number if np.isfinite(number) else None for name, number in numbers.items()}


def _row(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    return {"measure": name, **entry}


_NOTHING = {"mean": None, "low": None, "high": None}
_HOURS = ("scheduled", "on_queue", "unpaid_breaks_worked", "overtime")
_SHARES = ("planned_share", "unplanned_share", "in_office_share", "out_of_office_share", "shares_added", "shares_multiplied")


def _waterfall(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of shrinkage.csv."""
    rows: list[dict[str, Any]] = []
    for group, block in {"": document, **document["groups"]}.items():

        def row(entry: str, hours: dict[str, Any], share: dict[str, Any], step: dict[str, Any], group: str = group) -> dict[str, Any]:
            told = {name: step.get(name, "") for name in ("kind", "planned", "office")}
            return {"group": group, "entry": entry, **told, **_flat({"hours": hours, "share": share})}

        rows += [row(name, block[name], _NOTHING, {}) for name in _HOURS]
        if "employments_ended" in block:
            rows.append(row("employments_ended", block["employments_ended"]["hours"], _NOTHING, {}))
        rows += [row(step["name"], step["hours"], step["share"], step) for step in block["steps"]]
        shares = block | {"shares_multiplied": _NOTHING | {"mean": block["shares_multiplied"]}}
        rows += [row(name, _NOTHING, shares[name], {}) for name in _SHARES]
    return rows


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, entry in row.items():
        if isinstance(entry, dict):
            flat.update({name: entry["mean"], f"{name}_low": entry["low"], f"{name}_high": entry["high"]})
        else:
            flat[name] = entry
    return flat


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with replacing(path) as partial:
        partial.write_text(text.getvalue(), encoding="utf-8")
    return path
