"""`ccsim now`: how many contingents to call at this moment."""

from __future__ import annotations

import click

from ccsim.errors import InputError
from ccsim.units import parse_clock, parse_counts, parse_duration, parse_share


@click.command()
@click.argument("file", type=click.Path())
@click.option("--at", required=True, metavar="CLOCK", help="The time, such as 10:40.")
@click.option("--waiting", required=True, metavar="N", help="Callers who wait: one number, or NAME=N for each call type, commas between.")
@click.option("--oldest", metavar="DURATION", help="How long the longest waiting has waited, such as 70 s; needed where somebody waits.")
@click.option("--agents", required=True, metavar="N", help="Agents on duty, not on a break: one number, or NAME=N for each group.")
@click.option("--on", default="0", show_default=True, metavar="N", help="Contingents on duty now: one number, or NAME=N for each pool.")
@click.option("--calls-so-far", metavar="N", help="First calls since opening: one number, or NAME=N for each call type.")
@click.option("--free", type=int, metavar="N", help="Agents without a call; left out, it is drawn where nobody waits.")
@click.option("--pool", metavar="NAME", help="The pool to call, where there are several.")
@click.option("--asked", type=int, default=0, show_default=True, metavar="N", help="How often each of the pool has been asked this week.")
@click.option("--activations-so-far", type=int, metavar="N", help="How often the pool has been called up; where it has `at_most`.")
@click.option("--hours-so-far", metavar="DURATION", help="How long its people have been on, all together; where it has `at_most`.")
@click.option("--level", default="20 %", show_default=True, metavar="SHARE", help="The chance to keep below.")
@click.option("--judge", type=click.Choice(["target", "anyone"]), help="A quarter hour misses the target, or anybody waits too long.")
@click.option("--by", type=click.Choice(["chance", "cost"]), default="chance", show_default=True, help="How the number is chosen.")
@click.option("--span", default="2 h", show_default=True, metavar="DURATION", help="How far to look ahead.")
@click.option("--futures", type=int, metavar="N", help="How many futures to play; as many as two seconds allow unless told.")
@click.option("--seed", type=int, default=1, show_default=True, metavar="S", help="Number that decides all luck.")
@click.option("--engine", type=click.Choice(["kernel", "simpy"]), default="kernel", show_default=True, help="Compiled, or readable.")
@click.option("--workers", type=int, metavar="W", help="Threads side by side; as many as there are cores unless told.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def now(
    file: str,
    at: str,
    waiting: str,
    oldest: str | None,
    agents: str,
    on: str,
    calls_so_far: str | None,
    free: int | None,
    pool: str | None,
    asked: int,
    activations_so_far: int | None,
    hours_so_far: str | None,
    level: str,
    judge: str | None,
    by: str,
    span: str,
    futures: int | None,
    seed: int,
    engine: str,
    workers: int | None,
    as_json: bool,
) -> None:
    """Say how many contingents to call now, from what the wall board shows, by playing the next two hours of the scenario in FILE."""
    from ccsim.contingent.now import now as ask
    from ccsim.inputs import load

    found = ask(
        load(file),
        _read("--at", at, parse_clock),
        _read("--waiting", waiting, parse_counts),
        _read("--agents", agents, parse_counts),
        None if oldest is None else _read("--oldest", oldest, parse_duration),
        _read("--on", on, parse_counts),
        calls_so_far=None if calls_so_far is None else _read("--calls-so-far", calls_so_far, parse_counts),
        free=free,
        pool=pool,
        asked=asked,
        activations=activations_so_far,
        logged_in=None if hours_so_far is None else _read("--hours-so-far", hours_so_far, parse_duration),
        level=_read("--level", level, parse_share),
        judge=judge,
        by=by,
        span=_read("--span", span, parse_duration),
        futures=futures,
        seed=seed,
        workers=workers,
        engine=engine,
    )
    from ccsim.reporting.now import now_json, show_now

    if as_json:
        click.echo(now_json(found))
    else:
        from ccsim.reporting.terminal import console

        show_now(console(), found)


def _read(option: str, text: str, reader):  # type: ignore[no-untyped-def]
    """A value of an option; the sentence of what is wrong with it names the option."""
    try:
        return reader(text)
    except InputError as error:
        raise InputError(f"{option}: {error}") from None
