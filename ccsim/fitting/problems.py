"""What is wrong with rows of a file: told by number and reason, each reason counted, never passed over in silence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccsim.units import shown

if TYPE_CHECKING:
    import pandas as pd

KEPT = 1_000  # rows of each reason that are listed
ROW_OUT, CELL_OUT, KEPT_ALL = "row left out", "cell taken as empty", "kept"


@dataclass
class Problems:
    """Faults of rows, by reason; of each reason all are counted and the first thousand listed."""

    rows: list[tuple[int, str, str, str, str]] = field(default_factory=list)  # row, column, found, reason, effect
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)  # by reason and effect

    def add(self, row: int, column: str, found: str, reason: str, effect: str) -> None:
        """Note one fault."""
        self.counts[reason, effect] += 1
        if self.counts[reason, effect] <= KEPT:
            self.rows.append((row, column, found, reason, effect))

    def frame(self) -> pd.DataFrame:
        """The rows listed: `row` in the file, `column`, `found`, `reason`, `effect`."""
        import pandas as pd

        return pd.DataFrame(sorted(self.rows), columns=["row", "column", "found", "reason", "effect"])

    @property
    def left_out(self) -> int:
        """Rows that were not used."""
        return sum(count for (_, effect), count in self.counts.items() if effect == ROW_OUT)

    def sentences(self) -> list[str]:
        """One sentence a reason, with the first rows concerned."""
        said = []
        for (reason, effect), count in self.counts.most_common():
            some = [(row, found) for row, _, found, why, what in self.rows if (why, what) == (reason, effect)][:3]
            where = ", ".join(f"row {row}" + (f" ({shown(found, 30)})" if found else "") for row, found in some)
            more = f" and {count - len(some):,} more" if count > len(some) else ""
            said.append(f"{reason}: {where}{more}; {effect}")
        return said
