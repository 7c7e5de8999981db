"""The days W1 and W2 as somebody who knows Ciw would write them."""

from __future__ import annotations


def play(patience: float | None, agents: int, seed: int) -> int:
    """Plays ten hours of 6,000 calls an hour; returns how many calls there were."""
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
    return len(simulation.get_all_records())
