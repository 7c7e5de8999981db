"""Pictures of what records say: calls by interval, how days differ, handle times by interval, patience."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ccsim.reporting import style
from ccsim.units import WEEKDAYS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ccsim.fitting.by_interval import BySlot
    from ccsim.fitting.fit import Fit, TypeFit

Panel = tuple[str, str, Callable[["Axes"], None]]  # title, what it shows in words, and what draws it


def panels(found: Fit, one: TypeFit) -> list[Panel]:
    """The pictures of one call type."""
    drawn: list[Panel] = [
        ("Calls by interval", "mean calls by interval of each weekday, the busiest with its 95 % band.",
         lambda axes: profile_panel(axes, found, one)),
        ("Days", "calls of each day over what its weekday has on average, with the band in which plain Poisson would keep 95 of 100 days.",
         lambda axes: busyness_panel(axes, found, one)),
    ]  # fmt: skip
    handle = one.handle_time
    slots, mean = (handle.slots, handle.mean.value) if handle is not None else (one.counted_slots, one.counted["aht"])
    if slots is not None and mean > 0:
        words = (
            "mean handle time by interval of arrival with its 95 % interval, what the scenario has where intervals differ, and the mean."
        )
        drawn.append(("Handle time", words, lambda axes: handle_time_panel(axes, found, slots, mean)))
    if one.patience is not None:
        words = "share of callers still patient after a wait: Kaplan and Meier's curve with its band, and the exponential law."
        drawn.append(("Patience", words, lambda axes: patience_panel(axes, one)))
    return drawn


def fit_svgs(found: Fit, one: TypeFit) -> list[tuple[str, str, str]]:
    """The pictures of one call type, each by itself: title, what it shows in words, and the SVG."""
    from ccsim.reporting.pictures import panel_svg

    def alone(draw: Callable[[Axes], None]) -> Callable[[Axes], Axes]:
        def panel(axes: Axes) -> Axes:
            draw(axes)
            return axes

        return panel

    return [(title, words, panel_svg(f"f{place}", 3.0, alone(draw))) for place, (title, words, draw) in enumerate(panels(found, one))]


def profile_panel(axes: Axes, found: Fit, one: TypeFit) -> None:
    """Draw mean calls by slot of each weekday; the busiest with its band."""
    hours = np.arange(found.days.offered.shape[2]) * found.days.interval / 3600.0
    dashes = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
    busiest = int(one.demand.profile.sum(axis=1).argmax())
    for w in one.demand.weekdays:
        used = found.days.open_slots[w]
        axes.plot(hours[used], one.demand.profile[w][used], linestyle=dashes[w], linewidth=2.0 if w == busiest else 1.1, label=WEEKDAYS[w])
    used = found.days.open_slots[busiest]
    axes.fill_between(hours[used], one.demand.profile_low[busiest][used], one.demand.profile_high[busiest][used], **style.BAND)
    axes.set_title("Mean calls by weekday, the busiest with its 95 % band")
    axes.set_xlabel("clock time [h]")
    axes.set_ylabel(f"calls per {found.days.interval / 60:g} min")
    axes.set_ylim(bottom=0.0)
    axes.legend(fontsize=7, ncols=4)


def busyness_panel(axes: Axes, found: Fit, one: TypeFit) -> None:
    """Draw each day's calls over what its weekday has, with the band that plain Poisson would keep to."""
    factors = one.demand.factors
    known = np.isfinite(factors)
    axes.plot(np.flatnonzero(known), factors[known], "o", color=style.BLUE, markersize=3, label="day")
    expected = one.demand.profile.sum(axis=1)[found.days.weekday]
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(expected > 0, 1.96 / np.sqrt(expected), np.nan)
    axes.fill_between(np.arange(len(factors)), 1 - reach, 1 + reach, label="95 % of days, were they Poisson", **style.BAND)
    axes.set_title("Calls of each day over its weekday's mean")
    axes.set_xlabel(f"days from {found.days.dates[0]}")
    axes.legend(fontsize=7)


def handle_time_panel(axes: Axes, found: Fit, slots: BySlot, mean: float) -> None:
    """Draw the mean handle time by slot of arrival with its intervals, what is believed of each where slots differ, and the mean of all."""
    hours = np.arange(len(slots.mean)) * found.days.interval / 3600.0
    known = np.isfinite(slots.mean) & np.isfinite(slots.reach) & found.days.open_slots.any(axis=0)
    axes.errorbar(
        hours[known], slots.mean[known], yerr=slots.reach[known], fmt="o", markersize=3, color=style.BLUE, linewidth=0.8, label="recorded"
    )
    if slots.differs:
        axes.step(hours[known], slots.likely[known], where="mid", color=style.VERMILION, label="in the scenario")
    axes.axhline(mean, **style.TARGET)
    axes.set_title("Mean handle time by arrival, 95 % intervals")
    axes.set_xlabel("clock time [h]")
    axes.set_ylabel("seconds")
    axes.set_ylim(bottom=0.0)
    axes.legend(fontsize=7)


def patience_panel(axes: Axes, one: TypeFit) -> None:
    """Draw Kaplan and Meier's curve with its band, and the exponential law of the same waits."""
    patience = one.patience
    assert patience is not None
    waits, alive, low, high = patience.curve
    axes.step(waits, alive, where="post", color=style.BLUE, label="Kaplan and Meier")
    axes.fill_between(waits, low, high, step="post", **style.BAND)
    axes.plot(waits, np.exp(-waits / patience.exponential.value), color=style.VERMILION, linestyle="--", label="exponential")
    axes.set_title("Share still patient after a wait")
    axes.set_xlabel("wait [s]")
    axes.set_ylim(0.0, 1.02)
    axes.legend(fontsize=7)
