"""A cluster whose machines show each other certificates."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ccsim.errors import InputError
from ccsim.experiment.cluster import Cluster
from ccsim.experiment.replicate import run
from tests.unit.experiment.centres import plain
from tests.unit.experiment.test_cluster import machines

pytest.importorskip("distributed")  # before its settings are changed
dask = pytest.importorskip("dask")
TLS = "distributed.comm.tls"


def told(folder: Path, **changed: Any) -> dict[str, Any]:
    """dask's settings of a machine that shows the certificate `node`."""
    files = {f"{TLS}.ca-file": folder / "ca.pem", f"{TLS}.client.cert": folder / "node.pem", f"{TLS}.client.key": folder / "node.key"}
    return {name: str(path) for name, path in files.items()} | {"distributed.comm.require-encryption": True} | changed


def test_certificates_that_dask_was_not_told_of_or_cannot_use_are_named_at_once(tmp_path: Path) -> None:
    address = "tls://127.0.0.1:8786"
    said = "set DASK_DISTRIBUTED__COMM__TLS__CA_FILE and DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT to their files"
    with dask.config.set({f"{TLS}.ca-file": None, f"{TLS}.client.cert": None}), pytest.raises(InputError, match=said), Cluster(address):
        pytest.fail("there were no certificates")
    (tmp_path / "ca.pem").write_text("no certificate")
    missing = "CLIENT__CERT names .*, and there is no such file"
    with dask.config.set(told(tmp_path)), pytest.raises(InputError, match=missing), Cluster(address):
        pytest.fail("there was no such file")
    for name in ("node.pem", "node.key"):
        (tmp_path / name).write_text("no certificate either")
    with dask.config.set(told(tmp_path)), pytest.raises(InputError, match=f"certificates for {address} cannot be used"), Cluster(address):
        pytest.fail("they were no certificates")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")
def test_machines_that_show_each_other_certificates_give_the_numbers_of_one(tmp_path: Path) -> None:
    def openssl(*asked: str) -> None:
        subprocess.run(["openssl", *asked], cwd=tmp_path, check=True, capture_output=True)

    new = ("req", "-newkey", "rsa:2048", "-nodes")
    openssl(*new, "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority")
    openssl(*new, "-keyout", "node.key", "-out", "node.csr", "-subj", "/CN=node")
    openssl("x509", "-req", "-in", "node.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "node.pem")
    certificates = [f"--tls-{name}={tmp_path / file}" for name, file in (("ca-file", "ca.pem"), ("cert", "node.pem"), ("key", "node.key"))]
    with machines(tmp_path, 1, certificates) as one, dask.config.set(told(tmp_path)):
        assert one.address.startswith("tls://")
        with Cluster(one.address, 60.0):
            there = run(plain(), 60)
    assert json.dumps(there.to_dict()) == json.dumps(run(plain(), 60).to_dict())
