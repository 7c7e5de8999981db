"""Six types and ninety agents: how much of pooling two skills an agent bring (Wallace & Whitt 2005, M&SOM 7(4))."""

from __future__ import annotations

from tests.simulation.worlds import agrees, played, seen

SIX = """
open: 00:00-24:00
days: 10
interval: 2 h
warm_up: 4 h
lines: 120
target: {wait: 30 s, share: 80 %}
calls:
"""
TYPES = [f"t{number}" for number in range(6)]


def centre(skills: int) -> str:
    """1.375 calls a minute of each type, 10 min exponential, fifteen agents whose first skill it is, 120 trunks, nobody hangs up."""
    lines = [f"  {name}: {{volume: 1980, handle_time: {{mean: 10 min, dist: exponential}}}}" for name in TYPES]
    lines.append("staff:")
    for number, name in enumerate(TYPES):
        others = [other for other in TYPES if other != name]
        takes = f"[{name}, [{', '.join(others)}]]" if skills == 6 else f"[{name}]"
        lines.append(f"  g{number}: {{agents: {[15] * 12}, takes: {takes}}}")
    return SIX + "\n".join(lines)


def test_agents_with_every_skill_come_to_one_pooled_queue() -> None:
    """With all six skills nobody is ever free while somebody waits: M/M/90/120, blocked .001981, mean wait .32093 min, delayed .30026.

    A simulation of 12 million calls, kept with the case: .00206, .324 min, .301 delayed, .175 for longer than half a minute.
    """
    result = played(centre(6), 48)
    agrees(seen(result, "blocked_fraction"), 0.001981311, 0.0008)
    agrees(seen(result, "mean_wait"), 0.32093288 * 60.0, 3.5)
    assert abs(seen(result, "over_threshold").mean - 0.175) < 0.012


def test_agents_with_one_skill_are_six_small_queues_that_share_trunks() -> None:
    """With one skill each, the case's simulation of 12 million calls: blocked .0311, wait 2.84 min, .507 wait longer than half a minute."""
    result = played(centre(1), 48)
    agrees(seen(result, "blocked_fraction"), 0.0311, 0.003)
    agrees(seen(result, "mean_wait"), 2.84 * 60.0, 8.0)
    offered, over = seen(result, "offered"), seen(result, "over_threshold")
    assert abs(over.mean - 0.507 * (1 - 0.0311)) < 0.02 or abs(over.mean - 0.507) < 0.02
    assert offered.mean > 0
