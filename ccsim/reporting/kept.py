"""Kept runs for a terminal and as JSON: the list, one of them, two side by side, and one played again."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ccsim.errors import InputError
from ccsim.experiment.changes import Change, changes
from ccsim.experiment.differences import Difference
from ccsim.experiment.history import HistoryError, changed_versions, result_of, scenario_of
from ccsim.experiment.named_files import inside
from ccsim.measures.definitions import PERCENTILES, label, of_scope
from ccsim.reporting.comparison import in_full, shortened
from ccsim.reporting.differences import limits, spelled
from ccsim.reporting.files import check_folder, replacing
from ccsim.reporting.tables import show_run
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.wording import NOTHING, half_width, number_of, unit_words, value

if TYPE_CHECKING:
    from ccsim.experiment.history import Check, Record

MOST_FIGURES = 12  # differing figures that are told one by one
MOST_CHANGES = 40


def runs_json(heads: Sequence[Mapping[str, Any]], path: Path | None) -> str:
    """Return the list of kept runs as one JSON object."""
    return _json({"history": None if path is None else str(path), "runs": [dict(head) for head in heads]})


def show_runs(out: Console, heads: Sequence[Mapping[str, Any]], path: Path | None, total: int) -> None:
    """Print the list of kept runs, newest first."""
    if path is None:
        out.print(plain_text("No history is kept: CCSIM_HISTORY is off."))
        return
    if not heads and total:
        out.print(plain_text(f"{total:,} run{'' if total == 1 else 's'} of sweeps are kept in {path}; --all lists them."))
        return
    if not heads:
        out.print(plain_text(f"No runs are kept in {path} yet; `ccsim run` keeps its runs there."))
        return
    grid = table("run", "played", "by", "scenario", "file", "days", "seed", "engine", "answered in time", "ccsim", heads_right=False)
    for head in heads:
        grid.add_row(
            str(head["number"]),
            moment(dt.datetime.fromisoformat(head["kept_at"])),
            head["command"],
            plain_text(shortened(head["title"]) + (f" · {head['asked']['set']}" if "set" in head["asked"] else "")),
            plain_text(Path(head["file"]).name if head["file"] else NOTHING),
            f"{head['replications']:,}" + (" (ended early)" if head["interrupted"] else ""),
            str(head["seed"]),
            head["engine"],
            value(head["lead"]) + half_width(head["lead"]),
            head["versions"].get("ccsim", NOTHING),
        )
    out.print(grid)
    out.print()
    more = f"The {len(heads)} latest of {total:,} runs" if total > len(heads) else f"{total:,} run{'' if total == 1 else 's'}"
    out.print(plain_text(f"{more} in {path}. Answered in time: the service level that the scenario's target names.", style="dim"))


def run_json(record: Record) -> str:
    """Return a kept run as one JSON object, its scenario's text included."""
    return _json({**_head(record), "asked": dict(record.asked), "scenario_text": record.text, "result": dict(record.document)})


def show_kept(out: Console, record: Record) -> None:
    """Print a kept run: when and with what it was played, then the tables of that day."""
    out.print(plain_text(_told(record), style="dim"))
    if record.file:
        out.print(plain_text(f"Scenario file then: {record.file}", style="dim"))
    kept = ", ".join(record.files)
    out.print(plain_text(f"SHA-256 of the scenario{f' with {kept}' if kept else ''}: {record.hash}", style="dim"))
    if not record.exact:
        out.print(plain_text("Its scenario could not be kept exactly, so it cannot be played again.", style="bold"))
    out.print()
    try:
        shown: Any = result_of(record)
    except HistoryError as fault:
        out.print(plain_text(f"Note: {fault}", style="yellow"))
        section(out, record.title, _measures([record]))
        return
    show_run(out, shown, None)


def pair_json(first: Record, second: Record) -> str:
    """Return two kept runs side by side as one JSON object; differences are of the second less the first."""
    rows = {
        name: {
            "first": first.document["measures"][name],
            "second": second.document["measures"][name],
            **dict(zip(_PARTS, apart, strict=True)),
        }
        for name, apart in _differences(first, second).items()
    }
    return _json(
        {
            "first": _head(first),
            "second": _head(second),
            "changed": [{"key": change.key, "first": change.values[0], "second": change.values[1]} for change in _changed(first, second)],
            "versions": [
                {"name": name, "first": before, "second": now} for name, before, now in changed_versions(first.versions, second.versions)
            ],
            "measures": rows,
        }
    )


_PARTS = ("difference", "low", "high")


def show_pair(out: Console, first: Record, second: Record) -> None:
    """Print two kept runs side by side."""
    for record in (first, second):
        out.print(plain_text(f"{_told(record)} · {record.title}"))
    told = [change for change in _changed(first, second) if change.key != "title"]
    names_of = (f"run {first.number}", f"run {second.number}")
    if told:
        grid = table("", *names_of, heads_right=False)
        for change in told[:MOST_CHANGES]:
            grid.add_row(plain_text(change.key), *(plain_text(NOTHING if one is None else in_full(one)) for one in change.values))
        if len(told) > MOST_CHANGES:
            grid.add_row(plain_text(f"and {len(told) - MOST_CHANGES} more keys (--json gives them all)"), "", "")
        section(out, "What was changed", grid)
    else:
        section(out, "What was changed", plain_text("nothing in the scenario"))
    differing = changed_versions(first.versions, second.versions)
    if differing:
        out.print()
        out.print(plain_text(f"Played with other versions: {version_words(differing)}."))
    section(out, "Over the open hours", _measures([first, second]))
    out.print()
    said = "Differences as if the runs had nothing in common; --again plays both under the same luck, which tells much smaller ones."
    out.print(plain_text(said, style="dim"))


def _changed(first: Record, second: Record) -> list[Change]:
    try:
        found = changes([scenario_of(first), scenario_of(second)])
    except HistoryError:
        return [Change("scenario", (f"SHA-256 {first.hash[:12]}", f"SHA-256 {second.hash[:12]}"))] if first.hash != second.hash else []
    for name in dict.fromkeys([*first.files, *second.files]):
        if name in first.files and name in second.files and first.files[name] != second.files[name]:
            found.append(Change(f"file {name}", ("as it was", "changed")))
    return found


def _differences(first: Record, second: Record) -> dict[str, tuple[float | None, float | None, float | None]]:
    """The measures that both have with numbers in the same unit: the second less the first, with an interval as if independent."""
    found: dict[str, tuple[float | None, float | None, float | None]] = {}
    for name, before in first.document["measures"].items():
        after = second.document["measures"].get(name)
        if after is None or before["unit"] != after["unit"]:
            continue
        numbers = [number_of(before), number_of(after)]
        if any(not isinstance(number, (int, float)) for number in numbers):
            found[name] = (None, None, None)
            continue
        mean = after["mean"] - before["mean"]
        if None in (before["low"], before["high"], after["low"], after["high"]):
            found[name] = (mean, None, None)
            continue
        down = math.hypot(after["mean"] - after["low"], before["high"] - before["mean"])
        up = math.hypot(after["high"] - after["mean"], before["mean"] - before["low"])
        found[name] = (mean, mean - down, mean + up)
    return found


def _measures(records: Sequence[Record]) -> Any:
    documents = [record.document["measures"] for record in records]
    apart = _differences(records[0], records[1]) if len(records) == 2 else {}
    known = {measure.name for measure in of_scope("run")} | set(PERCENTILES)
    grid = table("", *(f"run {record.number}" for record in records), *(("difference", "95 % interval") if apart else ()))
    grid.add_column("")
    for name, entry in documents[0].items():
        cells = [value(document.get(name)) + half_width(document.get(name), name) for document in documents]
        words = label(name) if name in known else name
        grid.add_row(words, *cells, *(_difference_cells(apart.get(name), entry["unit"]) if apart else ()), unit_words(entry))
    return grid


def _difference_cells(apart: tuple[float | None, float | None, float | None] | None, unit: str) -> tuple[str, str]:
    if apart is None or apart[0] is None:
        return NOTHING, NOTHING
    mean, low, high = (math.nan if number is None else number for number in apart)
    told = Difference("", unit, mean, low, high, math.nan, None, None)
    return spelled(told, mean, True), limits(told)


def check_json(record: Record, found: Check) -> str:
    """Return what playing a kept run again has shown as one JSON object."""
    return _json(
        {
            **_head(record),
            "same": found.same,
            "figures": found.figures,
            "differing": [{"figure": name, "kept": before, "now": now} for name, before, now in found.differing],
            "gone": list(found.gone),
            "changed_versions": [{"name": name, "kept": before, "now": now} for name, before, now in found.versions],
        }
    )


def show_check(out: Console, record: Record, found: Check) -> None:
    """Print what playing a kept run again has shown."""
    out.print(plain_text(_told(record), style="dim"))
    if found.same:
        out.print(plain_text(f"Played again, run {record.number} gives the same numbers to the last bit: {found.figures:,} figures."))
        if found.versions:
            out.print(plain_text(f"Since then these have changed, without moving a number: {version_words(found.versions)}.", style="dim"))
        return
    out.print(
        plain_text(f"Played again, run {record.number} differs in {len(found.differing):,} of {found.figures:,} figures.", style="bold")
    )
    if found.gone:
        out.print(plain_text(f"{len(found.gone):,} figures are not given any more, such as {found.gone[0]}."))
    if found.versions:
        out.print(plain_text(f"What has changed since: {version_words(found.versions)}."))
    else:
        out.print(plain_text("No version has changed since, so this is a fault in ccsim: the same run must give the same numbers."))
    grid = table("", "kept", "now")
    for name, before, now in found.differing[:MOST_FIGURES]:
        grid.add_row(plain_text(name), plain_text(str(before)), plain_text(str(now)))
    if found.differing:
        section(out, "Figures that differ" + (", the first of them" if len(found.differing) > MOST_FIGURES else ""), grid)


def version_words(differing: Sequence[tuple[str, str, str]]) -> str:
    """What differs between versions, as an enumeration: libraries from and to, ccsim's own code by part."""
    code = [name.removeprefix("code of ") for name, _, _ in differing if name.startswith("code of ")]
    others = [f"{name} from {before} to {now}" for name, before, now in differing if not name.startswith("code of ")]
    return ", ".join([*others, *([f"the code of {', '.join(code)}"] if code else [])])


def save_scenario(record: Record, folder: Path) -> Path:
    """Write a kept run's scenario and its CSV files into a folder; returns the scenario's path. Nothing that is there is written over."""
    check_folder(folder)
    name = Path(record.file).name if record.file else f"run-{record.number}.yaml"
    wanted = {name: record.text.encode("utf-8"), **{key: content for key, content in record.files.items() if inside(key)}}
    for key, content in wanted.items():
        path = folder / key
        if path.exists() and (not path.is_file() or path.read_bytes() != content):
            raise InputError(f"{path} is there already and holds something else; name another folder")
    for key, content in wanted.items():
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        with replacing(folder / key) as partial:
            partial.write_bytes(content)
    return folder / name


def moment(when: dt.datetime) -> str:
    """A moment in the time of this place: 2027-04-12 14:05."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M")


def _told(record: Record) -> str:
    early = ", ended early" if record.interrupted else ""
    version = record.versions.get("ccsim", NOTHING)
    return (
        f"Run {record.number}, {moment(record.kept_at)} · {record.replications:,} day{'' if record.replications == 1 else 's'}{early} · "
        f"seed {record.seed} · engine {record.engine} · ccsim {version} · by `ccsim {record.command}`"
    )


def _head(record: Record) -> dict[str, Any]:
    return {
        "run": record.number,
        "kept_at": record.kept_at.isoformat(timespec="seconds"),
        "command": record.command,
        "title": record.title,
        "file": record.file,
        "scenario_hash": record.hash,
        "files": list(record.files),
        "can_be_played_again": record.exact,
        "seed": record.seed,
        "replications": record.replications,
        "engine": record.engine,
        "interrupted": record.interrupted,
        "versions": dict(record.versions),
    }


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
