"""Days played beyond one machine, by the workers of a dask cluster (the extra `ccsim[cluster]`).

    with Cluster("tcp://10.0.0.5:8786"):
        result = ccsim.run(scenario, replications=1_000_000)

`connection.py` finds the cluster and sees that its workers are like this machine, `likeness.py` says in what they may differ, `parcel.py`
holds what is sent and what a worker does with it, and `handing_out.py` gives out the work and takes back the chunks, in order. dask is
imported when a cluster is used, never before.
"""

from __future__ import annotations

from ccsim.experiment.cluster.connection import Cluster

__all__ = ["Cluster"]
