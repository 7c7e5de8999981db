"""Days on a cluster: the numbers of one machine, whoever is lost on the way; and a sentence for every way in which a cluster fails one.

The clusters are a scheduler and workers in processes of their own.
"""

from __future__ import annotations

import _thread
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ccsim.errors import InputError, ResultError, ScenarioError
from ccsim.experiment.cluster import Cluster, handing_out, likeness, parcel
from ccsim.experiment.compare import compare
from ccsim.experiment.replicate import run
from ccsim.experiment.workshop import Workshop
from ccsim.inputs.scenario import Scenario, load
from tests.house.sources import ROOT
from tests.unit.experiment.centres import PLAIN, plain, whole

DEADLINE = 120.0  # s that processes have to come up or to be seen, on a machine that does much else


def until(happened: Callable[[], Any], what: str) -> Any:
    """What `happened` gives, as soon as it is true."""
    deadline = time.monotonic() + DEADLINE
    while not (found := happened()):
        assert time.monotonic() < deadline, f"{what} took too long"
        time.sleep(0.05)
    return found


class Machines:
    """A scheduler and its workers, each a process; `certificates` are dask's options for those of both."""

    def __init__(self, folder: Path, certificates: Sequence[str] = ()) -> None:
        self.folder = folder
        self.certificates = certificates
        self.processes: list[subprocess.Popen[bytes]] = []
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        told = folder / "scheduler.json"
        options = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told), *(("--protocol", "tls") if certificates else ()))
        self.scheduler = self._start("dask_scheduler", *options)
        self.address: str = until(lambda: _told(told), "the scheduler")["address"]

    def add_worker(self, name: str, **environment: str) -> None:
        """Start a worker; it joins in its own time."""
        options = ("--name", name, "--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder / name))
        self.workers[name] = self._start("dask_worker", self.address, *options, **environment)

    def _start(self, module: str, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        known = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard", *self.certificates, *options],
            env={**known, "PYTHONPATH": str(ROOT), **environment},
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        """End every process."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


def _told(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


@contextmanager
def machines(folder: Path, workers: int, certificates: Sequence[str] = ()) -> Iterator[Machines]:
    """A cluster with so many workers."""
    started = Machines(folder, certificates)
    try:
        for number in range(workers):
            started.add_worker(f"worker-{number}")
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Two workers that no test takes away."""
    with machines(tmp_path_factory.mktemp("cluster"), 2) as started:
        yield started


def with_values(folder: Path) -> Scenario:
    """A scenario whose handle times lie in a file, which is gone by the time that it is played."""
    folder.mkdir()
    (folder / "seconds.csv").write_text("seconds\n" + "\n".join(map(str, range(60, 400, 7))) + "\n", encoding="utf-8")
    (folder / "centre.yaml").write_text(PLAIN.replace("{mean: 3 min}", "{values: seconds.csv}"), encoding="utf-8")
    scenario = load(folder / "centre.yaml")
    for file in folder.iterdir():
        file.unlink()
    return scenario


def test_a_cluster_gives_the_numbers_of_one_machine_to_the_last_bit(two: Machines, tmp_path: Path) -> None:
    filed = with_values(tmp_path / "elsewhere")
    pair = {"as it is": plain(), "one more": plain(("agents: 2", "agents: 3"))}
    with Cluster(two.address, DEADLINE):
        there = [run(whole(), replications=200), run(filed, replications=40), run(plain(), precision="4 pt"), compare(pair, 100)]
        readable = run(plain(), replications=20, engine="simpy")
    here = [run(whole(), replications=200), run(filed, replications=40), run(plain(), precision="4 pt"), compare(pair, 100)]
    assert [json.dumps(found.to_dict()) for found in there] == [json.dumps(found.to_dict()) for found in here]
    assert json.dumps(readable.to_dict()) == json.dumps(run(plain(), replications=20, engine="simpy").to_dict())


def test_what_goes_wrong_in_a_day_is_told_as_on_one_machine(two: Machines) -> None:
    endless = plain(("volume: 20", "volume: 600, balk: 100 %, redial: {chance: 1, after: {mean: 2 s}}"))
    with pytest.raises(ScenarioError, match="without end") as here:
        run(endless, replications=4)
    with Cluster(two.address, DEADLINE), pytest.raises(ScenarioError) as there:
        run(endless, replications=4)
    assert str(there.value) == str(here.value)


def test_of_several_scenarios_the_one_refused_is_named_by_its_file(two: Machines, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("fine.yaml", "endless.yaml")]
    files[0].write_text(PLAIN, encoding="utf-8")
    more = PLAIN.replace("volume: 20", "volume: 600, balk: 100 %, redial: {chance: 1, after: {mean: 2 s}}")
    files[1].write_text(more, encoding="utf-8")
    named = {file.stem: load(file) for file in files}
    with pytest.raises(ScenarioError, match=r"endless\.yaml.*without end") as here:
        compare(named, replications=4)
    with Cluster(two.address, DEADLINE), pytest.raises(ScenarioError) as there:
        compare(named, replications=4)
    assert str(there.value) == str(here.value)


def test_ctrl_c_keeps_what_was_finished_and_workers_give_up_the_rest(two: Machines) -> None:
    with Cluster(two.address, DEADLINE) as cluster:
        stopped = run(plain(), replications=10**6, progress=lambda done, total: _thread.interrupt_main() if done == 160 else None)
        assert stopped.interrupted
        assert 160 <= stopped.replications < 10**6
        assert cluster.lost is None
        assert stopped.measures.equals(run(plain(), replications=stopped.replications).measures)
        until(lambda: not any(cluster._client.processing().values()), "giving up")
    document = stopped.to_dict()
    del document["interrupted"]
    assert document == run(plain(), replications=stopped.replications).to_dict()


def test_a_lost_worker_leaves_no_trace_and_a_lost_cluster_keeps_what_was_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker is held still until days are in its hands and others are played, and killed then; the other in the next run."""
    lost: list[str] = []
    with machines(tmp_path, 2) as started, Cluster(started.address, DEADLINE) as cluster:
        until(lambda: len(cluster._client.nthreads()) == 2, "the second worker")
        victim, other = started.workers.values()

        def kill_in_the_middle() -> None:
            ours = {told["name"]: address for address, told in cluster._client.scheduler_info()["workers"].items()}
            lost.extend(until(lambda: cluster._client.processing()[ours["worker-0"]], "work in the hands of the one"))
            until(lambda: begun or cluster._client.has_what()[ours["worker-1"]], "work done by the other")
            victim.kill()

        begun: list[int] = []
        victim.send_signal(signal.SIGSTOP)
        killer = threading.Thread(target=kill_in_the_middle, daemon=True)
        killer.start()

        def kill_the_other(done: int, total: int) -> None:
            if done >= 160:
                monkeypatch.setattr(handing_out, "_ALONE", 2.0)
                other.kill()

        whole = run(plain(), replications=1000, progress=lambda done, total: begun.append(done))
        killer.join(DEADLINE)
        assert lost
        assert victim.wait(DEADLINE) == -signal.SIGKILL
        assert cluster.lost is None
        part = run(plain(), replications=10**6, progress=kill_the_other)
        assert cluster.lost is not None
        assert "no worker" in cluster.lost
        with pytest.raises(ResultError, match="no worker"):
            run(plain(), replications=10)
        started.scheduler.kill()
        monkeypatch.setattr(handing_out, "_ALONE", DEADLINE)
        with pytest.raises(ResultError, match="scheduler of the cluster is gone"):
            run(plain(), replications=10)
    assert whole.to_dict() == run(plain(), replications=1000).to_dict()
    assert part.interrupted
    assert part.replications >= 160
    document = part.to_dict()
    del document["interrupted"]
    assert document == run(plain(), replications=part.replications).to_dict()


def test_workers_that_run_something_else_are_named_before_anything_is_played(two: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {**likeness.versions(), "numba": "0.1"}
    monkeypatch.setattr(likeness, "versions", lambda: versions)
    with pytest.raises(InputError, match=r"tcp://.* has numba 0\.\d+\.\d+ \(here 0\.1\).*; tcp://.*constraints\.txt"), Cluster(two.address):
        pytest.fail("it was taken for one like this")


def test_a_cluster_without_workers_or_ccsim_is_told_what_it_lacks(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "ccsim.py").write_text("raise ModuleNotFoundError(\"No module named 'ccsim'\")\n", encoding="utf-8")
    with machines(tmp_path, 0) as started:
        sentence = f"no workers for 1 s; start some on every machine: dask worker {started.address}"
        with pytest.raises(InputError, match=sentence), Cluster(started.address, 1.0):
            pytest.fail("nobody was there")
        started.add_worker("without", PYTHONPATH=str(bare))
        with pytest.raises(InputError, match=r"No module named 'ccsim'.*pip install"), Cluster(started.address, DEADLINE):
            pytest.fail("it was taken for one like this")


def test_a_worker_that_comes_later_is_looked_at_by_its_first_task(monkeypatch: pytest.MonkeyPatch) -> None:
    workshop = Workshop(plain(), 1, "kernel")
    packed = parcel.pack(workshop)
    monkeypatch.setattr(parcel, "_address", lambda: "tcp://10.0.0.7:40001")
    assert parcel._open(packed).chunk_size == workshop.chunk_size
    monkeypatch.setattr(parcel, "numbers", lambda: "others")
    with pytest.raises(InputError, match=r"10\.0\.0\.7:40001 runs the same versions.*rounds"):
        parcel._open(packed)
    monkeypatch.setattr(parcel, "described", lambda: {**likeness.described(), "code of ccsim.engine": "others"})
    with pytest.raises(InputError, match=r"10\.0\.0\.7:40001 has other code under the same version of ccsim \(in ccsim\.engine\)"):
        parcel._open(packed)


def test_a_parcel_holds_no_file_names_and_plays_the_same_days(tmp_path: Path) -> None:
    scenario = with_values(tmp_path / "a place of its own")
    workshop = Workshop(scenario, 7, "kernel")
    packed = parcel.pack(workshop)
    assert b"a place of its own" not in pickle.loads(zlib.decompress(packed.content))[2]
    here, there = workshop.bench().chunk(16, 16), parcel._open(packed).bench().chunk(16, 16)
    assert here is not None
    assert there is not None
    assert pickle.dumps(here.moments) == pickle.dumps(there.moments)
    assert scenario.text == workshop.scenario.text != ""


def test_work_is_shared_in_small_tasks_first_and_in_tasks_of_a_second_or_so_later() -> None:
    class Idle:
        def nthreads(self) -> dict[str, int]:
            return {"tcp://a:1": 2, "tcp://b:1": 2}

    out = handing_out.HandingOut(Idle(), parcel.Parcel("", b""), threading.Event())  # type: ignore[arg-type]
    assert out._size() == 1
    out._seconds_a_chunk = 0.02
    sizes = []
    for _ in range(200):
        sizes.append(out._size())
        out._chunks_given += sizes[-1]
    assert sizes == sorted(sizes)
    assert sizes[:8] == [1] * 8
    assert sizes[-1] == 50
    out._seconds_a_chunk = 30.0
    assert out._size() == 1


@pytest.mark.parametrize("address", ["8786", "localhost", "http://10.0.0.5:8786", "tcp://:8786", "", "tcp://a:99999", "tcp://a:b"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match=r"where the address of a dask scheduler belongs, such as tcp://10\.0\.0\.5:8786"):
        Cluster(address)


def test_an_address_where_nobody_answers_is_told_after_a_while() -> None:
    """One port that nobody listens at, and one where somebody takes the connection and never says a word."""
    with socket.socket() as free, socket.socket() as mute:
        for one in (free, mute):
            one.bind(("127.0.0.1", 0))
        mute.listen()
        for one in (free, mute):
            address = f"127.0.0.1:{one.getsockname()[1]}"
            with pytest.raises(InputError, match=f"no dask scheduler answers at tcp://{address}"), Cluster(address, 0.5):
                pytest.fail("nobody was there")


def test_without_dask_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'ccsim\[cluster\]'"), Cluster("tcp://127.0.0.1:8786"):
        pytest.fail("there was no dask")
