"""How pictures look: colours that colour-blind readers tell apart, and line styles and hatches that tell things apart in grey."""

from __future__ import annotations

from typing import Any

# Okabe and Ito (2008), Color Universal Design; each with a lightness of its own
BLACK, SKY, GREEN, BLUE, VERMILION = "#000000", "#56B4E9", "#009E73", "#0072B2", "#D55E00"
GREY = "#6E6E6E"

CALLS: dict[str, Any] = {"facecolor": "#BFDDF0", "edgecolor": BLUE, "linewidth": 0.8}
HUNG_UP: dict[str, Any] = {"facecolor": VERMILION, "edgecolor": "white", "hatch": "////", "linewidth": 0.0}
ON_DUTY: dict[str, Any] = {"color": BLUE, "linewidth": 2.2, "linestyle": "-"}
REQUIRED: dict[str, Any] = {"color": BLACK, "linewidth": 1.6, "linestyle": (0, (4, 1.5))}
SCHEDULED: dict[str, Any] = {"color": GREY, "linewidth": 1.3, "linestyle": (0, (1, 1.2))}
OVER: dict[str, Any] = {"color": SKY, "alpha": 0.30, "linewidth": 0.0}
UNDER: dict[str, Any] = {"facecolor": "#F5C48E", "edgecolor": VERMILION, "hatch": "////", "linewidth": 0.0}
CONTINGENTS: dict[str, Any] = {"facecolor": "#A9DCCB", "edgecolor": GREEN, "hatch": "....", "linewidth": 0.0}
WAIT: dict[str, Any] = {"color": BLUE, "linewidth": 2.0, "linestyle": "-"}
BAND: dict[str, Any] = {"color": BLUE, "alpha": 0.22, "linewidth": 0.0}
DAYS: dict[str, Any] = {"color": "#E2E2E2", "linewidth": 0.0, "zorder": 0.6}
MISSED: dict[str, Any] = {"facecolor": "none", "edgecolor": "#E8A87C", "hatch": "\\\\\\\\", "linewidth": 0.0, "zorder": 0.5}
KEPT: dict[str, Any] = {"facecolor": BLUE, "edgecolor": BLUE, "linewidth": 0.8}
PLANNED: dict[str, Any] = {"facecolor": "#BFDDF0", "edgecolor": BLUE, "linewidth": 0.8}
UNPLANNED: dict[str, Any] = {"facecolor": "#F5C48E", "edgecolor": VERMILION, "hatch": "////", "linewidth": 0.0}
TARGET: dict[str, Any] = {"color": VERMILION, "linewidth": 1.6, "linestyle": (0, (6, 2))}

# Any, since matplotlib's own type for this is a list of every setting there is
SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "hatch.linewidth": 0.5,
    "savefig.dpi": 150,
}
