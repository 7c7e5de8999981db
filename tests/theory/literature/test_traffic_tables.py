"""The traffic tables of Erlang B that every telephone engineer had on the wall: blocked shares, and the load that n trunks carry.

The values have been printed in many places since the 1920s (V. B. Iversen, Teletraffic Engineering, 2015, table 4.1, for one).
"""

from __future__ import annotations

import pytest

from ccsim.theory import erlang_b, most_load, required_trunks


@pytest.mark.parametrize(
    "trunks, load, blocked",
    [
        (1, 1, 0.5),
        (2, 1, 0.2),
        (10, 5, 0.01838457),
        (16, 10, 0.022301872),
        (17, 10, 0.012948875),
        (5, 3, 0.110054348),
        (15, 12, 0.085729249),
        (20, 20, 0.158891962),
    ],
)
def test_traffic_tables_blocked_share(trunks: int, load: float, blocked: float) -> None:
    assert erlang_b(trunks, load) == pytest.approx(blocked, abs=1e-8)


def test_traffic_tables_capacity_at_1_percent() -> None:
    carried = most_load([1, 2, 5, 10, 20, 30, 50, 100], 0.01)
    assert list(carried) == pytest.approx([0.0101, 0.1526, 1.361, 4.461, 12.031, 20.337, 37.901, 84.064], abs=5e-4)


def test_traffic_tables_capacity_at_1_in_1000() -> None:
    assert list(most_load([10, 20, 50, 100], 0.001)) == pytest.approx([3.092, 9.411, 32.512, 75.242], abs=5e-4)


def test_traffic_tables_trunks_for_10_erlangs_at_2_percent() -> None:
    assert required_trunks(10.0, 0.02) == 17
