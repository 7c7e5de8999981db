"""Values in the tests of M. Marzolla's GNU Octave package queueing (5de78ea4: inst/qsmmm.m, inst/qsmmmk.m), taken from lecture notes."""

from __future__ import annotations

import pytest

from ccsim.theory import ErlangC, ImpatientQueue, station_chain


def test_marzolla_queueing_mmm() -> None:
    queue = ErlangC(9.0, 1 / 5, [2, 4])
    assert list(queue.mean_queue) == pytest.approx([7.673684, 0.105164], abs=1e-6)
    assert list(queue.mean_wait + 1 / 5) == pytest.approx([1.052632, 0.211685], abs=1e-6)


def test_marzolla_queueing_mmmk_40_30_3_7() -> None:
    queue = ImpatientQueue(40.0, 1 / 30, 3, None, lines=7)
    assert station_chain(40.0, 1 / 30, 3, 7)[0] == pytest.approx(0.255036878, abs=1e-9)
    assert queue.mean_wait + 1 / 30 == pytest.approx(0.036517008, abs=1e-9)


def test_marzolla_queueing_mmmk_50_10_4_6() -> None:
    assert ImpatientQueue(50.0, 1 / 10, 4, None, lines=6).blocked_fraction == pytest.approx(0.293542993, abs=1e-9)
