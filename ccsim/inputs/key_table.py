"""The table of all scenario keys, and what is drawn from it: the reference page and the JSON Schema.

`python -m ccsim.inputs.key_table PAGE SCHEMA` writes both; a test holds them to the table.
"""

from __future__ import annotations

import json
import pathlib
import sys
import typing
from typing import Any, NamedTuple

from pydantic.fields import FieldInfo

from ccsim.inputs import keys, shapes
from ccsim.inputs.kinds import Reads
from ccsim.units import format_duration, format_share


class Row(NamedTuple):
    """One key of the scenario file."""

    path: str  # dotted; NAME stands for a name that the planner chooses
    kind: str  # what may be written, in words
    limits: str
    required: bool
    default: str  # what leaving it out means; empty where it is required
    start: str  # a starting value for templates and forms, never silent in a file
    built: bool  # False: refused by this version
    meaning: str


def key_table() -> list[Row]:
    """Every key of the scenario file, in the order of the file, keys below other keys after them."""
    return _rows(keys.ScenarioKeys, "")


def _rows(model: type[shapes.Keys], prefix: str) -> list[Row]:
    rows = []
    for name, field in model.model_fields.items():
        row = _row(name, field, prefix)
        rows.append(row)
        named, below = _models(field)
        for inner in below:
            rows += _rows(inner, row.path + (".NAME." if named else "."))
    return rows


def _row(name: str, field: FieldInfo, prefix: str) -> Row:
    extra = typing.cast("dict[str, Any]", field.json_schema_extra)
    readers = _readers(field)
    named, below = _models(field)
    words = [reader.words for reader in readers]
    if named:
        words.append("names with keys below")
    elif below:
        words += ["CSV column" if inner is shapes.Column else "keys below" for inner in below if inner is not shapes.YearlyVolume]
    limits = "; ".join(dict.fromkeys(reader.limits for reader in readers if reader.limits))
    return Row(
        path=prefix + (field.alias or name),
        kind=" or ".join(dict.fromkeys(words)),
        limits=limits,
        required=field.is_required() and extra["built"],
        default=extra["left_out"] or _default(field, readers),
        start=extra["start"],
        built=extra["built"],
        meaning=field.description or "",
    )


def _default(field: FieldInfo, readers: list[Reads]) -> str:
    """The default as it would be written."""
    value = field.default
    if field.is_required() or value is None:
        return ""
    if readers and readers[0].words == "duration":
        return format_duration(value)
    if readers and readers[0].words == "share":
        return format_share(value)
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _parts(kind: Any) -> list[Any]:
    """A type and everything it is put together from, outermost first."""
    return [kind, *(part for inner in typing.get_args(kind) for part in _parts(inner))]


def _readers(field: FieldInfo) -> list[Reads]:
    return [part for part in [*field.metadata, *_parts(field.annotation)] if isinstance(part, Reads)]


def _models(field: FieldInfo) -> tuple[bool, list[type[shapes.Keys]]]:
    """The models below a key, and whether names come between."""
    found = [part for part in _parts(field.annotation) if isinstance(part, type) and issubclass(part, shapes.Keys)]
    return bool(found) and typing.get_origin(field.annotation) is dict, list(dict.fromkeys(found))


_SECTIONS: tuple[tuple[str, type[shapes.Keys], str], ...] = (
    ("The file", keys.ScenarioKeys, "Keys at the left margin. Further keys that begin with `x-` are passed over, as a place for anchors."),
    (
        "`target`",
        keys.TargetKeys,
        "Also under a call type, where it replaces the common aims; how the service level is counted is taken over from the common one.",
    ),
    ("`calls`, each name", keys.CallKeys, "One entry a call type, under a name of your choice."),
    ("`busyness`", keys.BusynessKeys, "Under a call type."),
    ("`redial`", keys.RedialKeys, "Under a call type. After an answer redials are counted anew."),
    ("`repeat`", keys.RepeatKeys, "Under a call type."),
    ("`callback`", keys.CallbackKeys, "Under a call type."),
    ("`overflow`", keys.OverflowKeys, "Under a call type."),
    (
        "A distribution",
        keys.DistributionKeys,
        "Under `handle_time`, `patience`, `notice`, and each `after`. A bare duration in their place is a constant.",
    ),
    ("`handle_time`, besides", keys.HandleTimeKeys, "The parts of a call, in place of its mean."),
    ("`patience`, besides", keys.PatienceKeys, "As planners know it, in place of its mean."),
    (
        "A CSV column",
        shapes.Column,
        "A row for each interval of a day, or of the whole path. Means are in seconds, or durations with a unit. Days of 23 and 25 hours "
        "take the rows of a day of 24 by the clock: rows of an hour left out are passed over, of one that comes twice taken twice. "
        "A number of calls a day is spread over a day of 24 hours first, evenly or by `profile`, and then goes the same way: with 600 a "
        "day spread evenly the day of 23 hours has 575 and that of 25 has 625.",
    ),
    (
        "`volume`, by the year",
        shapes.YearlyVolume,
        "In place of calls a day. The year's calls are shared out by month, and a month's by weekday among the days on which the centre "
        "opens, so that months add up exactly; the calls of a holiday come on the other days of its month.",
    ),
    (
        "`staff`, each name",
        keys.GroupKeys,
        "One entry a group. Given as positions on duty, a group has no shift, days, breaks or shrinkage.",
    ),
    ("`days_off`", keys.DaysOffKeys, "Under a group."),
    ("`learning`", keys.LearningKeys, "Under a group."),
    ("`roster`", keys.RosterKeys, "Under a group."),
    ("`shrinkage`, each name", keys.ShrinkageKeys, "One entry a category."),
    ("`lasts`", keys.LastsKeys, "Under a category of the kind absence; a bare duration is its mean."),
    ("`contingent`, each name", keys.PoolKeys, "One entry a pool of people on call at home; no shrinkage applies to them."),
    (
        "`activate`",
        keys.ActivateKeys,
        "Under a pool, one or a list. A pool is active from when a level is reached; each level asks its `call_up` when it is reached, "
        "once an activation. What is looked at is defined in [the rules of the floor](../rules-of-the-floor.md), section 7.",
    ),
    ("`release`", keys.ReleaseKeys, "Under a pool, one or a list. While any level is reached, a pool stays active."),
    ("`at_most`", keys.AtMostKeys, "Under a pool."),
    ("`pay`", keys.PayKeys, "Under a pool."),
    ("`premium`", keys.PremiumKeys, "Under `pay`, one or a list."),
    ("`ready`", keys.ReadyKeys, "Under a pool."),
    (
        "`events`, each name",
        keys.EventKeys,
        "One entry an event. Factors are on the base, and multiply where events overlap.",
    ),
    ("`call_again`", keys.CallAgainKeys, "Under an event with `serve: none`."),
    (
        "`known`",
        keys.KnownKeys,
        "What is left out stays with luck. Of people it counts shifts that begin on the first day; those whose shift has begun and who are "
        "not counted as away are taken to have logged in by then.",
    ),
    ("`cost`", keys.CostKeys, ""),
    ("`fte`", keys.FteKeys, ""),
    ("`schedule`", keys.ScheduleKeys, "Which shifts `ccsim schedule` may give, and to whom."),
    ("`lunch`", keys.LunchKeys, "Under `schedule`."),
    ("`short_breaks`", keys.ShortBreakKeys, "Under `schedule`."),
    ("`part_time`", keys.PartTimeKeys, "Under `schedule`."),
    ("`skills`, each name", keys.SkillKeys, "Under `schedule`."),
)

_HEAD = """# The scenario file

<!-- Written by `python -m ccsim.inputs.key_table`; change ccsim/inputs/keys/ instead. -->

A scenario is a YAML 1.2 file. A duration carries its units (`90 s`, `5 min`, `1 h 30 min`, `3 weeks`), a share is 0 to 1 or a percentage
(`90 %`), a clock time is `07:00`, and a span `07:00-21:00` may cross midnight. Numbers stand without quotes. In the keys and choices of
this page a hyphen counts as an underscore; names are any text. Files are named from the scenario's folder and lie in it or below.

Keys marked *not yet* belong to the scenario file but are refused by this version, with a sentence that says so.
*Start* is a value to begin with where you know nothing better; it is never assumed.
"""


def reference_page() -> str:
    """The reference page of the scenario file, in Markdown."""
    parts = [_HEAD]
    for heading, model, remark in _SECTIONS:
        parts.append(f"\n## {heading}\n" + (f"\n{remark}\n" if remark else ""))
        parts.append("\n| key | what | left out | start | meaning |\n|---|---|---|---|---|\n")
        inherited = (
            set(keys.DistributionKeys.model_fields)
            if model is not keys.DistributionKeys and issubclass(model, keys.DistributionKeys)
            else set()
        )
        for name, field in model.model_fields.items():
            if name not in inherited:
                row = _row(name, field, "")
                what = row.kind + (f" ({row.limits})" if row.limits else "")
                left_out = "*not yet*" if not row.built else "*required*" if row.required else row.default
                cells = [f"`{row.path}`", what, left_out, row.start, row.meaning]
                parts.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return "".join(parts)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the scenario file, for editors; it knows each key in its spelling with underscores."""
    schema = _pruned(keys.ScenarioKeys.model_json_schema(by_alias=True))
    schema["patternProperties"] = {"^x-": {}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "ccsim scenario"}


def _pruned(schema: Any) -> Any:
    """The schema without keys that are not built, without what only the table needs, and without nulls, which files may not hold."""
    if isinstance(schema, list):
        return [_pruned(part) for part in schema if part != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    found = {}
    for name, part in schema.items():
        if name in ("properties", "$defs"):
            found[name] = {inner: _pruned(told) for inner, told in part.items() if told.get("built") is not False}
        # Defaults are held in seconds and fractions, which is not how they are written.
        elif name not in ("built", "left_out", "start", "default", "title"):
            found[name] = _pruned(part)
    return found


def schema_text() -> str:
    """The JSON Schema as it is kept in a file."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def main(page: str, schema: str) -> None:
    """Write the reference page and the JSON Schema."""
    pathlib.Path(page).write_text(reference_page(), encoding="utf-8")
    pathlib.Path(schema).write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
