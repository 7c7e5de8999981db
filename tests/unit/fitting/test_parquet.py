"""Records in parquet, in the column types that databases and data frames give them."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ccsim.errors import InputError
from ccsim.fitting.records import looks_like_counts, read_calls, read_counts

CALLS = pd.DataFrame(
    {
        "arrival": pd.to_datetime(["2027-04-05T09:00", "2027-04-05T09:00:07.25", "2027-04-05T09:31", None], format="ISO8601"),
        "queue": pd.Categorical(["orders", "billing", "orders", "orders"]),
        "outcome": ["answered", "abandoned", "answered", "answered"],
        "wait": pd.array([0, 95, None, 4], dtype="Int64"),
        "talk": pd.to_timedelta([200.5, None, 3900.0, 10.0], unit="s"),
        "agent": ["ann", None, "ben", "ben"],
        "customer": np.array([17, 18, 17, 19]),
    }
)


def same(frame: pd.DataFrame) -> None:
    """These are the three calls that have an arrival."""
    assert frame["arrival"].tolist() == CALLS["arrival"].tolist()[:3]
    assert frame["call_type"].tolist() == ["orders", "billing", "orders"]
    assert frame["outcome"].tolist() == ["answered", "abandoned", "answered"]
    np.testing.assert_array_equal(frame["wait"].to_numpy(), [0.0, 95.0, np.nan])
    np.testing.assert_array_equal(frame["handle_time"].to_numpy(), [200.5, np.nan, 3900.0])
    assert frame["agent"].isna().tolist() == [False, True, False]
    assert frame["caller"].tolist() == ["17", "18", "17"]


def test_calls_keep_what_their_columns_say_whatever_the_types_of_these(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    CALLS.to_parquet(path)
    found = read_calls(path)
    same(found.frame)
    assert found.problems.sentences() == ["the arrival is missing or cannot be read: row 5; row left out"]
    same(read_calls(CALLS).frame)


def test_moments_of_a_zone_are_read_as_its_clock_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    CALLS.assign(arrival=CALLS["arrival"].dt.tz_localize("Europe/Berlin")).to_parquet(path)
    same(read_calls(path).frame)


def test_packed_in_small_groups_of_rows_with_finer_moments_and_bytes_the_calls_are_the_same(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.Table.from_pandas(CALLS, preserve_index=False)
    moments = CALLS["arrival"].astype("datetime64[ns]") + pd.Timedelta(1, "ns")
    table = table.set_column(0, "arrival", pa.array(moments, pa.timestamp("ns")))
    table = table.set_column(5, "agent", pa.array([None if pd.isna(name) else name.encode() for name in CALLS["agent"]], pa.binary()))
    parquet.write_table(table, tmp_path / "calls.pq", row_group_size=1, compression="gzip")
    same(read_calls(tmp_path / "calls.pq").frame)


def test_counts_by_interval_are_read_from_dates_times_and_decimals(tmp_path: Path) -> None:
    counts = pd.DataFrame(
        {
            "date": pd.to_datetime(["2027-04-05", "2027-04-05"]).date,
            "interval": [pd.Timestamp("2027-04-05 08:00").time(), pd.Timestamp("2027-04-05 08:30").time()],
            "calls offered": np.array([12, 15], dtype=np.uint16),
            "aht": pd.to_timedelta([301.0, 299.0], unit="s"),
            "avg wait": [None, 20.5],
        }
    )
    path = tmp_path / "counts.parquet"
    counts.to_parquet(path)
    assert looks_like_counts(path)
    frame = read_counts(path).frame
    assert frame["start"].tolist() == [pd.Timestamp("2027-04-05 08:00"), pd.Timestamp("2027-04-05 08:30")]
    assert frame["offered"].tolist() == [12.0, 15.0]
    assert frame["aht"].tolist() == [301.0, 299.0]
    np.testing.assert_array_equal(frame["mean_wait"].to_numpy(), [np.nan, 20.5])


def test_what_is_no_parquet_and_a_pyarrow_that_is_missing_are_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "calls.parquet"
    for content in (b"", b"arrival,wait\n", b"PAR1" + bytes(40) + b"PAR1"):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"calls\.parquet cannot be read as parquet"):
            read_calls(path)
    whole = importlib.import_module

    def without(name: str, package: str | None = None) -> object:
        if name.startswith("pyarrow"):
            raise ModuleNotFoundError(name)
        return whole(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(InputError, match=r"pip install 'ccsim\[parquet\]'"):
        read_calls(path)
