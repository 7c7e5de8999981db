"""`ccsim erlang`: the calculator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ccsim.errors import InputError
from ccsim.units import parse_duration, parse_number, parse_share

if TYPE_CHECKING:
    from ccsim.theory.calculator import Description, Question
    from ccsim.theory.patience import Patience

# Column heads of the table, the measure in each, and what writes it (a function of ccsim.reporting.wording).
COLUMNS = (
    ("agents", "agents", "agents"),
    ("delayed", "delay_probability", "percent"),
    ("mean wait", "mean_wait", "wait"),
    ("speed of\nanswer", "average_speed_of_answer", "wait"),
    ("90 % wait\nat most", "wait_p90", "wait"),
    ("hung up", "abandoned_fraction", "percent"),
    ("blocked", "blocked_fraction", "percent"),
    ("occupancy", "occupancy", "percent"),
    ("attempts\na caller", "attempts_per_caller", "count"),
    ("never\nanswered", "lost_fraction", "percent"),
)
LEVELS = {
    "offered": "answered in time ÷ offered",
    "answered": "answered in time ÷ answered",
    "excluding_short_abandons": "answered in time ÷ (offered − short hang-ups)",
    "counting_short_abandons": "(answered in time + short hang-ups) ÷ offered",
}


class Parsed(click.ParamType):  # type: ignore[type-arg]
    """An option read by one of the parsers of `ccsim.units`; its sentence becomes the option's."""

    def __init__(self, name: str, parse: Any) -> None:
        self.name, self._parse = name, parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value in seconds, or as a number or share."""
        try:
            return self._parse(value) if isinstance(value, str) else value
        except InputError as fault:
            self.fail(str(fault), param, ctx)


DURATION, SHARE, NUMBER = Parsed("duration", parse_duration), Parsed("share", parse_share), Parsed("number", parse_number)


@click.command()
@click.option("--calls", type=NUMBER, required=True, help="Calls offered in the time given with --per.")
@click.option("--per", type=DURATION, required=True, help='The time those calls come in, such as "30 min".')
@click.option("--handle-time", type=DURATION, required=True, help="Mean talk, hold and wrap of a call.")
@click.option("--threshold", type=DURATION, default="20 s", show_default=True, help="The wait to keep under.")
@click.option("--agents", type=NUMBER, help="Agents on duty to describe; left out: the fewest that meet every target are found.")
@click.option("--patience", type=DURATION, help="Mean wait after which callers hang up; left out: nobody does.")
@click.option("--patience-dist", default="exponential", show_default=True, help="Law of the patience: exponential, lognormal, gamma, ...")
@click.option("--patience-cv", type=NUMBER, help="Its coefficient of variation; 1 unless told.")
@click.option("--lines", type=NUMBER, help="Lines, for calls in hand and waiting; left out: unlimited.")
@click.option("--redial", type=SHARE, help="Chance that a caller who hung up or got a busy signal calls again.")
@click.option("--shrinkage", type=SHARE, help="Share of paid scheduled time not on duty.")
@click.option("--target-share", type=SHARE, help="Share of the calls to answer within the threshold.")
@click.option("--target-asa", type=DURATION, help="Highest average speed of answer.")
@click.option("--target-abandoned", type=SHARE, help="Highest share of callers who hang up.")
@click.option("--max-occupancy", type=SHARE, help="Highest occupancy.")
@click.option("--variant", default="offered", show_default=True, help=f"Service level of the target: {', '.join(LEVELS)}.")
@click.option("--short-abandon", type=DURATION, default="0 s", show_default=True, help="Hang-ups up to this wait are short.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def erlang(as_json: bool, **asked: Any) -> None:
    """Describe a queue by formula, or find the fewest agents that meet every target given, and show what one more agent buys.

    Erlang C when nobody hangs up, Erlang A or M/M/n+G with a patience, Erlang B when there are as many lines as agents.

    Without agents or a target, 80 % within the threshold is looked for.
    """
    from ccsim.theory.calculator import describe

    question = _question(asked)
    answer = describe(question)
    if as_json:
        import json

        click.echo(json.dumps(answer.to_dict(), indent=2, allow_nan=False))
    else:
        _show(question, answer, asked["variant"])


def _question(asked: dict[str, Any]) -> Question:
    from ccsim.theory.calculator import Question

    if not asked["per"] > 0.0:
        raise InputError('--per is 0 s; give the time in which the calls come, such as "30 min"')
    return Question(
        arrival_rate=asked["calls"] / asked["per"],
        handle_time=asked["handle_time"],
        threshold=asked["threshold"],
        agents=asked["agents"],
        targets=_targets(asked),
        patience=_patience(asked),
        lines=asked["lines"],
        redial=asked["redial"] or 0.0,
        shrinkage=asked["shrinkage"] or 0.0,
        short_abandon=asked["short_abandon"],
    )


def _targets(asked: dict[str, Any]) -> Any:
    from ccsim.theory import Targets

    share = asked["target_share"]
    others = {
        "average_speed_of_answer": asked["target_asa"],
        "abandoned_fraction": asked["target_abandoned"],
        "occupancy": asked["max_occupancy"],
    }
    if share is None and asked["agents"] is None and not any(value is not None for value in others.values()):
        share = 0.8
    if share is None and all(value is None for value in others.values()):
        return None
    threshold = None if share is None else asked["threshold"]
    return Targets(threshold, share, asked["variant"], asked["short_abandon"], **others)


def _patience(asked: dict[str, Any]) -> Patience | None:
    from ccsim.theory import patience_law

    if asked["patience"] is None:
        if asked["patience_cv"] is not None or asked["patience_dist"] != "exponential":
            raise InputError("--patience-dist and --patience-cv need the mean: give --patience too")
        return None
    return patience_law(asked["patience"], asked["patience_dist"], asked["patience_cv"])


def _show(question: Question, answer: Description, variant: str) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from ccsim.reporting import wording
    from ccsim.reporting.tables import console

    out, summary = console(), answer.summary
    out.print(Text(f"{summary['model']}, {wording.count(summary['offered_load'])} erlangs", style="bold"))
    agents = wording.agents_words(answer.row["agents"])
    few = "is the fewest that meets" if agents == "1 agent" else "are the fewest that meet"
    found = "described" if question.agents is not None else f"{few} every target"
    after = f"; {wording.agents(summary['scheduled_agents'])} scheduled at {wording.percent(question.shrinkage)} shrinkage"
    out.print(Text(f"{agents} on duty {found}{after if question.shrinkage else ''}."))
    for note in answer.notes:
        out.print(Text(f"Note: {note}"))
    level = f"service_level_{variant.strip().lower().replace('-', '_').replace(' ', '_')}"
    columns = [*COLUMNS[:1], (f"within\n{wording.duration(question.threshold)}", level, "percent"), *COLUMNS[1:]]
    shown = [c for c in columns if c[1] in answer.row and (c[1] != "blocked_fraction" or question.lines) and _told(c[1], question)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head, _, _ in shown:
        table.add_column(head, justify="right")
    if answer.met is not None:
        table.add_column("target")
    for number, row in enumerate(answer.around):
        cells = [getattr(wording, write)(row[name]) for _, name, write in shown]
        met = [] if answer.met is None else ["met" if answer.met[number] else "missed"]
        table.add_row(*cells, *met, style="bold" if row["agents"] == answer.row["agents"] else None)
    out.print(table)
    out.print(Text(f"At {agents}, within {wording.duration(question.threshold)}:"))
    for name, words in LEVELS.items():
        out.print(Text(f"  {wording.percent(answer.row[f'service_level_{name}']):>8}  {words}"))


def _told(measure: str, question: Question) -> bool:
    return measure != "abandoned_fraction" or question.patience is not None
