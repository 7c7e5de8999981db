"""What commands that play days share: playing them on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from ccsim.errors import InputError

cluster_option = click.option(
    "--cluster", metavar="ADDRESS", help="Play the days on a dask cluster: the address of its scheduler, such as tcp://10.0.0.5:8786."
)


@contextmanager
def on_cluster(address: str | None, workers: int | None) -> Iterator[None]:
    """Within this block, days are played on the cluster at `address`; on this machine where that is None.

    Raises `InputError` where there is no such cluster, or where `workers` of this machine are asked for besides.
    """
    if address is None:
        yield
        return
    if workers is not None:
        raise InputError("--workers and --cluster are both given: a cluster's days are played by its own workers; leave one of them out")
    from ccsim.experiment.cluster import Cluster

    with Cluster(address) as cluster:
        try:
            yield
        finally:
            if cluster.lost is not None:
                click.echo(f"ccsim: {cluster.lost}", err=True)
