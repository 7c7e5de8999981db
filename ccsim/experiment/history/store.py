"""The history in SQLite: one file, one transaction for what is kept together, any number of processes.

The file is in write-ahead mode: readers and the one writer do not wait for each other, and a process killed at any moment leaves either
the whole of what it kept or nothing. `application_id` says whose file it is, `user_version` which shape it has.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from ccsim.experiment.history.place import ENVIRONMENT, HistoryError
from ccsim.experiment.history.records import Record

SHAPE: Final = 1
APPLICATION: Final = 0x63637369  # "ccsi"
PATIENCE: Final = 5.0  # seconds that a writer waits for another

_TABLES = """
create table scenarios (hash text primary key, title text not null, text text not null) without rowid;
create table files (hash text primary key, content blob not null) without rowid;
create table scenario_files (
    scenario text not null references scenarios (hash), name text not null, file text not null references files (hash),
    primary key (scenario, name)
) without rowid;
create table runs (
    number integer primary key autoincrement, kept_at text not null, command text not null, file text,
    scenario text not null references scenarios (hash), exact integer not null, seed text not null, replications integer not null,
    engine text not null, interrupted integer not null, asked text not null, versions text not null, lead text not null,
    document blob not null
);
"""
_HEADS = "number, kept_at, command, title, file, seed, replications, engine, interrupted, asked, versions, lead, scenario"


class History:
    """An open history; a context manager. Raises `HistoryError` with a sentence for whatever is wrong with the file."""

    def __init__(self, path: Path, create: bool = False) -> None:
        self.path = path
        with self._told():
            if create:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            elif not path.exists():
                raise HistoryError(f"there is no history at {path} yet; `ccsim run` keeps its runs there")
            self._connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        try:
            with self._told():
                self._prepare(create)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> History:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def keep(self, records: Sequence[Record]) -> list[int]:
        """Keeps runs, all or none of them, and gives their numbers."""
        # What takes time is done before the file is locked.
        prepared = [(record, record.hash, zlib.compress(_json(record.document).encode(), 6)) for record in records]
        with self._told(), self._transaction():
            return [self._keep(*one) for one in prepared]

    def _keep(self, record: Record, scenario: str, document: bytes) -> int:
        run = self._connection.execute
        run("insert or ignore into scenarios values (?, ?, ?)", (scenario, record.title, record.text))
        for name, content in record.files.items():
            import hashlib

            file = hashlib.sha256(content).hexdigest()
            run("insert or ignore into files values (?, ?)", (file, zlib.compress(content, 6)))
            run("insert or ignore into scenario_files values (?, ?, ?)", (scenario, name, file))
        number = run(
            "insert into runs (kept_at, command, file, scenario, exact, seed, replications, engine, interrupted, asked, versions, lead, "
            "document) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.kept_at.isoformat(timespec="seconds"), record.command, record.file, scenario, record.exact, str(record.seed),
                record.replications, record.engine, record.interrupted, _json(record.asked), _json(record.versions), _json(record.lead),
                document,
            ),
        ).lastrowid  # fmt: skip
        assert number is not None
        return number

    def heads(self, most: int, commands: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The latest runs, newest first: number, kept_at, command, title, file, seed, replications, engine, interrupted, asked, versions,
        lead and the scenario's hash. `commands` are those to be listed; all where left out."""
        wanted = f"where command in ({', '.join('?' * len(commands))})" if commands else ""
        query = f"select {_HEADS} from runs join scenarios on hash = scenario {wanted} order by number desc limit ?"
        with self._told():
            rows = self._connection.execute(query, (*commands, most)).fetchall()
        heads = [dict(zip(_HEADS.split(", "), row, strict=True)) for row in rows]
        for head in heads:
            head.update(seed=int(head["seed"]), interrupted=bool(head["interrupted"]))
            head.update({name: json.loads(head[name]) for name in ("asked", "versions", "lead")})
        return heads

    def count(self) -> int:
        """Number of runs kept."""
        with self._told():
            return int(self._connection.execute("select count(*) from runs").fetchone()[0])

    def run(self, number: int) -> Record:
        """The run of that number; raises `HistoryError` where there is none."""
        with self._told():
            row = self._connection.execute(
                "select kept_at, command, title, file, text, exact, seed, replications, engine, interrupted, asked, versions, document, "
                "scenario from runs join scenarios on hash = scenario where number = ?",
                (number,),
            ).fetchone()
            if row is None:
                first, last = self._connection.execute("select min(number), max(number) from runs").fetchone()
                hint = "none is kept yet" if last is None else f"they are numbered {first} to {last}; `ccsim runs` lists them"
                raise HistoryError(f"the history at {self.path} has no run {number}; {hint}")
            *told, scenario = row
            files = self._connection.execute(
                "select name, content from scenario_files join files on hash = file where scenario = ?", (scenario,)
            ).fetchall()
            kept_at, command, title, file, text, exact, seed, replications, engine, interrupted, asked, versions, document = told
            return Record(
                number=number,
                kept_at=dt.datetime.fromisoformat(kept_at),
                command=command,
                title=title,
                file=file,
                text=text,
                files={name: zlib.decompress(content) for name, content in files},
                exact=bool(exact),
                seed=int(seed),
                replications=replications,
                engine=engine,
                interrupted=bool(interrupted),
                asked=json.loads(asked),
                versions=json.loads(versions),
                document=json.loads(zlib.decompress(document)),
            )

    def _prepare(self, create: bool) -> None:
        application, shape, empty = self._state()
        if empty and create:
            self._write_ahead()
            with self._transaction():
                application, shape, empty = self._state()
                if empty:  # nobody else has made it meanwhile
                    for statement in _TABLES.split(";"):
                        self._connection.execute(statement)
                    self._connection.execute(f"pragma application_id = {APPLICATION}")
                    self._connection.execute(f"pragma user_version = {SHAPE}")
            application, shape, empty = self._state()
        if application != APPLICATION and not empty:
            raise HistoryError(f"{self.path} is a database of something else; name another file in {ENVIRONMENT}")
        if shape > SHAPE:
            raise HistoryError(
                f"the history at {self.path} was made by a later version of ccsim (shape {shape}; this one knows {SHAPE}); use that one, "
                f"or name another file in {ENVIRONMENT}"
            )
        if empty:
            raise HistoryError(f"the history at {self.path} holds nothing yet; `ccsim run` keeps its runs there")
        self._connection.execute("pragma synchronous = full")
        self._connection.execute("pragma foreign_keys = on")

    def _state(self) -> tuple[int, int, bool]:
        """Whose file it is, its shape, and whether there is nothing in it."""
        application, shape, tables = (
            int(self._connection.execute(question).fetchone()[0])
            for question in ("pragma application_id", "pragma user_version", "select count(*) from sqlite_master")
        )
        return application, shape, tables == 0 and application in (0, APPLICATION)

    def _write_ahead(self) -> None:
        """Turns on write-ahead mode; the turn itself does not wait for another process, so it is tried again."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._connection.execute("pragma journal_mode = wal")
                return
            except sqlite3.OperationalError as fault:
                if "locked" not in str(fault) or time.monotonic() > until:
                    raise
                time.sleep(0.02)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("begin immediate")
        try:
            yield
            self._connection.execute("commit")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever goes wrong with the file, as a sentence."""
        try:
            yield
        except (sqlite3.Error, OSError, zlib.error, ValueError) as fault:
            raise HistoryError(self._sentence(fault)) from None

    def _sentence(self, fault: Exception) -> str:
        said = str(fault).lower()
        if isinstance(fault, sqlite3.OperationalError) and ("locked" in said or "busy" in said):
            return f"the history at {self.path} has been in use by another program for {PATIENCE:.0f} s; try again later"
        if "readonly" in said or "read-only" in said or isinstance(fault, PermissionError) or "unable to open" in said:
            return f"the history at {self.path} cannot be written or read there; name a file in a folder of your own in {ENVIRONMENT}"
        if "full" in said:
            return f"the history at {self.path} cannot grow: the disk is full"
        if isinstance(fault, OSError):
            return (
                f"the history at {self.path} cannot be used ({(fault.strerror or str(fault)).lower()}); name another file in {ENVIRONMENT}"
            )
        return f"the history at {self.path} is damaged, or no history at all ({said}); move it away, or name another file in {ENVIRONMENT}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def size_of(path: Path) -> int:
    """Bytes that a history takes on the disk, what is written ahead included."""
    return sum(os.path.getsize(name) for name in (path, Path(f"{path}-wal")) if name.exists())


def is_sound(path: Path) -> bool:
    """Whether SQLite finds no fault in the file."""
    with closing(sqlite3.connect(path)) as connection:
        return bool(connection.execute("pragma integrity_check").fetchone()[0] == "ok")
