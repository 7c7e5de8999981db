"""The days W1 and W2 as somebody who knows Ciw would write them."""

from __future__ import annotations

THRESHOLD = 90.0


def play(patience: float | None, agents: int, seed: int) -> tuple[int, int, float]:
    """Plays ten hours of 6,000 calls an hour; returns how many there were, how many were answered in time, and the sum of all waits."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(60000.0 / 36000.0)],
        service_distributions=[ciw.dists.Exponential(1.0 / 300.0)],
        number_of_servers=[agents],
        reneging_time_distributions=[ciw.dists.Exponential(1.0 / patience)] if patience else None,
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(36000.0)
    records = simulation.get_all_records()
    within = sum(record.record_type == "service" and record.waiting_time <= THRESHOLD for record in records)
    return len(records), within, sum(record.waiting_time for record in records)
