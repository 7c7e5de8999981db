"""`ccsim forecast`: the calls of the days to come by interval, from counts of those past."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from ccsim.cli.record_options import record_options


@click.command()
@click.argument("counts", type=click.Path(), metavar="COUNTS")
@click.option("--from", "first", required=True, metavar="DATE", help="First day of the forecast; counts from then on are not looked at.")
@click.option("--to", "last", required=True, metavar="DATE", help="Last day of the forecast.")
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="Write it here: .csv, or .xlsx for a workbook.")
@click.option(
    "--holidays",
    metavar="FILE|COUNTRY",
    help="Holidays, past and to come: columns date, name, factor; or a country or part of one, such as DE-BY (extra [forecast]); or "
    "us-federal; or none. Left out, closed days of the record tell.",
)
@click.option("--events", type=click.Path(), metavar="FILE", help="Events, past and to come: columns date, name, from, to, factor.")
@click.option("--interval", metavar="TIME", help="Length of the intervals; that of the counts unless told.")
@click.option(
    "--method", type=click.Choice(["built-in", "structural", "auto"]), default="built-in", show_default=True,
    help="Law of the days: the built-in one; a structural time series (extra [forecast]); or whichever missed less on the record's past.",
)  # fmt: skip
@record_options("columns", "dates", "date", "sheet", "counted-at", of="COUNTS", example="offered=nco")
@click.option("--chart", type=click.Path(), metavar="PNG", help="Draw the days past and to come into this file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def forecast(
    counts: str,
    first: str,
    last: str,
    output: str | None,
    holidays: str | None,
    events: str | None,
    interval: str | None,
    method: str,
    columns: Sequence[str],
    dates: str | None,
    date: str | None,
    sheet: str | None,
    counted_at: str | None,
    chart: str | None,
    as_json: bool,
) -> None:
    """Forecast the calls of each interval from one day to another, with the band in which they lie 95 times in 100.

    COUNTS has a row an interval (or a call) of the weeks before. The method is tried on the record's own past, beside the mean of each
    weekday and interval over eight weeks.
    """
    # The matrices are small: threads would wait for each other longer than they work. Read when numpy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from ccsim.cli.fit import pairs
    from ccsim.fitting.forecasting.asked import forecast_file
    from ccsim.reporting.files import check_apart, check_writable
    from ccsim.reporting.forecast import check_output, forecast_chart, forecast_json, show_forecast, write_forecast

    check_apart((output, chart), (counts, holidays, events))
    if output is not None:
        check_output(output)
    if chart is not None:
        check_writable(chart)
    found = forecast_file(
        counts,
        first,
        last,
        holidays=holidays,
        events=events,
        interval=interval,
        method=method,
        columns=pairs("--columns", columns),
        dates=dates,
        date=date,
        sheet=sheet,
        counted_at=counted_at,
    )
    if output is not None:
        write_forecast(found, output)
    if chart is not None:
        forecast_chart(found, chart)
    if as_json:
        click.echo(forecast_json(found))
        return
    from ccsim.reporting.tables import console

    show_forecast(console(), found, output)
    for path, what in ((output, "The forecast"), (chart, "The chart")):
        if path is not None:
            click.echo(f"{what}: {path}", err=True)
