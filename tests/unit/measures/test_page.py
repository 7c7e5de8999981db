"""The reference page of the measures."""

from __future__ import annotations

import pathlib

from ccsim.measures.definitions import MEASURES, PERCENTILES
from ccsim.measures.page import measures_page

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "reference" / "measures.md"


def test_the_reference_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == measures_page(), "run: python -m ccsim.measures.page docs/reference/measures.md"


def test_every_measure_stands_on_the_page() -> None:
    page = measures_page()
    shown = [measure.name for measure in MEASURES if measure.scopes != ("shrinkage",) and measure.scopes != ("pool_intervals",)]
    assert all(f"| `{name}` |" in page for name in (*shown, *PERCENTILES))
