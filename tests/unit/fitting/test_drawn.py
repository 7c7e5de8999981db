"""Parameters drawn from where their estimates may lie: the laws, what is drawn together, and what is not drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ccsim.errors import InputError
from ccsim.fitting.drawn import Draws, draw_parameters, drawn
from ccsim.fitting.drawn_patience import patience_means
from ccsim.fitting.draws_file import drawn_scenarios, draws_text, read_draws
from ccsim.fitting.estimate import Estimate, Floats
from ccsim.fitting.fit import fit
from ccsim.fitting.patience import fit_patience
from ccsim.fitting.records import read_calls
from ccsim.fitting.written import scenario_text
from ccsim.inputs import loads

LIMITS = np.array([-1.959963984540054, 0.0, 1.959963984540054])


def even(name: str, count: int) -> Floats:
    """Evenly spread uniforms in an order that depends on the name."""
    order = np.argsort([hash((len(name), sum(map(ord, name)), place)) % 9973 for place in range(count)])
    return np.asarray((order + 0.5) / count)


@pytest.mark.parametrize(
    "estimate",
    [
        Estimate(4.0, 2.0, 16.0, "s", 9, "days"),
        Estimate(0.2, 0.05, 0.3, "share", 9, "days"),
        Estimate(0.08, 0.0, 0.2, "", 9, "days"),
        Estimate(0.0, 0.0, 0.2, "", 9, "days"),
        Estimate(0.9, 0.7, 0.999, "share", 9, "days"),
    ],
)
def test_a_drawn_number_has_its_estimate_and_limits_as_percentiles(estimate: Estimate) -> None:
    assert drawn(estimate, LIMITS) == pytest.approx([estimate.low, estimate.value, estimate.high])
    far = drawn(estimate, np.linspace(-6.0, 6.0, 101))
    assert (np.diff(far) >= 0).all()
    assert far.min() >= 0
    assert estimate.unit != "share" or far.max() <= 1


def waits(patience: Floats, offered: Floats) -> pd.DataFrame:
    """Calls of ten days that were answered after a wait or gave up before."""
    return pd.DataFrame(
        {
            "wait": np.round(np.minimum(patience, offered), 1),
            "outcome": np.where(patience < offered, "abandoned", "answered"),
            "arrival": pd.Timestamp("2027-03-01") + pd.to_timedelta(np.arange(len(patience)) % 10, unit="D"),
        }
    )


@pytest.mark.parametrize("family", ["weibull", "lognormal"])
def test_the_mean_that_goes_with_the_likeliest_cv_is_the_likeliest_mean(family: str) -> None:
    from scipy import special

    u, other = (np.arange(4000) + 0.5) / 4000, np.roll((np.arange(4000) * 1597 % 4000 + 0.5) / 4000, 7)
    patience = 300.0 * (-np.log(u)) ** 0.6 if family == "weibull" else 300.0 * np.exp(1.5 * special.ndtri(u))
    frame = waits(patience, -200.0 * np.log(other))
    found = fit_patience(frame)
    assert found is not None
    assert found.family == family
    likeliest, heavier = patience_means(frame, family, np.array([found.cv.value, 1.5 * found.cv.value]))
    assert likeliest == pytest.approx(found.mean.value, rel=0.01)
    assert heavier > likeliest


def records(days: Sequence[int]) -> pd.DataFrame:
    """Forty calls on each of these days of March, of two types; half of them wait, and some of those hang up."""
    rows = []
    for day in days:
        for number in range(40 + 3 * (day % 5)):
            wait = 0 if number % 2 else 5 + (number * 37 + day * 11) % 90
            gone = number % 6 == 0
            answered = None if gone else wait
            start = pd.Timestamp(f"2027-03-{day:02d} 09:00") + pd.Timedelta(seconds=(number * 601 + day * 77) % 14000)
            rows.append(
                {
                    "arrival": start,
                    "call_type": "sales: new" if number % 3 else "v1.5",
                    "outcome": "abandoned" if gone else "answered",
                    "wait": wait,
                    "handle_time": None if gone else 60 + (number * 53 + day * 29) % 200,
                    "agent": None if answered is None else f"a{number % 4}",
                }
            )
    return pd.DataFrame(rows)


def test_draws_go_through_a_file_and_names_may_hold_dots(tmp_path: Path) -> None:
    found = fit(read_calls(records(range(1, 27))))
    draws = draw_parameters(found, 8, even)
    path = tmp_path / "draws.json"
    path.write_text(draws_text(draws), encoding="utf-8")
    assert read_draws(path) == draws
    scenario = loads(scenario_text(found))
    played = drawn_scenarios(draws, scenario, "draws.json")
    assert len(played) == 8
    assert len({str(one.calls["v1.5"].handle_time) for one in played}) == 8


def spread_of(draws: Draws, key: str) -> float:
    """Relative spread of the calls of a week, or of a length of time (of the mean, or the first part where it is told in parts)."""
    key = next(known for known in draws.fitted if known.startswith(key))
    values = np.array([sum(map(float, one[key])) if isinstance(one[key], list) else float(one[key].split()[0]) for one in draws.sets])
    return float(values.std() / values.mean())


def test_fewer_days_are_drawn_more_widely() -> None:
    few, many = (draw_parameters(fit(read_calls(records(days))), 40, even) for days in (range(1, 5), range(1, 27)))
    for key in ("volume", "handle_time", "patience.mean"):
        assert spread_of(few, f"calls.sales: new.{key}") > 1.5 * spread_of(many, f"calls.sales: new.{key}"), key


def test_what_records_do_not_tell_is_said_and_busyness_is_drawn_about_its_starting_value() -> None:
    draws = draw_parameters(fit(read_calls(records(range(1, 4)))), 40, even)
    days = [float(one["calls.v1.5.busyness"]["day"]) for one in draws.sets]
    assert 0 < min(days) < 0.02
    assert 0.22 < max(days) < 0.24
    assert draws.fitted["calls.v1.5.busyness"] is None
    assert any("no weekday was seen often enough" in sentence for sentence in draws.held)


@pytest.mark.parametrize("count", [0, 4, 401])
def test_too_few_or_too_many_sets_are_refused(count: int) -> None:
    with pytest.raises(InputError, match="draws are asked for"):
        draw_parameters(fit(read_calls(records(range(1, 4)))), count, even)
