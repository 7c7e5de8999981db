"""The certificates by which a cluster at `tls://...` knows this machine, looked at before anybody is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ccsim.errors import InputError
from ccsim.units import shown

_NEEDED: Final = ("ca-file", "client.cert")
_KEY: Final = "client.key"  # may stand in the file of the certificate


def check_certificates(address: str) -> None:
    """Raise `InputError` where the scheduler wants certificates and dask was not told of them, or cannot read what it was told of."""
    if not address.startswith("tls://"):
        return
    import dask
    from distributed.security import Security

    told = {name: dask.config.get(f"distributed.comm.tls.{name}", None) for name in (*_NEEDED, _KEY)}
    unset = [_variable(name) for name in _NEEDED if not told[name]]
    if unset:
        raise InputError(f"{address} is reached with certificates, and dask was not told of any: set {' and '.join(unset)} to their files")
    for name, path in told.items():
        if path and not Path(path).is_file():
            raise InputError(f"{_variable(name)} names {shown(path)}, and there is no such file")
    try:
        security: Any = Security
        security().get_connection_args("client")
    except OSError as fault:  # of which ssl's own faults are some
        raise InputError(f"the certificates for {address} cannot be used: {fault.strerror or fault}") from None


def _variable(name: str) -> str:
    """The environment variable that dask reads for an entry of its settings."""
    return f"DASK_DISTRIBUTED__COMM__TLS__{name.upper().replace('.', '__').replace('-', '_')}"
