"""`ccsim backtest`: learn from one part of the records, predict the other, and say how well that went."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ccsim.cli.record_options import record_options


@click.command()
@click.option("--train", required=True, type=click.Path(), metavar="CALLS", help="Calls to learn from, one row a call.")
@click.option("--test", required=True, type=click.Path(), metavar="CALLS", help="Calls of other days, to be predicted.")
@click.option("--staff", type=click.Path(), metavar="FILE", help="Roster of the test days; left out, staff is read off the calls answered.")
@click.option("--activities", type=click.Path(), metavar="FILE", help="What activity codes of the roster mean: columns code and meaning.")
@record_options("columns", "outcomes", "leave-out", "dates", "date", date=" of --train")
@click.option("--test-date", metavar="DATE", help="The same of --test.")
@record_options("sheet")
@click.option("--interval", default="30 min", show_default=True, metavar="TIME", help="Length of the intervals compared.")
@click.option("--threshold", default="20 s", show_default=True, metavar="TIME", help="The wait of the service levels.")
@click.option("--short-abandon", default="5 s", show_default=True, metavar="TIME", help="Hang-ups sooner than this are short.")
@click.option("--replications", type=int, metavar="N", help="Paths of the test days to play, 40 or more; 100 unless told.")
@click.option("--seed", type=int, default=1, show_default=True, metavar="S", help="Number that decides all luck.")
@click.option("--workers", type=int, metavar="W", help="Threads side by side; as many as there are cores unless told.")
@click.option(
    "--given", type=click.Choice(["calls", "forecast"]), default="calls", show_default=True,
    help="Whether the test days' calls arrive as recorded, or are drawn from a forecast made of the training days.",
)  # fmt: skip
@click.option("--holidays", metavar="FILE|COUNTRY", help="Holidays for the forecast, as `ccsim forecast` takes them.")
@click.option("--causes/--no-causes", default=True, help="Play again with true ingredients put in, to say what is left unexplained.")
@click.option("--chart", type=click.Path(), metavar="FILE", help="Draw what was predicted beside what came: .png, .svg or .pdf.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def backtest(
    train: str,
    test: str,
    staff: str | None,
    activities: str | None,
    columns: Sequence[str],
    outcomes: Sequence[str],
    leave_out: Sequence[str],
    dates: str | None,
    date: str | None,
    test_date: str | None,
    sheet: str | None,
    interval: str,
    threshold: str,
    short_abandon: str,
    replications: int | None,
    seed: int,
    workers: int | None,
    given: str,
    holidays: str | None,
    causes: bool,
    chart: str | None,
    as_json: bool,
) -> None:
    """Learn from the calls in one file, predict those in another, and set beside it what came and what simpler models say.

    The test days' calls arrive as recorded, or with --given forecast as the training days foretell them; their staff is given. How long
    calls take, who takes what and when callers hang up is learned from the training days alone. Bands hold the luck of the calls and what
    the training days leave open.
    """
    from ccsim.cli.fit import pairs
    from ccsim.cli.progress import watching
    from ccsim.reporting.files import check_apart, check_writable
    from ccsim.units import parse_duration
    from ccsim.validation.asked import backtest_files

    check_apart((chart,), (train, test, staff, activities, holidays))
    if chart is not None:
        check_writable(chart)
    with watching("kernel") as progress:
        found = backtest_files(
            train,
            test,
            staff=staff,
            activities=activities,
            columns=pairs("--columns", columns),
            outcomes=pairs("--outcomes", outcomes),
            leave_out=[pairs("--leave-out", [one]) for one in leave_out],
            dates=dates,
            date=date,
            test_date=test_date,
            sheet=sheet,
            interval=parse_duration(interval),
            threshold=parse_duration(threshold),
            short=parse_duration(short_abandon),
            replications=replications,
            seed=seed,
            workers=workers,
            causes=causes,
            given=given,
            holidays=holidays,
            progress=progress,
        )
    from ccsim.reporting.backtest import backtest_chart, backtest_json, show_backtest

    if chart is not None:
        backtest_chart(found, chart)
    if as_json:
        click.echo(backtest_json(found))
    else:
        from ccsim.reporting.tables import console

        show_backtest(console(), found)
    if chart is not None:
        click.echo(f"The chart: {chart}", err=True)
